// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/scenario.hpp"

#include "tests/sim/random.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace havip::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::array<const char*, fault_count> fault_names{"cut",
                                                           "heal",
                                                           "crash",
                                                           "boot",
                                                           "stop",
                                                           "pause",
                                                           "haproxy_down",
                                                           "haproxy_up",
                                                           "unplug",
                                                           "plug",
                                                           "remove_address",
                                                           "drain",
                                                           "undrain",
                                                           "refuse",
                                                           "permit",
                                                           "backend_down",
                                                           "backend_up"};

/// Every listed node knows who comes after whom, as the daemon derives it from the configuration.
vrrp::Succession succession_of(const Scenario& scenario, int self) {
  if (scenario.nodes() == 2) {
    return {.of_anyone = true, .of = {}};
  }
  const auto rank = [&](int node) {
    return std::pair{scenario.priorities.at(static_cast<std::size_t>(node)), address_of(node)};
  };
  vrrp::Succession result;
  for (int gone = 0; gone < scenario.nodes(); ++gone) {
    bool first = gone != self;
    for (int other = 0; other < scenario.nodes(); ++other) {
      first = first && (other == gone || other == self || rank(self) > rank(other));
    }
    if (first) {
      result.of.insert(address_of(gone));
    }
  }
  return result;
}

}  // namespace

Scenario generate(std::uint64_t seed) {
  Random random{seed};
  Scenario scenario;
  scenario.seed = seed;
  const int nodes = 2 + random.below(3);
  for (int i = 0; i < nodes; ++i) {
    scenario.priorities.push_back(random.below(3) == 0 ? 100 : 2 + random.below(253));
  }
  constexpr std::array intervals{100, 100, 100, 200, 1000};
  scenario.interval = milliseconds{intervals.at(static_cast<std::size_t>(random.below(5)))};
  scenario.preempt = random.below(6) != 0;
  scenario.addresses = 1 + random.below(2);
  scenario.loss_permille = random.below(2) == 0 ? 0 : random.below(300);
  scenario.duplicate_permille = random.below(2) == 0 ? 0 : random.below(200);
  scenario.longest_delay = milliseconds{1 + random.below(random.below(3) == 0 ? 150 : 10)};
  const int ops = random.below(30);
  const auto span = static_cast<int>(chaos / milliseconds{1});
  for (int i = 0; i < ops; ++i) {
    const auto at = milliseconds{random.below(span)};
    const auto fault = static_cast<Fault>(random.below(fault_count));
    const int node = random.below(nodes);
    const int other = fault == Fault::pause ? 1 + random.below(40) : random.below(nodes);
    scenario.ops.push_back({.at = at, .fault = fault, .node = node, .other = other});
  }
  std::ranges::stable_sort(scenario.ops, {}, &Op::at);
  return scenario;
}

std::string describe(const Scenario& scenario) {
  std::string text = "seed " + std::to_string(scenario.seed) + ": interval " +
                     std::to_string(scenario.interval / milliseconds{1}) + " ms, preempt " +
                     (scenario.preempt ? "yes" : "no") + ", addresses " +
                     std::to_string(scenario.addresses) + ", loss " +
                     std::to_string(scenario.loss_permille) + "/1000, duplicates " +
                     std::to_string(scenario.duplicate_permille) + "/1000, delay up to " +
                     std::to_string(scenario.longest_delay / milliseconds{1}) + " ms, priorities";
  for (const int priority : scenario.priorities) {
    text += " " + std::to_string(priority);
  }
  for (const auto& op : scenario.ops) {
    text += "\n  at " + std::to_string(op.at / milliseconds{1}) +
            " ms: " + fault_names.at(static_cast<std::size_t>(op.fault)) + " " +
            std::to_string(op.node);
    if (op.fault == Fault::cut || op.fault == Fault::pause) {
      text += " " + std::to_string(op.other);
    }
  }
  return text;
}

IpAddress address_of(int node) {
  return IpAddress::v4(0x0A00000B + static_cast<std::uint32_t>(node));
}

engine::Settings settings_of(const Scenario& scenario, int node) {
  engine::Settings settings;
  for (int i = 0; i < scenario.nodes(); ++i) {
    settings.node_names.emplace(address_of(i), "lb" + std::to_string(i));
  }
  engine::VirtualRouterSettings router{.name = "public",
                                       .interface = "eth0",
                                       .vrid = {51},
                                       .family = Family::ipv4,
                                       .addresses = {},
                                       .priority = {static_cast<std::uint8_t>(
                                           scenario.priorities.at(static_cast<std::size_t>(node)))},
                                       .advert_interval = scenario.interval,
                                       .preempt = scenario.preempt,
                                       .preempt_delay = {},
                                       .succession = succession_of(scenario, node),
                                       .peers_relieve = scenario.preempt};
  for (int i = 0; i < scenario.addresses; ++i) {
    router.addresses.push_back({IpAddress::v4(0xC000020A + static_cast<std::uint32_t>(i)), 24});
  }
  settings.virtual_routers.push_back(std::move(router));
  return settings;
}

}  // namespace havip::sim
