#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/progress.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace havip::haproxy {

/// Tells a HAProxy that hangs from one that has no slot left for us ("stats maxconn"): both accept
/// a connection, by the kernel, and never answer. One that works goes to sleep and wakes up
/// all the time, which the kernel counts as voluntary context switches of its threads.
///
/// Which process it is: of those called haproxy* that belong together (a master and its children)
/// the youngest, for a master and the remains of a reload work on while a new worker hangs.
class ProcessWatch {
public:
  /// `proc` is where procfs is mounted.
  explicit ProcessWatch(std::string proc = "/proc") : proc_{std::move(proc)} {}

  /// Remembers how the process is now. `listening` is who made the socket, `known` who answered
  /// last; 0 for either: not known.
  void begin(int listening, int known);

  /// What it has done since then.
  [[nodiscard]] Progress progress() const;

private:
  struct Process {
    int pid = 0;
    int parent = 0;
    std::uint64_t started = 0;  ///< in ticks since boot
    bool stopped = false;

    friend bool operator==(const Process&, const Process&) = default;
  };

  /// Empty when there is none, or none that is called haproxy.
  [[nodiscard]] std::optional<Process> look_at(int pid) const;
  [[nodiscard]] std::optional<Process> youngest(int listening, int known) const;
  [[nodiscard]] std::uint64_t switches(int pid) const;

  std::string proc_;
  std::optional<Process> process_;
  std::uint64_t switches_ = 0;
};

}  // namespace havip::haproxy
