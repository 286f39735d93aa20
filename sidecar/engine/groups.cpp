// SPDX-License-Identifier: Apache-2.0
//
// Virtual routers that move together: IPv4 and IPv6, or the front and the back of the same nodes.
// All of a group are Active or none is. One that would claim waits until all the others would too;
// one that cannot take part takes the rest along.
#include "sidecar/engine/engine.hpp"

#include <algorithm>
#include <iterator>

namespace havip::engine {

/// Why another router of the same group cannot be Active; empty when all could.
std::string Engine::group_problem(const VirtualRouter& router) const {
  const auto& group = router.settings().group;
  if (!group) {
    return {};
  }
  for (const auto member : groups_.at(*group)) {
    const auto& other = routers_[member];
    if (const auto problem = other.link_problem(); !problem.empty()) {
      return problem + ", which " + other.settings().name + " of group " + *group + " needs";
    }
  }
  return {};
}

Actions Engine::settle_groups(Instant now) {
  Actions actions;
  for (const auto& [name, members] : groups_) {
    std::ranges::move(settle_group(members, now), std::back_inserter(actions));
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
      std::ranges::move(router.claim(now), std::back_inserter(actions));
    } else if (reluctant != members.end() && router.holds()) {
      const auto& other = routers_[*reluctant].settings();
      std::ranges::move(
          router.follow_group(other.name + " of group " + *other.group + " is not active", now),
          std::back_inserter(actions));
    }
  }
  return actions;
}

}  // namespace havip::engine
