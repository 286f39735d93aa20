#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/hook_queue.hpp"
#include "sidecar/async/task.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/ports/status.hpp"
#include "sidecar/process/program.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace havip::app {

/// Tells the administrator's programs of each transition of a virtual router.
///
/// Each hook has a queue of its own and is run once for each transition, in order, one at a time;
/// what the environment of a run says is in hooks.cpp. It is told at least once of the latest state
/// of each virtual router: a run that failed is tried again until it succeeds or a newer transition
/// of that virtual router makes it pointless. hook_queue.hpp says what is left out when a hook is
/// slower than a router that flaps. Service thread.
class Hooks {
public:
  struct Settings {
    std::vector<std::vector<std::string>> commands{};  ///< one for each [[hook]]
    std::string node{};                                ///< what this node calls itself
    Duration timeout = std::chrono::seconds{30};
    RetryPauses pauses{};
    Duration farewell = std::chrono::seconds{2};  ///< for what waits when the daemon ends
    std::string launcher = process::own_program;  ///< as in process::Program::Settings
  };

  Hooks(const boost::asio::any_io_executor& executor, Settings settings, LogSink log);

  /// Takes the transitions since the status before; to be called with each that is published.
  /// The first one of a virtual router counts as a transition unless the router is in init.
  void observe(const ports::ElectionStatus& status);

  /// Runs the hooks until it is cancelled, and then for as long as there is something to tell, at
  /// most the farewell time; to be spawned in a TaskGroup.
  async::Task<> run();

private:
  struct Hook {
    Hook(const boost::asio::any_io_executor& executor,
         process::Program::Settings settings,
         RetryPauses pauses);

    process::Program program;
    HookQueue queue;
    std::uint64_t sequence = 0;  ///< of the last run
    boost::asio::steady_timer wake;
  };

  struct Seen {
    vrrp::State state = vrrp::State::init;
    std::uint64_t transitions = 0;
  };

  async::Task<> tell(Hook& hook);
  async::Task<> run_once(Hook& hook, Notice notice);
  async::Task<> wait_until_cancelled();
  async::Task<> say_farewell();
  void take_failure(Hook& hook, const Notice& notice, const std::string& why);
  void log_untold(const Hook& hook) const;
  [[nodiscard]] bool has_nothing_left(const Hook& hook) const;

  Settings settings_;
  LogSink log_;
  std::map<std::string, Seen> seen_;
  std::deque<Hook> hooks_;
  boost::asio::steady_timer over_;  ///< cancelled when the task of a hook has ended
  std::size_t running_ = 0;         ///< tasks of hooks
  std::optional<Instant> end_;      ///< of the farewell, once it has begun
};

}  // namespace havip::app
