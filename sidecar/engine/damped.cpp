// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/damped.hpp"

namespace havip::engine {

void Damped::observe(double level, Duration recover_after, Instant now) {
  if (!level_ || level <= *level_) {
    level_ = level;
    rises_at_.reset();
  } else if (!rises_at_ || level < wanted_) {
    rises_at_ = now + recover_after;
  }
  wanted_ = level;
}

double Damped::settle(Instant now) {
  if (rises_at_ && *rises_at_ <= now) {
    level_ = wanted_;
    rises_at_.reset();
  }
  return in_force();
}

}  // namespace havip::engine
