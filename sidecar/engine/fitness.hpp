#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/status.hpp"
#include "sidecar/vrrp/types.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace havip::engine {

/// Whether and how well a node may take part.
enum class Verdict : std::uint8_t {
  undecided,  ///< nothing is known yet: stay in init
  fit,        ///< take part with the priority that results
  yield,      ///< take part behind everybody who is well
  fault,      ///< do not take part
};

/// A tracked backend's share of healthy weight, which the priority is multiplied by.
struct Scale {
  std::string what;  ///< "backend web"
  double share = 1.0;

  friend bool operator==(const Scale&, const Scale&) = default;
};

/// What a failed check takes from the priority.
struct Lower {
  std::string what;
  int amount = 0;

  friend bool operator==(const Lower&, const Lower&) = default;
};

/// The health of this node, reduced to what the election needs. Its size depends on the number of
/// tracks, never on the number of HAProxy's servers.
struct Fitness {
  Verdict verdict = Verdict::undecided;
  std::string why;  ///< of yield and fault: "HAProxy is down: nobody listens on ..."
  std::vector<Scale> scales;
  std::vector<Lower> lowers;

  friend bool operator==(const Fitness&, const Fitness&) = default;
};

struct EffectivePriority {
  vrrp::Priority value;
  std::vector<ports::Reason> reasons;  ///< their changes add up to value - configured

  friend bool operator==(const EffectivePriority&, const EffectivePriority&) = default;
};

/// max(1, round(priority x shares) - sum of lowers); 1 for a node that yields or is drained. In
/// `fault` the value is of no use to the election; it is what the node would have.
EffectivePriority effective_priority(vrrp::Priority configured,
                                     const Fitness& fitness,
                                     bool drained);

}  // namespace havip::engine
