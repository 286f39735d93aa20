// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/status.hpp"

#include <algorithm>

namespace havip::ports {
namespace {

std::string haproxy_problem(const haproxy::Facts& haproxy) {
  switch (haproxy.state) {
    case haproxy::ProcessState::up:
      return {};
    case haproxy::ProcessState::down:
      return "HAProxy is down: " + haproxy.detail;
    case haproxy::ProcessState::hung:
      return "HAProxy hangs: " + haproxy.detail;
    case haproxy::ProcessState::unknown:
      return "HAProxy's state is not known: " + haproxy.detail;
  }
  return {};
}

}  // namespace

void LatenessHistogram::observe(Duration lateness) {
  const double seconds = std::chrono::duration<double>{std::max(lateness, Duration{})}.count();
  const auto* const bucket = std::ranges::lower_bound(lateness_bounds, seconds);
  ++buckets.at(static_cast<std::size_t>(bucket - lateness_bounds.begin()));
  sum_seconds += seconds;
}

bool works(const LinkStatus& link) {
  return link.exists && link.up && link.carrier;
}

std::string describe(const LinkStatus& link) {
  if (!link.exists) {
    return "does not exist";
  }
  if (!link.up) {
    return "is down";
  }
  return link.carrier ? "is up" : "has no carrier";
}

WallTime NodeStatus::wall(Instant moment) const {
  return wall_now - std::chrono::duration_cast<WallTime::duration>(now - moment);
}

std::vector<std::string> not_ready_because(const NodeStatus& status) {
  std::vector<std::string> reasons;
  if (auto problem = haproxy_problem(status.haproxy); !problem.empty()) {
    reasons.push_back(std::move(problem));
  }
  if (status.drain) {
    reasons.emplace_back("this node is drained");
  }
  for (const auto& router : status.election.virtual_routers) {
    for (const auto& problem : router.problems) {
      reasons.push_back("virtual router " + router.name + ": " + problem);
    }
    if (router.state == vrrp::State::fault || router.state == vrrp::State::init) {
      reasons.push_back("virtual router " + router.name + " is in " +
                        std::string{to_string(router.state)} +
                        (router.why.empty() ? "" : ": " + router.why));
    }
  }
  return reasons;
}

bool is_active(const NodeStatus& status, const std::optional<std::string>& name) {
  const auto& routers = status.election.virtual_routers;
  const auto active = [](const VirtualRouterStatus& router) {
    return router.state == vrrp::State::active;
  };
  if (!name) {
    return !routers.empty() && std::ranges::all_of(routers, active);
  }
  return std::ranges::any_of(routers, [&](const VirtualRouterStatus& router) {
    return router.name == *name && active(router);
  });
}

}  // namespace havip::ports
