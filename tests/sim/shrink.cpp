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
    simplify_network();
    simplify_cluster();
    while (best_.nodes() > 2 && try_with(drop_last_node)) {
    }
    while (best_.routers.size() > 1 && try_with(drop_last_router)) {
    }
    drop_ops();
    return best_;
  }

private:
  void simplify_network() {
    try_with([](Scenario& scenario) { scenario.attacked = false; });
    try_with([](Scenario& scenario) { scenario.loss_back_permille = 0; });
    try_with([](Scenario& scenario) { scenario.loss_permille = 0; });
    try_with([](Scenario& scenario) { scenario.duplicate_permille = 0; });
    try_with([](Scenario& scenario) { scenario.longest_delay = std::chrono::milliseconds{1}; });
  }

  void simplify_cluster() {
    for (std::size_t i = 0; i < best_.clocks.size(); ++i) {
      try_with([&](Scenario& scenario) {
        scenario.clocks[i] = {.ppm = 0, .uptime = std::chrono::hours{1}, .wall_error = {}};
      });
    }
    try_with([](Scenario& scenario) { scenario.addresses = 1; });
    try_with([](Scenario& scenario) { scenario.is_signed = false; });
    try_with([](Scenario& scenario) { scenario.preempt_delay = {}; });
    try_with([](Scenario& scenario) { scenario.preempt = true; });
    try_with([](Scenario& scenario) { scenario.version = 3; });
    try_with([](Scenario& scenario) { scenario.transport = engine::Transport::multicast; });
    try_with([](Scenario& scenario) {
      scenario.interval =
          scenario.version == 3 ? std::chrono::milliseconds{100} : scenario.interval;
    });
  }

  template <class Change>
  bool try_with(Change change) {
    auto candidate = best_;
    change(candidate);
    const auto failure = candidate == best_ ? std::nullopt : play(candidate, mutant_).failure;
    const bool same = failure && failure->what == what_;
    if (same) {
      best_ = std::move(candidate);
    }
    return same;
  }

  static void drop_last_node(Scenario& scenario) {
    scenario.clocks.pop_back();
    for (auto& router : scenario.routers) {
      router.priorities.pop_back();
    }
    std::erase_if(scenario.ops, [&](const Op& op) {
      const bool names_other = op.fault == Fault::cut || op.fault == Fault::silence;
      return op.node >= scenario.nodes() || (names_other && op.other >= scenario.nodes());
    });
  }

  static void drop_last_router(Scenario& scenario) {
    scenario.routers.pop_back();
    scenario.grouped = scenario.grouped && scenario.routers.size() > 1;
    std::erase_if(scenario.ops, [&](const Op& op) { return op.wire >= scenario.wires(); });
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
