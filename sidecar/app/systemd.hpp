#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"
#include "sidecar/ports/status.hpp"

#include <optional>
#include <string>

namespace havip::app {

/// Speaks sd_notify(3) with the service manager; without one nothing happens.
class Systemd {
public:
  static void ready();
  static void stopping();
  static void status(const std::string& line);
  static void feed_watchdog();

  /// How often to feed the watchdog: half of what the manager asks for; empty when it has none.
  [[nodiscard]] static std::optional<Duration> watchdog_interval();
};

/// One line for `systemctl status`: "public: active (priority 150); HAProxy up".
std::string summary(const ports::NodeStatus& status);

}  // namespace havip::app
