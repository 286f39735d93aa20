#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/status.hpp"

#include <chrono>

namespace havip::test {

/// lb1 of the pair in the contract of GET /v1/status: active for `public`, 12.5 s after its start
/// at 2026-01-01T00:00:00Z.
inline ports::NodeStatus example_status() {
  using namespace std::chrono_literals;
  const auto lb1 = *IpAddress::parse("10.0.0.11");
  const auto lb2 = *IpAddress::parse("10.0.0.12");

  ports::NodeStatus status;
  status.node = "lb1";
  status.version = "1.0.0";
  status.pid = 4711;
  status.started = Instant{100s};
  status.now = Instant{112500ms};
  status.wall_now = std::chrono::sys_days{std::chrono::January / 1 / 2026} + 12500ms;

  status.haproxy.state = haproxy::ProcessState::up;
  status.haproxy.pid = 812;
  status.haproxy.version = "2.6.12";
  status.haproxy.uptime = 99s;
  status.haproxy.source = haproxy::Source::events;
  status.haproxy.backends.push_back(
      {.name = "web", .up = true, .servers_up = 2, .servers_total = 2, .healthy_share = 1.0});

  ports::VirtualRouterStatus router;
  router.name = "public";
  router.vrid = vrrp::Vrid{51};
  router.interface = "eth0";
  router.state = vrrp::State::active;
  router.why = "nobody better was heard";
  router.since = status.started;
  router.transitions = 1;
  router.configured = vrrp::Priority{150};
  router.effective = vrrp::Priority{150};
  router.reasons.push_back({.what = "backend web", .change = 0});
  router.advert_interval = 100ms;
  router.active_router =
      ports::ActiveRouter{.address = lb1, .priority = vrrp::Priority{150}, .name = "lb1"};
  router.addresses.push_back({.address = *Prefix::parse("192.0.2.10/24"),
                              .present = true,
                              .reachable = ports::Reachability::verified});

  status.election.at = status.now;
  status.election.virtual_routers.push_back(router);
  status.peers.push_back({.name = "lb2", .address = lb2, .last_heard = std::nullopt});
  return status;
}

/// The same node once lb2 has taken over.
inline ports::NodeStatus after_takeover(ports::NodeStatus status) {
  status.election.drained = true;
  for (auto& router : status.election.virtual_routers) {
    router.state = vrrp::State::backup;
    router.effective = vrrp::yield_priority;
    router.active_router = ports::ActiveRouter{
        .address = *IpAddress::parse("10.0.0.12"), .priority = vrrp::Priority{100}, .name = "lb2"};
  }
  return status;
}

}  // namespace havip::test
