// SPDX-License-Identifier: Apache-2.0
#include "haproxy/client.hpp"

#include "haproxy/client_socket.hpp"
#include "haproxy/error.hpp"
#include "sidecar/async/wait.hpp"
#include "sidecar/base/check.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace havip::haproxy {

namespace {

using async::monotonic_now;
using async::Wake;
namespace asio = boost::asio;
using boost::asio::local::stream_protocol;

/// How much is read before other coroutines get their turn.
constexpr int reads_in_a_row = 16;

/// An answer that trickles in is cut off after so many timeouts.
constexpr int longest_answer_in_timeouts = 10;

Error cancelled() {
  return {std::make_error_code(std::errc::operation_canceled), "asked to stop"};
}

Error silent() {
  return {std::make_error_code(std::errc::timed_out), "no answer in time"};
}

}  // namespace

Client::Client(const boost::asio::any_io_executor& executor, Settings settings)
    : settings_{settings}, socket_{executor}, idle_{executor}, framing_{settings.largest_answer} {}

Result<> Client::connect(const std::string& path) {
  close();
  return haproxy::connect(socket_, path);
}

void Client::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  framing_.reset();
  owed_ = false;
}

async::Task<Result<std::string>> Client::ask(std::string command) {
  CHECK(!owed_);
  if (const auto before = check_silent(); !before) {
    co_return before.error();
  }
  if (const auto sent = send(socket_, command + '\n'); !sent) {
    co_return sent.error();
  }
  owed_ = true;
  co_return co_await answer(settings_.timeout);
}

async::Task<Result<std::string>> Client::late_answer(Duration patience) {
  CHECK(owed_);
  co_return co_await answer(patience);
}

async::Task<Result<>> Client::idle(Instant until) {
  CHECK(!owed_);
  const auto before = co_await asio::this_coro::cancellation_state;
  if (before.cancelled() != asio::cancellation_type::none) {
    co_return cancelled();
  }
  idle_.expires_at(async::steady(until));
  auto both = asio::experimental::make_parallel_group(
      socket_.async_wait(stream_protocol::socket::wait_read, asio::deferred),
      idle_.async_wait(asio::deferred));
  co_await both.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const auto after = co_await asio::this_coro::cancellation_state;
  if (after.cancelled() != asio::cancellation_type::none) {
    co_return cancelled();
  }
  co_return check_silent();
}

async::Task<Result<std::string>> Client::answer(Duration silence) {
  heard_ = monotonic_now();
  const auto limit = heard_ + longest_answer_in_timeouts * silence;
  while (true) {
    const auto wake = co_await async::wait_readable(socket_, std::min(heard_ + silence, limit));
    if (wake == Wake::cancelled) {
      co_return cancelled();
    }
    auto complete = take_answer();
    if (!complete) {
      co_return complete.error();
    }
    if (*complete) {
      owed_ = false;
      co_return std::move(**complete);
    }
    if (monotonic_now() >= std::min(heard_ + silence, limit)) {
      co_return silent();
    }
  }
}

Result<std::optional<std::string>> Client::take_answer() {
  for (int i = 0; i < reads_in_a_row; ++i) {
    const auto bytes = receive(socket_);
    if (!bytes) {
      return bytes.error();
    }
    if (!*bytes) {
      break;
    }
    heard_ = monotonic_now();
    auto complete = framing_.feed(**bytes);
    if (!complete || *complete) {
      return complete;
    }
  }
  return std::optional<std::string>{};
}

Result<> Client::check_silent() {
  const auto bytes = receive(socket_);
  if (!bytes) {
    return bytes.error();
  }
  if (*bytes) {
    return fault(Fault::not_asked, "said without being asked: \"" + printable(**bytes) + '"');
  }
  return {};
}

}  // namespace havip::haproxy
