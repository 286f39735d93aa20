// SPDX-License-Identifier: Apache-2.0
#include "haproxy/watcher.hpp"

#include "haproxy/error.hpp"
#include "haproxy/pace.hpp"
#include "sidecar/async/task_group.hpp"
#include "sidecar/async/wait.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
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

Push::Settings push_settings(const Watcher::Settings& settings) {
  return {.ring = settings.ring, .log = settings.log ? settings.log->to_string() : ""};
}

RingWatch::Settings ring_settings(const Watcher::Settings& settings) {
  return {.socket = settings.socket, .ring = settings.ring, .timeout = settings.timeout};
}

}  // namespace

Watcher::Watcher(const boost::asio::any_io_executor& executor,
                 Settings settings,
                 std::function<void(const Facts&)> on_facts)
    : executor_{executor},
      settings_{std::move(settings)},
      on_facts_{std::move(on_facts)},
      client_{executor, Client::Settings{.timeout = settings_.timeout}},
      verdict_{Verdict::Settings{
          .socket = settings_.socket, .timeout = settings_.timeout, .hold = settings_.hold}},
      push_{push_settings(settings_)},
      ring_{executor, ring_settings(settings_), push_, [this] {
              wake();
            }} {
  if (settings_.log) {
    log_.emplace(executor, *settings_.log, push_, [this] { wake(); });
  }
  settle();
}

async::Task<> Watcher::run() {
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() != boost::asio::cancellation_type::none) {
    co_return;
  }
  async::TaskGroup parts{executor_};
  parts.spawn("state", [this] { return watch(); });
  if (!settings_.ring.empty()) {
    parts.spawn("ring", [this] { return ring_.run(); });
  }
  if (log_) {
    parts.spawn("log", [this] { return log_->run(); });
  }
  co_await parts.join();
}

async::Task<> Watcher::watch() {
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
    ring_.let_go();
    push_.ring_gone();
    if (end.code == std::errc::operation_canceled) {
      co_return;
    }
    tell_failure(end);
  }
}

async::Task<Error> Watcher::converse() {
  board_.forget();
  answered_ = false;
  if (const auto connected = client_.connect(settings_.socket); !connected) {
    co_return connected.error();
  }
  listening_ = client_.listening_process();
  process_.begin(listening_, answering_.pid);
  process_seen_ = monotonic_now();
  for (const auto* const words : greeting) {
    const auto answer = co_await ask(words);
    if (!answer) {
      co_return answer.error();
    }
  }
  while (true) {
    const auto begun = monotonic_now();
    const bool pushed = std::exchange(triggered_, false);
    const auto window = interval();
    const auto done = co_await read();
    if (!done) {
      co_return done.error();
    }
    push_.reading(board_.servers_changed(), pushed, window, monotonic_now());
    const auto silence = co_await pause(begun);
    if (!silence) {
      co_return silence.error();
    }
  }
}

async::Task<Result<>> Watcher::pause(Instant begun) {
  const auto ended = monotonic_now();
  const auto earliest = earliest_reading(begun, ended);
  while (true) {
    settle();
    // A HAProxy that needs longer than `interval` for a reading shall not do nothing else.
    const auto regular = std::max(begun + interval(), ended + interval() / 2);
    const auto next = triggered_ ? earliest : regular;
    const auto now = monotonic_now();
    if (now >= next) {
      co_return Result<>{};
    }
    if (const auto sign = asked_ + heartbeat(board_.servers_total()); now >= sign) {
      const auto info = co_await read_info();
      if (!info) {
        co_return info.error();
      }
      continue;
    }
    const auto silence =
        co_await client_.idle(std::min(next, asked_ + heartbeat(board_.servers_total())));
    if (!silence) {
      co_return silence;
    }
  }
}

async::Task<Result<std::string>> Watcher::ask(std::string command) {
  auto answer = co_await client_.ask(std::move(command));
  if (!answer && answer.error().code == std::errc::timed_out) {
    tell_failure(answer.error());
    answer = co_await client_.late_answer(patience_in_timeouts * settings_.timeout);
  }
  answered_ = answered_ || answer;
  co_return answer;
}

async::Task<Result<Info>> Watcher::read_info() {
  asked_ = monotonic_now();
  const auto answer = co_await ask("show info");
  if (!answer) {
    co_return answer.error();
  }
  auto info = haproxy::read_info(*answer);
  if (info && info->stopping) {
    // Its backends are frozen as they last were, and our connections keep it alive.
    co_return fault(Fault::stopping,
                    "process " + std::to_string(info->process.pid) + " is stopping");
  }
  co_return info;
}

async::Task<Result<>> Watcher::read() {
  const auto info = co_await read_info();
  if (!info) {
    co_return info.error();
  }
  const auto backends = co_await read_backends();
  if (!backends) {
    co_return backends.error();
  }
  if (answering_ != info->process) {
    answering_ = info->process;
    push_.begin();
  }
  tell(verdict_.reading(*info, board_.judged(), board_.unchecked(), monotonic_now()));
  if (!settings_.ring.empty()) {
    ring_.attach(info->process.pid);
  }
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

void Watcher::wake() {
  if (!std::exchange(triggered_, true)) {
    client_.interrupt();
  }
}

void Watcher::settle() {
  if (push_.settle(monotonic_now())) {
    ring_.attach_anew();
  }
  tell(verdict_.source(push_.source(), push_.reason()));
}

void Watcher::tell(const std::optional<Facts>& facts) {
  if (facts) {
    on_facts_(*facts);
  }
}

/// A new connection without an answer, or a full queue, is looked at from outside.
void Watcher::tell_failure(const Error& error) {
  const auto now = monotonic_now();
  const bool full = error.code == std::errc::resource_unavailable_try_again;
  const bool silent = error.code == std::errc::timed_out && !answered_;
  if (full && !process_seen_) {
    process_.begin(listening_, answering_.pid);
    process_seen_ = now;
  }
  if ((full || silent) && now - *process_seen_ >= settings_.timeout / 2) {
    progress_ = process_.progress();
    process_.begin(listening_, answering_.pid);
    process_seen_ = now;
  }
  if (!full && !silent) {
    process_seen_.reset();
    progress_ = Progress::unseen;
  }
  tell(verdict_.failure(error, now, progress_));
}

Duration Watcher::interval() const {
  const Demand demand{.configured = settings_.interval,
                      .events = push_.source() == Source::events,
                      .unchecked = board_.unchecked() > 0,
                      .servers = board_.servers_total()};
  return reading_interval(demand);
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
