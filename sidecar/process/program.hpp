#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/process/launch.hpp"
#include "sidecar/process/outcome.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace havip::process {

/// How much of a program's output is kept; what it writes beyond that is read and forgotten.
inline constexpr std::size_t output_kept = 1024;

/// A program of the administrator's, which is run time and again, never twice at the same time.
///
/// It has no shell and no input, and leads a process group; what is left of that group when the
/// program ends is killed, so nothing of a run outlives it but what made itself a session of its
/// own. A run whose time is up, or whose coroutine is cancelled, is told to end (SIGTERM to the
/// group) and killed 200 ms later. One thread, the executor's. No zombie stays, no descriptor.
class Program {
public:
  struct Settings {
    std::vector<std::string> command;  ///< an absolute path, and arguments
    std::string launcher = own_program;
    Duration grace = std::chrono::milliseconds{200};  ///< between SIGTERM and SIGKILL
    /// After SIGKILL. A process in the kernel's hands (a dead file server) ends when the kernel
    /// lets it go; it is not waited for longer, and reaped before the next run.
    Duration patience = std::chrono::seconds{1};
  };

  explicit Program(Settings settings);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  /// Runs it once, with `environment` ("NAME=value") on top of the daemon's own. Answers within
  /// `timeout`, grace and patience. Throws nothing when it is cancelled: the outcome says so.
  async::Task<Outcome> run(Duration timeout, std::vector<std::string> environment);

  [[nodiscard]] const std::string& path() const { return settings_.command.front(); }

private:
  async::Task<Outcome> attempt(Duration timeout, std::vector<std::string> environment);
  [[nodiscard]] bool is_stuck();

  Settings settings_;
  std::optional<pid_t> stuck_;  ///< was killed, and had not ended when we stopped waiting
};

}  // namespace havip::process
