#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace havip::haproxy {

/// How HAProxy answers on its Runtime API.
enum class ProcessState : std::uint8_t {
  unknown,  ///< not asked yet, or it cannot be asked (permission, no slot): `detail` says why
  up,       ///< answers
  down,     ///< nobody listens on the socket, or there is no socket
  hung,     ///< connected, but no answer within the timeout
};

constexpr std::string_view to_string(ProcessState state) {
  switch (state) {
    case ProcessState::unknown:
      return "unknown";
    case ProcessState::up:
      return "up";
    case ProcessState::down:
      return "down";
    case ProcessState::hung:
      return "hung";
  }
  return {};
}

/// How changes become known between two readings of the state.
enum class Source : std::uint8_t { poll, events };

/// One backend as `show stat` has it (management guide, section 9.1).
struct Backend {
  std::string name;
  bool up = false;
  int servers_up = 0;     ///< usable servers, active or backup
  int servers_total = 0;  ///< 0: the backend answers by itself (redirects), which is no failure
  double healthy_share = 1.0;  ///< usable weight of the active servers / their whole weight, 0..1

  friend bool operator==(const Backend&, const Backend&) = default;
};

/// What is known of HAProxy: one consistent reading, never a mixture of two processes.
struct Facts {
  ProcessState state = ProcessState::unknown;
  std::string detail;  ///< why the state is not `up`, for the operator; empty when it is
  int pid = 0;
  std::string version;
  std::chrono::seconds uptime{};
  Source source = Source::poll;
  std::string source_reason;  ///< where events come from, or why there are none
  std::vector<Backend> backends;

  friend bool operator==(const Facts&, const Facts&) = default;
};

}  // namespace havip::haproxy
