#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Routers in each state, and what they hear, for the tests of the election. This node is 10.9.0.2
// with priority 128 and an interval of one second unless a test says otherwise: its Skew_Time is
// (256 - 128) / 256 of a second, its Active_Down_Interval 3.5 s.
#include "sidecar/vrrp/router.hpp"
#include "tests/unit/vrrp/wire.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace havip::vrrp::test {

using namespace std::chrono_literals;

inline constexpr Instant t0 = Instant{} + 1h;

inline const IpAddress lower_address = ip("10.9.0.1");
inline const IpAddress own_address = ip("10.9.0.2");
inline const IpAddress higher_address = ip("10.9.0.3");

inline RouterSettings settings() {
  return {.own_address = own_address,
          .priority = {128},
          .interval = 1s,
          .preempt = true,
          .preempt_delay = {},
          .succession = {}};
}

/// One of a group.
inline RouterSettings grouped_settings() {
  auto result = settings();
  result.grouped = true;
  return result;
}

/// The owner of the addresses.
inline RouterSettings owner_settings() {
  auto result = settings();
  result.priority = owner_priority;
  return result;
}

/// As the heir of the only other listed node.
inline RouterSettings heir_settings() {
  auto result = settings();
  result.succession.of_anyone = true;
  return result;
}

inline Heard heard(int priority, const IpAddress& sender = higher_address, Duration interval = 1s) {
  return {
      .sender = sender, .priority = {static_cast<std::uint8_t>(priority)}, .interval = interval};
}

inline Router backup_of(const RouterSettings& settings) {
  Router router{settings};
  router.start(t0);
  return router;
}

/// Active since t0.
inline Router active_of(const RouterSettings& settings) {
  Router router{settings};
  router.resume(t0);
  return router;
}

inline const RouterActions claims{SendAdvert{{128}}, ClaimAddresses{}, Announce{}};
inline const RouterActions resigns{SendAdvert{resign_priority}, ReleaseAddresses{}};
inline const RouterActions insists{SendAdvert{{128}}, Announce{}};
inline const RouterActions& gives_way = resigns;  // the better one announces once more
inline const RouterActions falls_silent{ReleaseAddresses{}};
inline const RouterActions nothing{};

}  // namespace havip::vrrp::test
