#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/push.hpp"
#include "sidecar/async/task.hpp"
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace havip::haproxy {

/// Where HAProxy's log lines are sent to (`log 127.0.0.1:8408 local7 notice`).
struct LogAddress {
  IpAddress address;
  std::uint16_t port = 0;

  [[nodiscard]] std::string to_string() const;
};

/// Takes HAProxy's log lines as events. Anybody on the host can send some, so that they are counted
/// and thrown away unread.
class LogListener {
public:
  /// After an address that could not be had (in use, not there).
  static constexpr Duration retry = std::chrono::seconds{10};

  LogListener(const boost::asio::any_io_executor& executor,
              const LogAddress& address,
              Push& push,
              std::function<void()> on_event);

  /// Until it is cancelled; to be spawned in a TaskGroup. Throws nothing.
  async::Task<> run();

private:
  Result<> open();
  void take();

  LogAddress address_;
  Push& push_;
  std::function<void()> on_event_;
  boost::asio::ip::udp::socket socket_;
};

}  // namespace havip::haproxy
