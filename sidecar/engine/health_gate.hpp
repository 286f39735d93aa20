#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/facts.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/engine/damped.hpp"
#include "sidecar/engine/fitness.hpp"
#include "sidecar/engine/tracks.hpp"
#include "sidecar/ports/status.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace havip::engine {

/// From HAProxy's facts and from the conditions that are tracked to the node's fitness.
///
/// A worsening acts at once. A recovery acts after `recover_after` without a setback, so that a
/// server that comes and goes cannot make the address come and go. What is seen first is believed
/// at once. Dead or hung HAProxy is a fault whatever is tracked; one that came back yields for
/// `process_recovery`: it takes the address if nobody else can, and preempts nobody yet.
///
/// Until HAProxy is known and each condition has had its first result nothing is decided, unless
/// what is known already is a fault. Not to know HAProxy any more changes nothing by itself: what
/// was known last stays in force, and the conditions go on to count.
///
/// Pure, but lives on the service thread: the number of backends never reaches the election.
class HealthGate {
public:
  static constexpr Duration process_recovery = std::chrono::seconds{2};

  explicit HealthGate(std::vector<BackendTrack> tracks,
                      std::vector<ConditionTrack> conditions = {});

  /// HAProxy's state as read now.
  void observe(const haproxy::Facts& facts, Instant now);

  /// Whether a condition, by its place among those given to the constructor, holds now. `detail`
  /// goes on after the track's name: "does not answer". What follows a ": " in it, such as the
  /// output of a command, is shown in the status and is no part of the reason: reasons are counted
  /// in the metrics, and must not be without number.
  void observe_condition(std::size_t index, bool holds, std::string detail, Instant now);

  /// The fitness that follows at this moment.
  Fitness judge(Instant now);

  /// When a recovery that waits would count.
  [[nodiscard]] std::optional<Instant> deadline() const;

  /// Every track as of the last judgement, backends first. One is `failed` when it takes from the
  /// node's fitness; a backend that scales the priority, when nothing of it is healthy.
  [[nodiscard]] std::vector<ports::TrackStatus> tracks() const;

private:
  struct Condition {
    ConditionTrack track;
    Damped level;
    std::string detail;  ///< as observed last
    std::string reason;  ///< of the failure in force
    ports::TrackStatus shown;
  };

  struct Share {
    BackendTrack track;
    Damped level;
    std::string detail;
    ports::TrackStatus shown;
  };

  [[nodiscard]] std::optional<Fitness> judge_process() const;
  void settle(Instant now);

  std::vector<Share> shares_;
  std::vector<Condition> conditions_;
  haproxy::Facts facts_;
  bool failed_ = false;                  ///< down or hung since it was up last
  std::optional<Instant> recovered_at_;  ///< HAProxy is back, but is trusted from then on only
};

/// The mean healthy share of the backends that match; 0 when none does.
double healthy_share(const std::string& pattern, const std::vector<haproxy::Backend>& backends);

/// Whether the backends that match have what is asked for, together.
bool satisfies(const AtLeast& demand,
               const std::string& pattern,
               const std::vector<haproxy::Backend>& backends);

}  // namespace havip::engine
