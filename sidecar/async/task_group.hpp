#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace havip::async {

/// The coroutines of one component, as one thing to stop and to wait for.
///
/// Nothing runs detached: the first task that ends by an exception stops its siblings, and that
/// exception comes out of join(). Whoever owns the group joins it before destroying it; a group
/// that dies with a running task aborts. One thread, the executor's; cancel() may also be called
/// while the executor does not run.
class TaskGroup {
public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  /// Starts `body`, a callable that returns Task<void>. The group keeps the callable for as long
  /// as the coroutine runs, so its captures live long enough. `name` is what running() shows. In a
  /// group that was cancelled the body finds itself cancelled from the start.
  template <class Body>
  void spawn(std::string name, Body body) {
    const auto entry = state_->tasks.emplace(state_->tasks.end(), std::move(name));
    // The completion runs inside the signal's handler; the entry, which owns the signal, may only
    // go afterwards.
    auto done = [state = state_, entry](std::exception_ptr failure) {
      boost::asio::post(state->executor,
                        [state, entry, failure] { state->finish(entry, failure); });
    };
    boost::asio::co_spawn(state_->executor,
                          std::move(body),
                          boost::asio::bind_cancellation_slot(entry->stop.slot(), std::move(done)));
    if (state_->stopping) {
      state_->cancel();
    }
  }

  /// Asks every task to stop and returns at once; join() waits for them.
  void cancel();

  /// Completes when every task has ended; throws what the first failing one threw. Exceptions
  /// after cancel() are how coroutines stop and are not failures. When the joining coroutine is
  /// itself cancelled, so is the group, and it is still waited for.
  Task<> join();

  /// The names of the tasks that have not ended, for the one who waits too long.
  [[nodiscard]] std::vector<std::string> running() const;

private:
  struct Entry {
    explicit Entry(std::string task_name) : name{std::move(task_name)} {}

    std::string name;
    boost::asio::cancellation_signal stop;
  };

  /// Shared with the handlers under way, which may come to their turn after the group has gone.
  struct State : std::enable_shared_from_this<State> {
    explicit State(boost::asio::any_io_executor its_executor);

    void cancel();
    void finish(std::list<Entry>::iterator entry, const std::exception_ptr& why);

    boost::asio::any_io_executor executor;
    boost::asio::steady_timer idle;  ///< never expires; cancelled when the last task has ended
    std::list<Entry> tasks;
    std::exception_ptr failure;
    bool stopping = false;
  };

  std::shared_ptr<State> state_;
};

}  // namespace havip::async
