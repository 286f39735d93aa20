// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/election_thread.hpp"

#include "sidecar/app/realtime.hpp"
#include "sidecar/async/task.hpp"
#include "sidecar/net/neighbour_socket.hpp"
#include "sidecar/netlink/address_table.hpp"
#include "sidecar/netlink/kernel_watch.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

// With optimization g++ 12 believes that a variant which holds something else destroys a string
// that was never made; it only warns in the functions that send one.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace havip::app {
namespace {

/// The status is published at least this often, so that the service thread sees the loop turn.
constexpr Duration heartbeat = std::chrono::seconds{1};
/// Counters alone are published no more often than this.
constexpr Duration leisure = std::chrono::milliseconds{100};

}  // namespace

ElectionThread::ElectionThread(const engine::Settings& settings, bool realtime)
    : engine_{settings}, realtime_{realtime} {}

ElectionThread::~ElectionThread() {
  if (thread_.joinable()) {
    post(engine::StopRequested{});
  }
}

Result<> ElectionThread::open() {
  auto watch = netlink::open_kernel_watch();
  if (!watch) {
    return watch.error();
  }
  auto addresses = netlink::open_address_table();
  if (!addresses) {
    return addresses.error();
  }
  auto neighbours = net::open_neighbour_socket();
  if (!neighbours) {
    return neighbours.error();
  }
  watch_ = std::move(*watch);
  addresses_ = std::move(*addresses);
  neighbours_ = std::move(*neighbours);
  interpreter_ = std::make_unique<engine::Interpreter>(
      engine_,
      engine::Interpreter::Ports{
          .addresses = addresses_.get(), .adverts = &transports_, .neighbours = neighbours_.get()},
      [this](const engine::Tell& tell) {
        urgent_ = true;
        news_.send(tell);
      });
  return {};
}

ports::ElectionStatus ElectionThread::first_status() const {
  return engine_.status(async::monotonic_now());
}

void ElectionThread::start() {
  thread_ = std::jthread{[this] {
    run();
  }};
}

bool ElectionThread::post(engine::Event event) {
  return commands_.send(std::move(event));
}

void ElectionThread::run() {
  if (realtime_) {
    for (const auto& missing : become_realtime()) {
      news_.send(engine::Tell{.severity = Severity::warning, .router = {}, .text = missing});
    }
  }
  while (!stopping_) {
    wake(async::monotonic_now());
    if (!stopping_) {
      wait_for_something();
    }
  }
  news_.send(Ended{});
}

void ElectionThread::wait_for_something() {
  std::array descriptors{
      pollfd{.fd = commands_.descriptor(), .events = POLLIN, .revents = 0},
      pollfd{.fd = watch_->descriptor(), .events = POLLIN, .revents = 0},
      pollfd{.fd = transports_.descriptor(), .events = POLLIN, .revents = 0},
  };
  const auto now = async::monotonic_now();
  const auto publish_at = published_ + (urgent_ ? leisure : heartbeat);
  auto until = std::min(engine_.deadline().value_or(publish_at), publish_at);
  if (watch_failed_) {
    until = std::min(until, now + leisure);
  }
  const auto wait = std::max(until - now, Duration{});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()};
  // The timeout is relative, and stands still while the machine is suspended, unlike our clock: the
  // wait may end later than `until`, as any wait may. An interrupted one is as good as one that
  // ended: the loop looks at everything.
  static_cast<void>(::ppoll(descriptors.data(), descriptors.size(), &timeout, nullptr));
}

void ElectionThread::wake(Instant now) {
  engine_.see_wall_clock(std::chrono::system_clock::now(), now);
  // First of all: an advertisement that waits here may say that nobody need take over, or that the
  // addresses whose leases ran out in a pause must not be put back.
  transports_.receive_all(
      [&](const ports::Datagram& datagram) { interpreter_->handle(datagram, now); });
  read_kernel(now);  // Before the commands, which are judged by the links as they are.
  commands_.receive([&](const engine::Event& event) {
    stopping_ = stopping_ || std::holds_alternative<engine::StopRequested>(event);
    interpreter_->handle(event, now);
  });
  interpreter_->expire(now);
  publish(now);
}

void ElectionThread::read_kernel(Instant now) {
  const auto events = watch_->read();
  if (!events) {
    if (!std::exchange(watch_failed_, true)) {
      news_.send(
          engine::Tell{.severity = Severity::error, .router = {}, .text = events.error().message});
    }
    return;
  }
  watch_failed_ = false;
  for (const auto& event : *events) {
    interpreter_->handle(event, now);
  }
}

void ElectionThread::publish(Instant now) {
  if (!urgent_ && !stopping_ && now - published_ < leisure) {
    return;
  }
  urgent_ = false;
  published_ = now;
  news_.send(std::make_shared<const ports::ElectionStatus>(engine_.status(now)));
}

}  // namespace havip::app
