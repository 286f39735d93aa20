// SPDX-License-Identifier: Apache-2.0
#include "haproxy/client.hpp"

#include "haproxy/error.hpp"
#include "sidecar/async/wait.hpp"
#include "sidecar/base/check.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace havip::haproxy {

namespace {

using async::monotonic_now;
using async::Wake;
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

Error closed() {
  return fault(Fault::closed, "HAProxy closed the connection");
}

}  // namespace

Client::Client(const boost::asio::any_io_executor& executor, Settings settings)
    : settings_{settings}, socket_{executor}, framing_{settings.largest_answer} {}

Result<> Client::connect(const std::string& path) {
  close();
  ::sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return errno_error(ENAMETOOLONG, "connect to " + path);
  }
  std::memcpy(&address.sun_path[0], path.c_str(), path.size() + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return errno_error(errno, "open a socket");
  }
  // By hand, because async_connect takes EAGAIN (a full queue) for "in progress" and then reports
  // success for a socket that is not connected.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what connect(2) wants.
  if (::connect(descriptor, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) != 0) {
    auto error = errno_error(errno, "connect to " + path);
    ::close(descriptor);
    return error;
  }
  boost::system::error_code error;
  socket_.assign(stream_protocol{}, descriptor, error);
  if (error) {
    ::close(descriptor);
    return Error{error, "watch a socket: " + error.message()};
  }
  return {};
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
  if (const auto sent = send(command + '\n'); !sent) {
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
  while (true) {
    const auto wake = co_await async::wait_readable(socket_, until);
    if (wake == Wake::cancelled) {
      co_return cancelled();
    }
    if (const auto silence = check_silent(); !silence || wake == Wake::deadline) {
      co_return silence;
    }
  }
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
    const auto bytes = receive();
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

Result<std::optional<std::string>> Client::receive() {
  std::array<char, std::size_t{16} << 10U> buffer;  // NOLINT(*-member-init): recv fills it
  while (true) {
    const auto got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      return std::optional{std::string{buffer.data(), static_cast<std::size_t>(got)}};
    }
    if (got == 0 || errno == ECONNRESET) {
      return closed();
    }
    if (errno == EAGAIN) {
      return std::optional<std::string>{};
    }
    if (errno != EINTR) {
      return errno_error(errno, "read from HAProxy");
    }
  }
}

Result<> Client::check_silent() {
  const auto bytes = receive();
  if (!bytes) {
    return bytes.error();
  }
  if (*bytes) {
    return fault(Fault::not_asked, "said without being asked: \"" + printable(**bytes) + '"');
  }
  return {};
}

Result<> Client::send(const std::string& line) {
  const auto sent =
      ::send(socket_.native_handle(), line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(line.size())) {
    return {};
  }
  if (sent < 0 && (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN)) {
    return closed();
  }
  // With one command of a few bytes under way the buffer cannot be full.
  return errno_error(sent < 0 ? errno : EMSGSIZE, "send a command to HAProxy");
}

}  // namespace havip::haproxy
