// SPDX-License-Identifier: Apache-2.0
//
// Virtual routers that move together: IPv4 and IPv6, or the front and the back of the same nodes.
// All of a group are Active or none is. One that would claim waits until all the others would too;
// one that cannot take part takes the rest along.
#include "sidecar/engine/engine.hpp"

#include <algorithm>

namespace havip::engine {

/// Why the first of each group that cannot be Active cannot; groups that could are left out.
std::map<std::string, std::string> Engine::group_problems() const {
  std::map<std::string, std::string> problems;
  for (const auto& [group, members] : groups_) {
    for (const auto member : members) {
      const auto& router = routers_[member];
      if (const auto problem = router.link_problem(); !problem.empty()) {
        auto why = problem + ", which ";
        why += router.settings().name;
        why += " of group ";
        problems.emplace(group, why + group + " needs");
        break;
      }
    }
  }
  return problems;
}

Actions Engine::settle_groups(Instant now) {
  Actions actions;
  for (const auto& [name, members] : groups_) {
    append(actions, settle_group(members, now));
  }
  return actions;
}

Actions Engine::settle_group(const std::vector<std::size_t>& members, Instant now) {
  Actions actions;
  const auto reluctant = std::ranges::find_if(members, [&](std::size_t member) {
    return !routers_[member].holds() && !routers_[member].is_ready();
  });
  for (const auto member : members) {
    auto& router = routers_[member];
    if (reluctant == members.end() && router.is_ready()) {
      append(actions, router.claim(now));
    } else if (reluctant != members.end() && router.holds()) {
      const auto& other = routers_[*reluctant].settings();
      append(actions,
             router.follow_group(other.name + " of group " + *other.group + " is not active", now));
    }
  }
  return actions;
}

}  // namespace havip::engine
