// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/fitness.hpp"

#include <algorithm>
#include <cmath>

namespace havip::engine {
namespace {

/// Steps down to priorities and notes each step, so that the operator can add it up.
class Ledger {
public:
  explicit Ledger(vrrp::Priority configured) : priority_{configured.value} {}

  void move_to(const std::string& what, int target) {
    const int bounded = std::max<int>(target, vrrp::yield_priority.value);
    reasons_.push_back({what, bounded - priority_});
    priority_ = bounded;
  }

  [[nodiscard]] int priority() const { return priority_; }

  EffectivePriority close() {
    return {{static_cast<std::uint8_t>(priority_)}, std::move(reasons_)};
  }

private:
  int priority_;
  std::vector<ports::Reason> reasons_;
};

}  // namespace

EffectivePriority effective_priority(vrrp::Priority configured,
                                     const Fitness& fitness,
                                     bool drained) {
  Ledger ledger{configured};
  double scaled = configured.value;
  for (const auto& scale : fitness.scales) {
    scaled *= std::clamp(scale.share, 0.0, 1.0);
    ledger.move_to(scale.what, static_cast<int>(std::lround(scaled)));
  }
  for (const auto& lower : fitness.lowers) {
    ledger.move_to(lower.what, ledger.priority() - lower.amount);
  }
  if (fitness.verdict == Verdict::yield) {
    ledger.move_to(fitness.why, vrrp::yield_priority.value);
  }
  if (drained) {
    ledger.move_to("drained", vrrp::yield_priority.value);
  }
  return ledger.close();
}

}  // namespace havip::engine
