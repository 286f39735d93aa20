// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/announce_plan.hpp"

namespace havip::vrrp {

void AnnouncePlan::start(Instant now) {
  started_ = now;
  round_ = 0;
  next_ = now;
}

void AnnouncePlan::suspect(Instant now) {
  if (next_ && now - started_ >= quiet_time) {
    start(now);
  }
}

bool AnnouncePlan::due(Instant now) {
  if (!next_ || now < *next_) {
    return false;
  }
  ++round_;
  next_ = round_ < campaign.size() ? started_ + campaign.at(round_) : now + refresh;
  return true;
}

}  // namespace havip::vrrp
