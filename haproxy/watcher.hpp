#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/board.hpp"
#include "haproxy/client.hpp"
#include "haproxy/facts.hpp"
#include "haproxy/info.hpp"
#include "haproxy/log_listener.hpp"
#include "haproxy/process_watch.hpp"
#include "haproxy/push.hpp"
#include "haproxy/ring_watch.hpp"
#include "haproxy/verdict.hpp"
#include "sidecar/async/task.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace havip::haproxy {

/// Watches one HAProxy through its Runtime API and tells what becomes of it.
///
/// It keeps one connection, reads the state over it, and feels the connection's end at once. When
/// that ends it connects again: at once the first time, then after pauses that grow from 10 ms to
/// `interval`. The state is read every `interval`, and as soon as HAProxy tells of a change by the
/// ring or by a log line, where it does; every second is enough then (see pace.hpp, also for large
/// HAProxys). Between readings it is asked for a sign of life only. What the readings and failures
/// mean is Verdict's to say, what events are worth Push's. Runs on one thread, the executor's;
/// needs `level user` of the socket and one of its slots, for the ring `level operator` and
/// another.
class Watcher {
public:
  struct Settings {
    std::string socket{};                     ///< "/run/haproxy/admin.sock"
    Duration interval{};                      ///< between two readings, when nothing is pushed
    Duration timeout{};                       ///< no answer for so long: hung
    Duration hold = std::chrono::seconds{5};  ///< for the first health checks of a new process
    std::string ring{};                       ///< of events; empty: none is watched
    std::optional<LogAddress> log{};          ///< for HAProxy's log lines
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
  /// One conversation after the other.
  async::Task<> watch();

  /// Reads again and again over one connection; returns why it ended.
  async::Task<Error> converse();

  /// Asks; when there is no answer in time, tells so and waits a while more for a late one.
  async::Task<Result<std::string>> ask(std::string command);

  /// One reading of everything, told when it is complete.
  async::Task<Result<>> read();
  async::Task<Result<Info>> read_info();
  async::Task<Result<>> read_backends();

  /// From one reading to the next, with signs of life in between.
  async::Task<Result<>> pause(Instant begun);

  void wake();
  void settle();
  void tell(const std::optional<Facts>& facts);
  void tell_failure(const Error& error);
  [[nodiscard]] Duration interval() const;
  Duration next_pause();

  boost::asio::any_io_executor executor_;
  Settings settings_;
  std::function<void(const Facts&)> on_facts_;
  Client client_;
  Board board_;
  Verdict verdict_;
  Push push_;
  RingWatch ring_;
  std::optional<LogListener> log_;
  ProcessWatch process_;
  std::optional<Instant> process_seen_;  ///< when process_ began
  Progress progress_ = Progress::unseen;
  ProcessId answering_;     ///< of the last reading
  int listening_ = 0;       ///< who made the socket, as far as is known
  bool answered_ = false;   ///< on this connection
  bool triggered_ = false;  ///< something was pushed since the last reading began
  Instant asked_;           ///< for a sign of life
  Instant connected_;       ///< when it was tried last
  Duration pause_{};        ///< before it is tried again
};

}  // namespace havip::haproxy
