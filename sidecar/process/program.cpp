// SPDX-License-Identifier: Apache-2.0
#include "sidecar/process/program.hpp"

#include "sidecar/async/is_cancelled.hpp"
#include "sidecar/base/check.hpp"
#include "sidecar/process/run.hpp"

#include <boost/asio/this_coro.hpp>

#include <sys/wait.h>

#include <csignal>
#include <utility>

namespace havip::process {

namespace asio = boost::asio;
using async::monotonic_now;

Program::Program(Settings settings) : settings_{std::move(settings)} {
  CHECK(!settings_.command.empty());
}

Program::~Program() {
  static_cast<void>(is_stuck());  // The last chance to reap it.
}

async::Task<Outcome> Program::run(Duration timeout, std::vector<std::string> environment) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  auto outcome = co_await attempt(timeout, std::move(environment));
  co_await asio::this_coro::throw_if_cancelled(throws);
  outcome.limit = timeout;
  co_return outcome;
}

async::Task<Outcome> Program::attempt(Duration timeout, std::vector<std::string> environment) {
  Outcome outcome;
  const bool cancelled_before = co_await async::is_cancelled();
  if (cancelled_before) {
    outcome.end = End::cancelled;
    co_return outcome;
  }
  if (is_stuck()) {
    outcome.end = End::stuck;
    co_return outcome;
  }
  auto child = spawn(settings_.command, environment, settings_.launcher);
  if (!child) {
    outcome.end = End::not_started;
    outcome.text = child.error().message;
    co_return outcome;
  }
  const auto executor = co_await asio::this_coro::executor;
  Run run{executor, std::move(*child)};
  const auto limit = monotonic_now() + timeout;
  const bool in_time = co_await run.until_ended_or_cancelled(limit);
  if (in_time) {
    co_return run.finish();
  }
  const bool cancelled = co_await async::is_cancelled();
  run.send(SIGTERM);
  bool ended = co_await run.until_ended(monotonic_now() + settings_.grace);
  if (!ended) {
    run.send(SIGKILL);
    ended = co_await run.until_ended(monotonic_now() + settings_.patience);
  }
  if (ended) {
    outcome = run.finish();
  } else {
    stuck_ = run.pid();
    outcome.text = run.output();
  }
  if (outcome.end != End::not_started) {
    outcome.number = 0;
    outcome.end = cancelled ? End::cancelled : End::timed_out;
  }
  co_return outcome;
}

bool Program::is_stuck() {
  if (stuck_) {
    siginfo_t info{};
    const int done = ::waitid(P_PID, static_cast<id_t>(*stuck_), &info, WEXITED | WNOHANG);
    if (done != 0 || info.si_pid == *stuck_) {
      stuck_.reset();
    }
  }
  return stuck_.has_value();
}

}  // namespace havip::process
