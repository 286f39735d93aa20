#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace havip::async {

/// A coroutine on Asio's executors. It runs when it is awaited, or in a TaskGroup.
template <class T = void>
using Task = boost::asio::awaitable<T>;

/// Completion token for operations whose failure is part of the conversation: the error code is
/// the first element of the answer instead of an exception.
inline constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<>> as_result{
    boost::asio::use_awaitable};

/// The present, for the pure parts that take it as an argument. steady_clock is CLOCK_MONOTONIC.
inline Instant monotonic_now() {
  return Instant{
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

/// The same moment for a steady_timer.
inline std::chrono::steady_clock::time_point steady(Instant moment) {
  return std::chrono::steady_clock::time_point{
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(moment.time_since_epoch())};
}

}  // namespace havip::async
