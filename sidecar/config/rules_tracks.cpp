// SPDX-License-Identifier: Apache-2.0
//
// Rules of `[[track]]`, and whether what they do to a node can ever move an address. The latter is
// arithmetic: an address moves when the best node's priority falls below the next one's (RFC 9568
// section 6.4.3; an equal one does not preempt), or to 1.
#include "sidecar/config/rules.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace havip::config {
namespace {

/// What two tracks may not have in common; empty where nothing is.
std::string subject_of(const Rulebook& book, std::size_t index) {
  const auto& track = book.config.tracks[index];
  if (const auto* const backend = std::get_if<TrackBackend>(&track.what)) {
    return book.places.has(path_of("track", index, "at_least")) || backend->backend.empty()
               ? ""
               : "backend " + backend->backend;
  }
  if (const auto* const gateway = std::get_if<TrackGateway>(&track.what)) {
    return gateway->gateway.is_unspecified() ? "" : "gateway " + gateway->gateway.to_string();
  }
  return {};
}

void check_subjects(const Rulebook& book) {
  std::map<std::string, std::string> seen;
  for (std::size_t i = 0; i < book.config.tracks.size(); ++i) {
    const auto subject = subject_of(book, i);
    if (subject.empty()) {
      continue;
    }
    const auto path = path_of("track", i, subject.substr(0, subject.find(' ')));
    const auto [first, fresh] = seen.emplace(subject, path);
    if (!fresh) {
      book.refuse(
          path,
          subject + " is tracked in " + book.where(first->second) + " already; once is allowed");
    }
  }
}

/// Whose address of ours this is, as "an address of virtual router public"; empty for others.
std::string owner_of(const Config& config, const IpAddress& address) {
  for (const auto& router : config.virtual_routers) {
    const auto same = [&](const Prefix& prefix) {
      return prefix.address == address;
    };
    if (std::ranges::any_of(router.addresses, same)) {
      return "an address of virtual router " + router.name;
    }
  }
  const auto node = std::ranges::find(config.nodes, address, &Node::address);
  return node == config.nodes.end() ? std::string{} : "node " + node->name + "'s own address";
}

void check_gateways(const Rulebook& book) {
  constexpr auto allowed = "; the address of a router or of another host is allowed";
  for (std::size_t i = 0; i < book.config.tracks.size(); ++i) {
    const auto path = path_of("track", i, "gateway");
    const auto* const track = std::get_if<TrackGateway>(&book.config.tracks[i].what);
    if (track == nullptr || !book.places.has_good(path)) {
      continue;
    }
    auto text = "gateway " + track->gateway.to_string();
    text += ' ';
    const std::string unfit{unfit_for_host(track->gateway)};
    const auto owner = owner_of(book.config, track->gateway);
    if (!unfit.empty()) {
      text += unfit;
      book.refuse(path, text + allowed);
    } else if (!owner.empty()) {
      text += "is " + owner;
      book.refuse(path, text + allowed);
    } else if (track->gateway.is_link_local()) {
      book.refuse(path,
                  text +
                      "is link-local and means another host on each interface; an address with "
                      "a route to it is allowed");
    }
  }
}

/// A node as one virtual router sees it.
struct Candidate {
  const Node* node;
  int priority;
};

/// The two best nodes of a virtual router; empty where there are no two, or priorities are wrong.
std::optional<std::pair<Candidate, Candidate>> best_two(const Config& config,
                                                        const VirtualRouter& router) {
  std::vector<Candidate> candidates;
  for (const auto& node : config.nodes) {
    const auto* const own = router.priority ? router.priority->find(node.name) : &node.priority;
    if (own == nullptr) {
      return std::nullopt;
    }
    candidates.push_back({&node, own->value});
  }
  if (candidates.size() < 2) {
    return std::nullopt;
  }
  std::ranges::stable_sort(candidates, std::ranges::greater{}, &Candidate::priority);
  return std::pair{candidates[0], candidates[1]};
}

const Otherwise* otherwise_of(const Track& track) {
  return std::visit([](const auto& what) { return &what.otherwise; }, track.what);
}

/// What a track takes from the priority when it fails; empty when it does something else.
std::optional<int> lower_of(const Track& track) {
  const auto* const lower = std::get_if<Lower>(otherwise_of(track));
  return lower == nullptr ? std::nullopt : std::optional<int>{lower->by};
}

int sum_of_lowers(const Config& config) {
  int sum = 0;
  for (const auto& track : config.tracks) {
    sum += lower_of(track).value_or(0);
  }
  return sum;
}

std::string number(int value) {
  return std::to_string(value);
}

/// Why the failure of a track that lowers the priority by `lower` does not move the addresses of
/// this virtual router; empty when it does.
std::string idle_because(const Config& config, const VirtualRouter& router, int lower) {
  const auto nodes = best_two(config, router);
  if (!nodes) {
    return {};
  }
  const auto& [best, next] = *nodes;
  const auto left = [&](int amount) {
    return std::max<int>(best.priority - amount, vrrp::yield_priority.value);
  };
  const int gap = best.priority - next.priority;
  const auto text = "lower = " + number(lower) + " leaves " + best.node->name + " at " +
                    number(left(lower)) + " of " + number(best.priority) + " for \"" + router.name +
                    "\"";
  if (!router.preempt && left(lower) > vrrp::yield_priority.value) {
    return text +
           ", and with preempt = false only a node at priority 1 is relieved: by itself "
           "this never moves its addresses; \"yield\" would";
  }
  if (left(lower) < next.priority) {
    return {};
  }
  auto because = text + ", and " + next.node->name + " has " + number(next.priority) +
                 ": by itself this never moves its addresses";
  if (const int sum = sum_of_lowers(config); sum != lower && left(sum) >= next.priority) {
    because += ", nor do all lowers together (" + number(sum) + ")";
  }
  if (next.priority == vrrp::yield_priority.value) {
    return because;  // nor does anything else, see warn_of_priority_one()
  }
  return because + "; more than " + number(gap) + ", or \"yield\", would";
}

/// A node that yields or is drained is at priority 1 too, and an equal one does not preempt.
void warn_of_priority_one(const Rulebook& book) {
  const auto& config = book.config;
  for (std::size_t i = 0; i < config.virtual_routers.size(); ++i) {
    const auto& router = config.virtual_routers[i];
    const auto nodes = best_two(config, router);
    if (!nodes || nodes->second.priority != vrrp::yield_priority.value) {
      continue;
    }
    const auto* const next = nodes->second.node;
    const auto index = static_cast<std::size_t>(next - config.nodes.data());
    book.warn(router.priority ? path_of("virtual_router", i, "priority")
                              : path_of("node", index, "priority"),
              next->name + " has priority 1 for \"" + router.name +
                  "\", as has a node that yields: " + nodes->first.node->name +
                  " keeps the addresses however unwell it is, unless it fails; 2 or more would "
                  "let " +
                  next->name + " take over");
  }
}

}  // namespace

void check_tracks(const Rulebook& book) {
  check_subjects(book);
  check_gateways(book);
}

void check_failover(const Rulebook& book) {
  const auto& config = book.config;
  warn_of_priority_one(book);
  for (std::size_t i = 0; i < config.tracks.size(); ++i) {
    const auto lower = lower_of(config.tracks[i]);
    if (!lower) {
      continue;
    }
    for (const auto& router : config.virtual_routers) {
      if (auto because = idle_because(config, router, *lower); !because.empty()) {
        book.warn(path_of("track", i, "otherwise.lower"), std::move(because));
      }
    }
  }
}

}  // namespace havip::config
