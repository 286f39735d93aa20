#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/board.hpp"
#include "haproxy/client.hpp"
#include "haproxy/facts.hpp"
#include "haproxy/verdict.hpp"
#include "sidecar/async/task.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace havip::haproxy {

/// Watches one HAProxy through its Runtime API and tells what becomes of it.
///
/// It keeps one connection, reads the state every `interval` over it, and feels the connection's
/// end at once. When that ends it connects again: at once the first time, then after pauses that
/// grow from 10 ms to `interval`. What the readings and failures mean is Verdict's to say. Runs on
/// one thread, the executor's; needs `level user` of the socket and one of its slots.
class Watcher {
public:
  struct Settings {
    std::string socket;                       ///< "/run/haproxy/admin.sock"
    Duration interval{};                      ///< between two readings
    Duration timeout{};                       ///< no answer for so long: hung
    Duration hold = std::chrono::seconds{5};  ///< for the first health checks of a new process
  };

  /// `on_facts` is called on the executor's thread, the first time there is anything to tell and
  /// on every change of anything but the uptime. It must not throw.
  Watcher(const boost::asio::any_io_executor& executor,
          Settings settings,
          std::function<void(const Facts&)> on_facts);

  /// Watches until it is cancelled, then returns; to be spawned in a TaskGroup. Throws nothing.
  async::Task<> run();

  /// What was told last, with the uptime of the last reading.
  [[nodiscard]] const Facts& latest() const { return verdict_.latest(); }

private:
  /// Reads again and again over one connection; returns why it ended.
  async::Task<Error> converse();

  /// Asks; when there is no answer in time, tells so and waits a while more for a late one.
  async::Task<Result<std::string>> ask(std::string command);

  /// One reading of everything, told when it is complete.
  async::Task<Result<>> read();
  async::Task<Result<>> read_backends();

  void tell(const std::optional<Facts>& facts);
  Duration next_pause();

  Settings settings_;
  std::function<void(const Facts&)> on_facts_;
  Client client_;
  Board board_;
  Verdict verdict_;
  Instant connected_;  ///< when it was tried last
  Duration pause_{};   ///< before it is tried again
};

}  // namespace havip::haproxy
