#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace havip::haproxy {

/// Which process answers. A reload makes a new one behind the same socket; a process id can come
/// back, hence the time.
struct ProcessId {
  int pid = 0;
  std::int64_t start_time = 0;  ///< seconds since 1970; 0 before HAProxy 2.4, which does not say

  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

/// What we need of `show info` (management guide, section 9.3).
struct Info {
  ProcessId process;
  std::string version;
  std::chrono::seconds uptime{};
  bool stopping = false;  ///< takes no new clients; its backends stay frozen as they last were

  friend bool operator==(const Info&, const Info&) = default;
};

/// Reads the answer to `show info`. Errors: Fault::refused when it is a message instead, and
/// Fault::malformed when Pid or Version is missing or a value is not what it must be.
Result<Info> read_info(std::string_view text);

}  // namespace havip::haproxy
