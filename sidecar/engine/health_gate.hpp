#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/facts.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/engine/fitness.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace havip::engine {

/// What a track does when its condition does not hold.
struct OtherwiseYield {
  friend bool operator==(const OtherwiseYield&, const OtherwiseYield&) = default;
};

struct OtherwiseFault {
  friend bool operator==(const OtherwiseFault&, const OtherwiseFault&) = default;
};

struct OtherwiseLower {
  int amount = 0;
  friend bool operator==(const OtherwiseLower&, const OtherwiseLower&) = default;
};

using Otherwise = std::variant<OtherwiseYield, OtherwiseFault, OtherwiseLower>;

/// At least so many servers, or so large a share of the healthy weight.
struct AtLeastServers {
  int servers = 1;
  friend bool operator==(const AtLeastServers&, const AtLeastServers&) = default;
};

struct AtLeastShare {
  double share = 0.5;
  friend bool operator==(const AtLeastShare&, const AtLeastShare&) = default;
};

using AtLeast = std::variant<AtLeastServers, AtLeastShare>;

/// One `[[track]]` of a backend. Without `at_least` the priority scales with the healthy share.
struct BackendTrack {
  std::string pattern;  ///< a backend's name, or a glob of fnmatch(3)
  std::optional<AtLeast> at_least;
  Otherwise otherwise = OtherwiseYield{};
  Duration recover_after = std::chrono::seconds{2};

  friend bool operator==(const BackendTrack&, const BackendTrack&) = default;
};

/// From HAProxy's facts to the node's fitness.
///
/// A worsening acts at once. A recovery acts after `recover_after` without a setback, so that a
/// server that comes and goes cannot make the address come and go. What is seen first is believed
/// at once. Dead or hung HAProxy is a fault whatever is tracked; one that came back yields for
/// `process_recovery`: it takes the address if nobody else can, and preempts nobody yet.
///
/// Pure, but lives on the service thread: the number of backends never reaches the election.
class HealthGate {
public:
  static constexpr Duration process_recovery = std::chrono::seconds{2};

  explicit HealthGate(std::vector<BackendTrack> tracks);

  /// HAProxy's state as read now.
  void observe(const haproxy::Facts& facts, Instant now);

  /// The fitness that follows at this moment.
  Fitness judge(Instant now);

  /// When a recovery that waits would count.
  [[nodiscard]] std::optional<Instant> deadline() const;

private:
  /// A level of health between 0 and 1 that falls at once and rises late.
  class Damped {
  public:
    void observe(double level, Duration recover_after, Instant now);
    double settle(Instant now);

    [[nodiscard]] std::optional<Instant> deadline() const { return rises_at_; }

  private:
    std::optional<double> level_;  ///< in force; nothing was seen yet when empty
    double wanted_ = 0;
    std::optional<Instant> rises_at_;
  };

  static void add(const BackendTrack& track, double level, Fitness& fitness);

  std::vector<BackendTrack> tracks_;
  std::vector<Damped> levels_;
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
