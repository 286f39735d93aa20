#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

namespace havip::sim {

/// A node's clock: it showed something else when the world began, and runs a little faster or more
/// slowly. In whole numbers, so that every compiler's is the same.
class Clock {
public:
  Clock(Instant world, Instant shown, int ppm) : world_{world}, shown_{shown}, ppm_{ppm} {}

  /// What the clock shows at a moment of the world.
  [[nodiscard]] Instant at(Instant world) const {
    const auto passed = world - world_;
    return shown_ + passed + gain(passed);
  }

  /// The first moment of the world at which the clock shows so much.
  [[nodiscard]] Instant when(Instant shown) const {
    auto world = world_ + (shown - shown_);
    if (ppm_ == 0) {
      return world;
    }
    // Each step leaves a few thousandths of what was missing, the last ones a nanosecond.
    for (auto missing = shown - at(world); missing > Duration{1} || missing < Duration{-1};
         missing = shown - at(world)) {
      world += missing;
    }
    while (at(world) < shown) {
      world += Duration{1};
    }
    return world;
  }

private:
  [[nodiscard]] Duration gain(Duration passed) const { return passed / 1000 * ppm_ / 1000; }

  Instant world_;
  Instant shown_;
  int ppm_;
};

}  // namespace havip::sim
