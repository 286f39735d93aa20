// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/systemd.hpp"

#include <cstdint>
#include <systemd/sd-daemon.h>

namespace havip::app {

void Systemd::ready() {
  static_cast<void>(::sd_notify(0, "READY=1"));
}

void Systemd::stopping() {
  static_cast<void>(::sd_notify(0, "STOPPING=1"));
}

void Systemd::status(const std::string& line) {
  static_cast<void>(::sd_notify(0, ("STATUS=" + line).c_str()));
}

void Systemd::feed_watchdog() {
  static_cast<void>(::sd_notify(0, "WATCHDOG=1"));
}

std::optional<Duration> Systemd::watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds{microseconds} / 2;
}

std::string summary(const ports::NodeStatus& status) {
  std::string line;
  for (const auto& router : status.election.virtual_routers) {
    line += router.name + ": " + std::string{to_string(router.state)} + " (priority " +
            std::to_string(router.effective.value) + "); ";
  }
  line += "HAProxy " + std::string{to_string(status.haproxy.state)};
  if (status.drain) {
    line += "; drained";
  }
  return line;
}

}  // namespace havip::app
