// SPDX-License-Identifier: Apache-2.0
#include "haproxy/watcher.hpp"

#include "haproxy/error.hpp"
#include "haproxy/info.hpp"
#include "sidecar/async/wait.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace havip::haproxy {

namespace {

using async::monotonic_now;

constexpr Duration shortest_pause = std::chrono::milliseconds{10};

/// A hung process may go on (SIGCONT) and then answers on the old connection. It may also have
/// been replaced without ever closing that, so after this many timeouts a new one is tried. Not
/// much sooner: each try stays in the queue of a process that does not accept.
constexpr int patience_in_timeouts = 5;

/// What opens a conversation. Without the second HAProxy ends it after "stats timeout".
constexpr std::array greeting{"prompt", "set timeout cli 1d"};

}  // namespace

Watcher::Watcher(const boost::asio::any_io_executor& executor,
                 Settings settings,
                 std::function<void(const Facts&)> on_facts)
    : settings_{std::move(settings)},
      on_facts_{std::move(on_facts)},
      client_{executor, Client::Settings{.timeout = settings_.timeout}},
      verdict_{Verdict::Settings{
          .socket = settings_.socket, .timeout = settings_.timeout, .hold = settings_.hold}} {}

async::Task<> Watcher::run() {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  while (true) {
    const auto again = monotonic_now() + next_pause();
    const bool slept = co_await async::sleep_until(again);
    if (!slept) {
      co_return;
    }
    connected_ = monotonic_now();
    const auto end = co_await converse();
    client_.close();
    if (end.code == std::errc::operation_canceled) {
      co_return;
    }
    tell(verdict_.failure(end, monotonic_now()));
  }
}

async::Task<Error> Watcher::converse() {
  board_.forget();
  if (const auto connected = client_.connect(settings_.socket); !connected) {
    co_return connected.error();
  }
  for (const auto* const words : greeting) {
    const auto answer = co_await ask(words);
    if (!answer) {
      co_return answer.error();
    }
  }
  while (true) {
    const auto due = monotonic_now() + settings_.interval;
    const auto done = co_await read();
    if (!done) {
      co_return done.error();
    }
    // A HAProxy that needs longer than `interval` for a reading shall not do nothing else.
    const auto next = std::max(due, monotonic_now() + settings_.interval / 2);
    const auto silence = co_await client_.idle(next);
    if (!silence) {
      co_return silence.error();
    }
  }
}

async::Task<Result<std::string>> Watcher::ask(std::string command) {
  auto answer = co_await client_.ask(std::move(command));
  if (!answer && answer.error().code == std::errc::timed_out) {
    tell(verdict_.failure(answer.error(), monotonic_now()));
    answer = co_await client_.late_answer(patience_in_timeouts * settings_.timeout);
  }
  co_return answer;
}

async::Task<Result<>> Watcher::read() {
  const auto answer = co_await ask("show info");
  if (!answer) {
    co_return answer.error();
  }
  const auto info = read_info(*answer);
  if (!info) {
    co_return info.error();
  }
  if (info->stopping) {
    // Its backends are frozen as they last were, and our connection keeps it alive.
    co_return fault(Fault::stopping,
                    "process " + std::to_string(info->process.pid) + " is stopping");
  }
  const auto backends = co_await read_backends();
  if (!backends) {
    co_return backends.error();
  }
  tell(verdict_.reading(*info, board_.judged(), board_.unchecked(), monotonic_now()));
  co_return Result<>{};
}

async::Task<Result<>> Watcher::read_backends() {
  const auto answer = co_await ask(std::string{Board::backends_command});
  if (!answer) {
    co_return answer.error();
  }
  auto taken = board_.backends(*answer, monotonic_now());
  while (taken && board_.next_command()) {
    const auto rows = co_await ask(*board_.next_command());
    if (!rows) {
      co_return rows.error();
    }
    taken = board_.servers(*rows, monotonic_now());
  }
  co_return taken;
}

void Watcher::tell(const std::optional<Facts>& facts) {
  if (facts) {
    on_facts_(*facts);
  }
}

Duration Watcher::next_pause() {
  // A conversation that lasted ends for a reason that is gone (a reload); one that did not may
  // well end in the same way again.
  const bool lasted = monotonic_now() - connected_ >= settings_.interval;
  pause_ =
      lasted ? Duration{}
             : std::clamp(2 * pause_, shortest_pause, std::max(shortest_pause, settings_.interval));
  return pause_;
}

}  // namespace havip::haproxy
