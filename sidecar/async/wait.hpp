#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace havip::async {

/// Why a wait ended.
enum class Wake : unsigned char { readable, deadline, cancelled };

/// Waits until `descriptor` (a socket, or a posix descriptor) can be read without blocking (bytes
/// or the end of file), until `deadline`, or until the coroutine is cancelled, whichever is first.
/// Nothing is read here, so nothing can be lost. When bytes and the deadline come together the
/// answer is `readable`: late news is better than none.
template <class Descriptor>
Task<Wake> wait_readable(Descriptor& descriptor, Instant deadline) {
  const auto before = co_await boost::asio::this_coro::cancellation_state;
  if (before.cancelled() != boost::asio::cancellation_type::none) {
    co_return Wake::cancelled;
  }
  boost::asio::steady_timer timer{descriptor.get_executor(), steady(deadline)};
  auto both = boost::asio::experimental::make_parallel_group(
      descriptor.async_wait(Descriptor::wait_read, boost::asio::deferred),
      timer.async_wait(boost::asio::deferred));
  const auto [order, read_error, timer_error] = co_await both.async_wait(
      boost::asio::experimental::wait_for_one(), boost::asio::use_awaitable);
  const auto after = co_await boost::asio::this_coro::cancellation_state;
  if (after.cancelled() != boost::asio::cancellation_type::none) {
    co_return Wake::cancelled;
  }
  // An error of the wait itself shows again, with its name, in the read that follows.
  co_return read_error == boost::asio::error::operation_aborted ? Wake::deadline : Wake::readable;
}

/// Waits until `deadline`; false when the coroutine was cancelled instead.
inline Task<bool> sleep_until(Instant deadline) {
  const auto before = co_await boost::asio::this_coro::cancellation_state;
  if (before.cancelled() != boost::asio::cancellation_type::none) {
    co_return false;
  }
  boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, steady(deadline)};
  co_await timer.async_wait(as_result);
  const auto after = co_await boost::asio::this_coro::cancellation_state;
  co_return after.cancelled() == boost::asio::cancellation_type::none;
}

}  // namespace havip::async
