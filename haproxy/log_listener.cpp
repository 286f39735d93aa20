// SPDX-License-Identifier: Apache-2.0
#include "haproxy/log_listener.hpp"

#include "sidecar/async/wait.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>

#include <sys/socket.h>

#include <array>
#include <utility>

namespace havip::haproxy {

namespace {

using async::monotonic_now;
using boost::asio::ip::udp;

/// How much is read before other coroutines get their turn.
constexpr int reads_in_a_row = 64;

}  // namespace

std::string LogAddress::to_string() const {
  const auto text = address.to_string();
  return (address.family() == Family::ipv6 ? '[' + text + ']' : text) + ':' + std::to_string(port);
}

LogListener::LogListener(const boost::asio::any_io_executor& executor,
                         const LogAddress& address,
                         Push& push,
                         std::function<void()> on_event)
    : address_{address}, push_{push}, on_event_{std::move(on_event)}, socket_{executor} {}

async::Task<> LogListener::run() {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  for (auto opened = open(); !opened; opened = open()) {
    push_.log_failed(opened.error().message);
    const auto again = monotonic_now() + retry;
    const bool slept = co_await async::sleep_until(again);
    if (!slept) {
      co_return;
    }
  }
  push_.log_opened();
  while (true) {
    const auto wake = co_await async::wait_readable(socket_, Instant::max());
    if (wake == async::Wake::cancelled) {
      co_return;
    }
    take();
  }
}

Result<> LogListener::open() {
  boost::system::error_code error;
  const auto host = boost::asio::ip::make_address(address_.address.to_string(), error);
  const udp::endpoint endpoint{host, address_.port};
  if (!error) {
    socket_.open(endpoint.protocol(), error);
  }
  if (!error) {
    socket_.bind(endpoint, error);
  }
  if (error) {
    boost::system::error_code ignored;
    socket_.close(ignored);
    return Error{error, "listen on " + address_.to_string() + ": " + error.message()};
  }
  return {};
}

void LogListener::take() {
  bool something = false;
  std::array<char, 1> nothing{};  // the rest of a datagram is dropped by the kernel
  for (int i = 0; i < reads_in_a_row; ++i) {
    if (::recv(socket_.native_handle(), nothing.data(), nothing.size(), MSG_DONTWAIT) < 0) {
      break;
    }
    something = true;
  }
  if (something) {
    push_.event(Push::Way::log, monotonic_now());
    on_event_();
  }
}

}  // namespace havip::haproxy
