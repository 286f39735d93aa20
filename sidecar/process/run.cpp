// SPDX-License-Identifier: Apache-2.0
#include "sidecar/process/run.hpp"

#include "sidecar/async/is_cancelled.hpp"
#include "sidecar/process/program.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace havip::process {
namespace {

namespace asio = boost::asio;
using async::monotonic_now;

/// As much as a pipe holds. A program that fills it faster than this once in a pause waits for us
/// instead of keeping the service thread busy.
constexpr std::size_t most_at_once = 65'536;
constexpr Duration pause_of_a_flood = std::chrono::milliseconds{1};

/// Bytes read; 0 at the end of file and after an error, -1 when there is nothing yet.
ssize_t read_some(int descriptor, std::span<char> buffer) {
  for (;;) {
    const auto count = ::read(descriptor, buffer.data(), buffer.size());
    if (count >= 0) {
      return count;
    }
    if (errno != EINTR) {
      return errno == EAGAIN ? -1 : 0;
    }
  }
}

}  // namespace

Run::Run(const asio::any_io_executor& executor, Child child)
    : pid_{child.pid},
      handle_{executor, child.handle.release()},
      output_{executor, child.output.release()},
      complaint_{std::move(child.complaint)} {}

async::Task<bool> Run::until_ended(Instant limit) {
  for (;;) {
    const bool is_flood = drain();
    if (has_ended()) {
      co_return true;
    }
    if (monotonic_now() >= limit) {
      co_return false;
    }
    co_await wait(limit, is_flood);
  }
}

async::Task<bool> Run::until_ended_or_cancelled(Instant limit) {
  for (;;) {
    const bool is_flood = drain();
    if (has_ended()) {
      co_return true;
    }
    const bool cancelled = co_await async::is_cancelled();
    if (cancelled || monotonic_now() >= limit) {
      co_return false;
    }
    co_await wait(limit, is_flood);
  }
}

void Run::send(int signal) const {
  ::kill(-pid_, signal);
}

bool Run::has_ended() const {
  siginfo_t info{};
  const int done = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return done == 0 && info.si_pid == pid_;
}

Outcome Run::finish() {
  drain();
  // As long as it is a zombie, no other group can have its number.
  send(SIGKILL);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG);
  std::array<char, output_kept> complaint{};
  const auto length = read_some(complaint_.number(), complaint);
  if (length > 0) {
    return {.end = End::not_started,
            .text = printable({complaint.data(), static_cast<std::size_t>(length)})};
  }
  return {.end = info.si_code == CLD_EXITED ? End::exited : End::signalled,
          .number = info.si_status,
          .text = output()};
}

/// Reads what there is. True when there may be more, and it was enough for now.
bool Run::drain() {
  std::array<char, 4096> buffer{};
  for (std::size_t total = 0; output_.is_open() && total < most_at_once;) {
    const auto count = read_some(output_.native_handle(), buffer);
    if (count < 0) {
      return false;
    }
    if (count == 0) {
      output_.close();
      return false;
    }
    const auto length = static_cast<std::size_t>(count);
    total += length;
    output_text_.append(buffer.data(), std::min(length, output_kept - output_text_.size()));
  }
  return output_.is_open();
}

/// Waits for anything that until_ended() looks for, or for nothing at all: whoever calls looks
/// again. After a cancellation only the first wait is cut short.
async::Task<> Run::wait(Instant limit, bool pause) {
  namespace experimental = asio::experimental;
  const auto due = pause ? std::min(limit, monotonic_now() + pause_of_a_flood) : limit;
  asio::steady_timer timer{handle_.get_executor(), async::steady(due)};
  if (pause || !output_.is_open()) {
    auto either = experimental::make_parallel_group(
        handle_.async_wait(asio::posix::stream_descriptor::wait_read, asio::deferred),
        timer.async_wait(asio::deferred));
    co_await either.async_wait(experimental::wait_for_one(), asio::use_awaitable);
    co_return;
  }
  auto any = experimental::make_parallel_group(
      handle_.async_wait(asio::posix::stream_descriptor::wait_read, asio::deferred),
      output_.async_wait(asio::posix::stream_descriptor::wait_read, asio::deferred),
      timer.async_wait(asio::deferred));
  co_await any.async_wait(experimental::wait_for_one(), asio::use_awaitable);
}

}  // namespace havip::process
