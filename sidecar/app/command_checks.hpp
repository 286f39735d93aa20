#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/process/program.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace havip::app {

/// A track whose condition is that a program ends with status 0 in time.
struct CommandTrack {
  std::vector<std::string> command;
  Duration interval{};  ///< from start to start
  Duration timeout{};

  friend bool operator==(const CommandTrack&, const CommandTrack&) = default;
};

/// Runs the programs of the command tracks again and again, each for itself: one that hangs delays
/// no other. Of one track there is never more than one run. Service thread.
class CommandChecks {
public:
  /// `track` is the place in the list of the constructor; `detail` says how the run ended:
  /// `exit status 2: "disk full"`. Called after each run, on the executor's thread; must not throw.
  using OnResult = std::function<void(std::size_t track, bool well, std::string detail)>;

  /// `launcher` as in process::Program::Settings.
  CommandChecks(std::vector<CommandTrack> tracks,
                OnResult on_result,
                const std::string& launcher = process::own_program);

  /// Checks until it is cancelled, the first time at once; to be spawned in a TaskGroup.
  async::Task<> run();

private:
  async::Task<> repeat(std::size_t index);

  std::vector<CommandTrack> tracks_;
  OnResult on_result_;
  std::deque<process::Program> programs_;  ///< in the order of the tracks
};

}  // namespace havip::app
