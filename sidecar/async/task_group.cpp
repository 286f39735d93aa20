// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task_group.hpp"

#include "sidecar/base/check.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <iterator>

namespace havip::async {

namespace asio = boost::asio;

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : state_{std::make_shared<State>(std::move(executor))} {}

TaskGroup::~TaskGroup() {
  CHECK(state_->tasks.empty());
}

void TaskGroup::cancel() {
  state_->cancel();
}

Task<> TaskGroup::join() {
  const auto state = state_;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!state->tasks.empty()) {
    co_await state->idle.async_wait(as_result);
    const auto own = co_await asio::this_coro::cancellation_state;
    if (own.cancelled() != asio::cancellation_type::none && !state->stopping) {
      state->cancel();
    }
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (state->failure) {
    std::rethrow_exception(state->failure);
  }
}

std::vector<std::string> TaskGroup::running() const {
  std::vector<std::string> names;
  std::ranges::transform(state_->tasks, std::back_inserter(names), &Entry::name);
  return names;
}

TaskGroup::State::State(asio::any_io_executor its_executor)
    : executor{std::move(its_executor)}, idle{executor, asio::steady_timer::time_point::max()} {}

void TaskGroup::State::cancel() {
  stopping = true;
  // Not here and now: co_spawn passes a signal on by dispatch() and keeps a bare pointer to the
  // coroutine's half of it. Outside of the executor that would be a post(), which a task that
  // ends by itself meanwhile does not survive. Inside of it, it is a plain call.
  asio::dispatch(executor, [state = shared_from_this()] {
    for (auto& task : state->tasks) {
      task.stop.emit(asio::cancellation_type::terminal);
    }
  });
}

void TaskGroup::State::finish(std::list<Entry>::iterator entry, const std::exception_ptr& why) {
  tasks.erase(entry);
  if (why && !stopping) {
    failure = why;
    cancel();
  }
  if (tasks.empty()) {
    idle.cancel();
  }
}

}  // namespace havip::async
