// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/shrink.hpp"

#include "tests/sim/world.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace havip::sim {
namespace {

class Shrinker {
public:
  Shrinker(Scenario scenario, Mutant mutant, std::string what)
      : best_{std::move(scenario)}, mutant_{mutant}, what_{std::move(what)} {}

  Scenario run() {
    drop_ops();
    try_with([](Scenario& scenario) { scenario.loss_permille = 0; });
    try_with([](Scenario& scenario) { scenario.duplicate_permille = 0; });
    try_with([](Scenario& scenario) { scenario.addresses = 1; });
    try_with([](Scenario& scenario) { scenario.longest_delay = std::chrono::milliseconds{1}; });
    while (best_.nodes() > 2 && try_with(drop_last_node)) {
    }
    drop_ops();
    return best_;
  }

private:
  template <class Change>
  bool try_with(Change change) {
    auto candidate = best_;
    change(candidate);
    const auto failure = World{candidate, mutant_}.run();
    const bool same = failure && failure->what == what_;
    if (same) {
      best_ = std::move(candidate);
    }
    return same;
  }

  static void drop_last_node(Scenario& scenario) {
    scenario.priorities.pop_back();
    std::erase_if(scenario.ops, [&](const Op& op) {
      return op.node >= scenario.nodes() ||
             (op.fault == Fault::cut && op.other >= scenario.nodes());
    });
  }

  void drop_ops() {
    for (auto chunk = std::max<std::size_t>(1, best_.ops.size() / 2); chunk > 0; chunk /= 2) {
      for (std::size_t i = 0; i + chunk <= best_.ops.size();) {
        const auto erase = [&](Scenario& scenario) {
          const auto first = scenario.ops.begin() + static_cast<std::ptrdiff_t>(i);
          scenario.ops.erase(first, first + static_cast<std::ptrdiff_t>(chunk));
        };
        i += try_with(erase) ? 0 : chunk;
      }
    }
  }

  Scenario best_;
  Mutant mutant_;
  std::string what_;
};

}  // namespace

Scenario shrink(const Scenario& scenario, Mutant mutant, const std::string& what) {
  return Shrinker{scenario, mutant, what}.run();
}

}  // namespace havip::sim
