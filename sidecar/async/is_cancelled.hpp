#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

namespace havip::async {

/// Whether the coroutine that awaits this was asked to stop. It must have called
/// `co_await this_coro::throw_if_cancelled(false)`, or the question itself throws.
inline Task<bool> is_cancelled() {
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  co_return state.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace havip::async
