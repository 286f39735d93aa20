#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"
#include "sidecar/base/result.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <system_error>
#include <utility>

namespace havip::async {

/// Runs `operation` for at most `limit`; the error is std::errc::timed_out when that was too
/// short. By then the operation has been cancelled *and has ended*, so what it refers to may be
/// destroyed. What it throws is thrown here, unless the time was up first. T must be default
/// constructible.
template <class T>
Task<Result<T>> with_timeout(Task<Result<T>> operation, Duration limit) {
  auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer{
      executor, std::chrono::duration_cast<boost::asio::steady_timer::duration>(limit)};
  auto both = boost::asio::experimental::make_parallel_group(
      boost::asio::co_spawn(executor, std::move(operation), boost::asio::deferred),
      timer.async_wait(boost::asio::deferred));
  auto [order, failure, result, timer_error] = co_await both.async_wait(
      boost::asio::experimental::wait_for_one(), boost::asio::use_awaitable);
  if (order[0] == 1 && !timer_error) {
    co_return Error{std::make_error_code(std::errc::timed_out), "not done in time"};
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
  co_return std::move(result);
}

}  // namespace havip::async
