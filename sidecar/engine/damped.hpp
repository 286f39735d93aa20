#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <optional>

namespace havip::engine {

/// A level of health between 0 and 1 that falls at once and rises late: a rise counts when the
/// level has not fallen again for `recover_after`. The first level is believed at once.
class Damped {
public:
  void observe(double level, Duration recover_after, Instant now);

  /// The level in force at this moment; 0 before anything was observed.
  double settle(Instant now);

  [[nodiscard]] bool known() const { return level_.has_value(); }

  /// The level in force when it was settled last.
  [[nodiscard]] double in_force() const { return level_.value_or(0); }

  /// When a rise that waits would count.
  [[nodiscard]] std::optional<Instant> deadline() const { return rises_at_; }

private:
  std::optional<double> level_;  ///< in force; nothing was seen yet when empty
  double wanted_ = 0;
  std::optional<Instant> rises_at_;
};

}  // namespace havip::engine
