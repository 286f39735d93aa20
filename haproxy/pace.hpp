#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How often HAProxy is asked. Its answers cost its own time, most of it in proportion to its
// servers. Measured with 2.6 and 10,000 servers, asked now and then, so that its caches are cold:
// 360 ns of each server for the rows of all backends, 7 us of each for the rows of all servers, 115
// us for `show info` (a quarter of each when it is asked all the time). With many servers havip
// takes at most 1 ms of HAProxy's time a second: a half for the rows of backends, a quarter for
// `show info`, 0.17 ms for the rows of servers.
#include "sidecar/base/time.hpp"

#include <chrono>
#include <cstddef>

namespace havip::haproxy {

/// How often `show info` is asked, which finds out that HAProxy hangs, stops or was replaced.
Duration heartbeat(std::size_t servers);

/// What decides how long after a reading the next one is due.
struct Demand {
  Duration configured{};   ///< [haproxy] interval
  bool events = false;     ///< changes are pushed, and polling is only the safety net
  bool unchecked = false;  ///< first health checks are under way: they are not pushed
  std::size_t servers = 0;
};

/// From the beginning of one reading to that of the next, when nothing is pushed meanwhile.
Duration reading_interval(const Demand& demand);

/// From one reading of all servers' rows to the next: at least a minute.
Duration full_reading_interval(std::size_t servers);

/// When a reading may follow that was asked for by an event, whatever floods in: at most one each
/// 10 ms, and at most half of the time spent on them.
Instant earliest_reading(Instant begun, Instant ended);

}  // namespace havip::haproxy
