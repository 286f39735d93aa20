#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/client_socket.hpp"
#include "haproxy/framing.hpp"
#include "sidecar/async/task.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace havip::haproxy {

/// One connection to HAProxy's Runtime API that stays open: one command at a time, and the end of
/// the connection is felt at once, also between commands.
///
/// Every failure is an Error: what the system call said, std::errc::timed_out (the command is then
/// still under way, see late_answer()), std::errc::operation_canceled, or a Fault. After any but
/// timed_out the connection is of no more use: close() it. A coroutine that awaits these must have
/// called `co_await this_coro::throw_if_cancelled(false)`; it learns of its cancellation by the
/// error. One thread, the executor's.
class Client {
public:
  struct Settings {
    Duration timeout{};  ///< for how long HAProxy may be silent while it owes an answer
    std::size_t largest_answer = std::size_t{32} << 20U;  ///< some 100,000 servers
  };

  Client(const boost::asio::any_io_executor& executor, Settings settings);

  /// Connects, without waiting: on a unix socket this succeeds or fails at once. EAGAIN: the queue
  /// of connections that nobody has accepted yet is full. An open connection is closed first.
  Result<> connect(const std::string& path);

  void close();

  /// Sends one command (one line, no `;`) and gives its answer without the prompt. A long answer
  /// may take longer than the timeout as long as it goes on coming, ten times as long at most.
  async::Task<Result<std::string>> ask(std::string command);

  /// Goes on waiting for the answer to a command that timed out, until one came or `patience` is
  /// at its end (timed_out again).
  async::Task<Result<std::string>> late_answer(Duration patience);

  /// Waits until `until`, or until interrupt(), while nothing is asked; fails as soon as the
  /// connection ends (Fault::closed) or says something (Fault::not_asked).
  async::Task<Result<>> idle(Instant until);

  /// Ends an idle() under way, successfully; without one it does nothing.
  void interrupt() { idle_.cancel(); }

  /// The process that made the socket we are connected to, see listening_process().
  int listening_process() { return haproxy::listening_process(socket_); }

private:
  /// Reads what has come, or a good part of it; empty when the answer is not complete.
  Result<std::optional<std::string>> take_answer();
  Result<> check_silent();
  async::Task<Result<std::string>> answer(Duration silence);

  Settings settings_;
  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::steady_timer idle_;
  Framing framing_;
  bool owed_ = false;  ///< an answer
  Instant heard_;      ///< when the last bytes of it came
};

}  // namespace havip::haproxy
