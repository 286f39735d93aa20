// SPDX-License-Identifier: Apache-2.0
#include "haproxy/pace.hpp"

#include <algorithm>
#include <cstdint>

namespace havip::haproxy {

namespace {

using namespace std::chrono_literals;

constexpr Duration safety_net = 1s;
constexpr Duration shortest_full = 60s;
constexpr Duration shortest_gap = 10ms;

constexpr Duration shortest_heartbeat = 100ms;

/// 360 ns of HAProxy's time are to be a 2000th (0.5 ms a second) of the interval.
constexpr Duration interval_of_a_server = 360ns * 2000;
/// 7 us are to be a 6000th (0.17 ms a second).
constexpr Duration full_interval_of_a_server = 7us * 6000;
/// 115 us for each heartbeat are less than 0.25 ms a second from 10,000 servers on.
constexpr Duration heartbeat_of_a_server = 50us;

}  // namespace

Duration heartbeat(std::size_t servers) {
  const auto wanted = heartbeat_of_a_server * static_cast<std::int64_t>(servers);
  return std::clamp<Duration>(wanted, shortest_heartbeat, safety_net);
}

Duration reading_interval(const Demand& demand) {
  const bool relaxed = demand.events && !demand.unchecked;
  const auto wanted = relaxed ? std::max(demand.configured, safety_net) : demand.configured;
  return std::max(wanted, interval_of_a_server * static_cast<std::int64_t>(demand.servers));
}

Duration full_reading_interval(std::size_t servers) {
  return std::max(shortest_full, full_interval_of_a_server * static_cast<std::int64_t>(servers));
}

Instant earliest_reading(Instant begun, Instant ended) {
  return std::max(begun + shortest_gap, ended + (ended - begun));
}

}  // namespace havip::haproxy
