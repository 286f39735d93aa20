#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/mutant.hpp"
#include "tests/sim/scenario.hpp"

#include <string>

namespace havip::sim {

/// A simpler scenario that breaks the same invariant.
Scenario shrink(const Scenario& scenario, Mutant mutant, const std::string& what);

}  // namespace havip::sim
