// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/hooks.hpp"

#include "sidecar/async/is_cancelled.hpp"
#include "sidecar/async/task_group.hpp"
#include "sidecar/config/duration.hpp"
#include "sidecar/http/views.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace havip::app {
namespace {

namespace asio = boost::asio;
using async::is_cancelled;
using async::monotonic_now;

std::string wall_time(Instant moment) {
  const auto ago = std::chrono::duration_cast<ports::WallTime::duration>(monotonic_now() - moment);
  return http::rfc3339(std::chrono::system_clock::now() - ago);
}

/// What a run is told. The sequence grows by one with each run of a hook, tries again included, and
/// begins anew with the daemon.
std::vector<std::string> environment(const Notice& notice,
                                     std::uint64_t sequence,
                                     const std::string& node) {
  const auto& transition = notice.transition;
  return {"HAVIP_VIRTUAL_ROUTER=" + transition.router,
          "HAVIP_STATE=" + std::string{to_string(transition.state)},
          "HAVIP_PREVIOUS_STATE=" + std::string{to_string(notice.previous)},
          "HAVIP_REASON=" + transition.reason,
          "HAVIP_SEQUENCE=" + std::to_string(sequence),
          "HAVIP_NODE=" + node,
          "HAVIP_TIME=" + wall_time(transition.at)};
}

/// "public active"
std::string name_of(const Transition& transition) {
  return transition.router + ' ' + std::string{to_string(transition.state)};
}

}  // namespace

Hooks::Hook::Hook(const asio::any_io_executor& executor,
                  process::Program::Settings settings,
                  RetryPauses pauses)
    : program{std::move(settings)}, queue{pauses}, wake{executor} {}

Hooks::Hooks(const asio::any_io_executor& executor, Settings settings, LogSink log)
    : settings_{std::move(settings)}, log_{std::move(log)}, over_{executor} {
  for (const auto& command : settings_.commands) {
    hooks_.emplace_back(
        executor,
        process::Program::Settings{.command = command, .launcher = settings_.launcher},
        settings_.pauses);
  }
}

void Hooks::observe(const ports::ElectionStatus& status) {
  std::map<std::string, Seen> now;
  for (const auto& router : status.virtual_routers) {
    const auto before = seen_.find(router.name);
    const bool is_first = before == seen_.end();
    const bool changed = router.state != (is_first ? vrrp::State::init : before->second.state);
    const bool went_back = !is_first && router.transitions > before->second.transitions;
    now[router.name] = {.state = router.state, .transitions = router.transitions};
    if (!changed && !went_back) {
      continue;
    }
    for (auto& hook : hooks_) {
      hook.queue.add(
          {.router = router.name, .state = router.state, .reason = router.why, .at = router.since});
      hook.wake.cancel();
    }
  }
  seen_ = std::move(now);
}

async::Task<> Hooks::run() {
  co_await asio::this_coro::throw_if_cancelled(false);
  async::TaskGroup tasks{co_await asio::this_coro::executor};
  running_ = hooks_.size();
  for (auto& hook : hooks_) {
    tasks.spawn("hook " + hook.program.path(), [this, &hook] { return tell(hook); });
  }
  co_await wait_until_cancelled();
  co_await say_farewell();
  tasks.cancel();
  co_await tasks.join();
}

/// Or until a task has ended before: it threw, and join() will tell.
async::Task<> Hooks::wait_until_cancelled() {
  bool cancelled = co_await is_cancelled();
  while (!cancelled && running_ == hooks_.size()) {
    over_.expires_at(asio::steady_timer::time_point::max());
    co_await over_.async_wait(async::as_result);
    cancelled = co_await is_cancelled();
  }
}

async::Task<> Hooks::say_farewell() {
  end_ = monotonic_now() + settings_.farewell;
  for (auto& hook : hooks_) {
    hook.wake.cancel();
  }
  while (running_ > 0 && monotonic_now() < *end_) {
    over_.expires_at(async::steady(*end_));
    co_await over_.async_wait(async::as_result);
  }
}

async::Task<> Hooks::tell(Hook& hook) {
  /// Whatever the end is.
  struct Leaving {
    Hooks& hooks;

    explicit Leaving(Hooks& of) : hooks{of} {}

    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;

    ~Leaving() {
      --hooks.running_;
      hooks.over_.cancel();
    }
  };

  const Leaving leaving{*this};
  co_await asio::this_coro::throw_if_cancelled(false);
  bool cancelled = co_await is_cancelled();
  while (!cancelled && !has_nothing_left(hook)) {
    auto notice = hook.queue.next(monotonic_now());
    if (notice) {
      co_await run_once(hook, std::move(*notice));
    } else {
      const auto due = hook.queue.deadline();
      hook.wake.expires_at(async::steady(due.value_or(Instant::max())));
      co_await hook.wake.async_wait(async::as_result);
    }
    cancelled = co_await is_cancelled();
  }
  log_untold(hook);
}

/// In the farewell, what could be told before its end.
bool Hooks::has_nothing_left(const Hook& hook) const {
  return end_ && hook.queue.deadline().value_or(Instant::max()) >= *end_;
}

async::Task<> Hooks::run_once(Hook& hook, Notice notice) {
  ++hook.sequence;
  auto variables = environment(notice, hook.sequence, settings_.node);
  const auto outcome = co_await hook.program.run(settings_.timeout, std::move(variables));
  if (outcome.end == process::End::cancelled) {
    hook.queue.failed(std::move(notice), monotonic_now());  // log_untold() names it
  } else if (!outcome.is_success()) {
    take_failure(hook, notice, process::describe(outcome));
  } else if (notice.failures > 0) {
    log_(Severity::info,
         "hook " + hook.program.path() + ": " + name_of(notice.transition) + ": told at last");
  }
}

void Hooks::take_failure(Hook& hook, const Notice& notice, const std::string& why) {
  const auto pause = hook.queue.failed(notice, monotonic_now());
  log_(Severity::warning,
       "hook " + hook.program.path() + ": " + name_of(notice.transition) + ": " + why +
           (pause ? "; again in " + config::to_string(*pause)
                  : "; not again, a newer transition waits"));
}

void Hooks::log_untold(const Hook& hook) const {
  std::string names;
  for (const auto& transition : hook.queue.waiting()) {
    names += (names.empty() ? "" : ", ") + name_of(transition);
  }
  if (!names.empty()) {
    log_(Severity::warning, "hook " + hook.program.path() + ": not told before the end: " + names);
  }
}

}  // namespace havip::app
