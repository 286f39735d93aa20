#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

namespace havip::test {

/// Runs the coroutine `body` to its end on an io_context of its own, and throws what it threw.
template <class Body>
void run(Body body) {
  boost::asio::io_context io{1};
  std::exception_ptr failure;
  boost::asio::co_spawn(
      io,
      [&]() -> async::Task<> { co_await body(); },
      [&](const std::exception_ptr& why) { failure = why; });
  io.run();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace havip::test
