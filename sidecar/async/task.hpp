#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <ctime>

namespace havip::async {

/// A coroutine on Asio's executors. It runs when it is awaited, or in a TaskGroup.
template <class T = void>
using Task = boost::asio::awaitable<T>;

/// Completion token for operations whose failure is part of the conversation: the error code is
/// the first element of the answer instead of an exception.
inline constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<>> as_result{
    boost::asio::use_awaitable};

/// The present, for the pure parts that take it as an argument; the only place where an Instant
/// comes from, on both threads. It is CLOCK_BOOTTIME: like CLOCK_MONOTONIC it never goes back nor
/// jumps with the wall clock, but the time of a suspend counts as time that passed.
inline Instant monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return Instant{std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

/// When a steady_timer (CLOCK_MONOTONIC, which a suspend stops) has to fire for this moment, as
/// long as the machine is awake; after a suspend it fires late by as much.
inline std::chrono::steady_clock::time_point steady(Instant moment) {
  if (moment == Instant::max()) {
    return std::chrono::steady_clock::time_point::max();
  }
  const auto left = moment - monotonic_now();
  return std::chrono::steady_clock::now() + left;
}

}  // namespace havip::async
