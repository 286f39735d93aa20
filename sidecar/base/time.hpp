#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>

namespace havip {

/// The clock of everything that decides. It has no now(): the present is an argument of every call
/// that needs it, so that a test or the simulator may choose it. The running daemon fills it from
/// CLOCK_BOOTTIME, which never jumps and goes on while the machine is suspended: a node that was
/// away has to know that the others decided without it.
struct CoreClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<CoreClock>;
  static constexpr bool is_steady = true;
};

using Instant = CoreClock::time_point;
using Duration = CoreClock::duration;

/// The unit of VRRP version 3 on the wire (RFC 9568 section 5.2.7).
using Centiseconds = std::chrono::duration<std::int32_t, std::centi>;

}  // namespace havip
