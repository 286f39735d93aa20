// SPDX-License-Identifier: Apache-2.0
//
// The virtual routers of a group are Active together or not at all. With priorities that differ,
// or with another will to preempt, each of them would pull to another node.
#include "sidecar/config/duration.hpp"
#include "sidecar/config/rules.hpp"

#include <map>
#include <string>
#include <string_view>

namespace havip::config {
namespace {

/// The first virtual router of a group and a later one.
struct Pair {
  const Rulebook& book;
  std::size_t first;
  std::size_t second;

  [[nodiscard]] const VirtualRouter& router(std::size_t index) const {
    return book.config.virtual_routers[index];
  }

  /// Both values are as in the file: given and accepted, or left out.
  [[nodiscard]] bool is_good(std::string_view key) const {
    const auto good = [&](std::size_t index) {
      const auto path = path_of("virtual_router", index, key);
      return !book.places.has(path) || book.places.has_good(path);
    };
    return good(first) && good(second);
  }

  /// Says at the second one's `key` what it is and what the first one has; `label` names it.
  void refuse(const std::string& key,
              const std::string& label,
              const std::string& mine,
              const std::string& theirs) const {
    book.refuse(path_of("virtual_router", second, key),
                label + " of " + quoted(router(second).name) + " is " + mine + ", but " + theirs +
                    " of " + quoted(router(first).name) + " in " +
                    book.where(path_of("virtual_router", first, key)) + ", and group " +
                    quoted(*router(second).group) + " moves as one; the same value is allowed");
  }
};

/// Null where the value was refused, or is missed elsewhere.
const vrrp::Priority* priority_of(const Pair& pair, std::size_t router, std::size_t node) {
  const auto& own = pair.router(router).priority;
  const auto& nodes = pair.book.config.nodes;
  if (own) {
    return own->find(nodes.empty() ? std::string_view{} : nodes[node].name);
  }
  const auto path = path_of("node", node, "priority");
  const bool wrong = pair.book.places.has(path) && !pair.book.places.has_good(path);
  return nodes.empty() || wrong ? nullptr : &nodes[node].priority;
}

void check_priorities(const Pair& pair) {
  if (!pair.is_good("priority")) {
    return;
  }
  const auto& nodes = pair.book.config.nodes;
  for (std::size_t node = 0; node == 0 || node < nodes.size(); ++node) {
    const auto* const mine = priority_of(pair, pair.second, node);
    const auto* const theirs = priority_of(pair, pair.first, node);
    if (mine == nullptr || theirs == nullptr || *mine == *theirs) {
      continue;
    }
    const bool alone = nodes.empty();
    pair.refuse(alone ? "priority" : "priority." + nodes[node].name,
                alone ? "priority" : "priority on " + nodes[node].name,
                std::to_string(mine->value),
                std::to_string(theirs->value));
    return;
  }
}

void check_preemption(const Pair& pair) {
  const auto& mine = pair.router(pair.second);
  const auto& theirs = pair.router(pair.first);
  const auto word = [](bool flag) {
    return std::string{flag ? "true" : "false"};
  };
  if (mine.preempt != theirs.preempt && pair.is_good("preempt")) {
    pair.refuse("preempt", "preempt", word(mine.preempt), word(theirs.preempt));
  }
  if (mine.preempt_delay != theirs.preempt_delay && pair.is_good("preempt_delay")) {
    pair.refuse("preempt_delay",
                "preempt_delay",
                quoted(to_string(mine.preempt_delay)),
                quoted(to_string(theirs.preempt_delay)));
  }
}

}  // namespace

void check_groups(const Rulebook& book) {
  std::map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < book.config.virtual_routers.size(); ++i) {
    const auto& group = book.config.virtual_routers[i].group;
    if (!group) {
      continue;
    }
    const auto [first, fresh] = seen.emplace(*group, i);
    if (!fresh) {
      const Pair pair{book, first->second, i};
      check_priorities(pair);
      check_preemption(pair);
    }
  }
}

}  // namespace havip::config
