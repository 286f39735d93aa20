// SPDX-License-Identifier: Apache-2.0
//
// Scenarios by number. The number decides everything: what the cluster is, how its network fails,
// and what befalls whom.
#include "tests/sim/random.hpp"
#include "tests/sim/scenario.hpp"

#include <algorithm>
#include <array>

namespace havip::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration chaos = seconds{12};

/// An oscillator without compensation is off by some tens of ppm; 200 is a bad one.
constexpr int worst_ppm = 200;
constexpr int longest_uptime_hours = 24 * 400;

ClockPlan draw_clock(Random& random) {
  if (random.below(3) == 0) {
    return {.ppm = 0, .uptime = hours{1}, .wall_error = {}};
  }
  // One by one: compilers differ in the order in which they look at the sides of a sum.
  const int ppm = random.below(2 * worst_ppm + 1) - worst_ppm;
  const hours whole{1 + random.below(longest_uptime_hours)};
  const milliseconds rest{random.below(3'600'000)};
  const milliseconds wall_error{random.below(2000) - 1000};
  return {.ppm = ppm, .uptime = whole + rest, .wall_error = wall_error};
}

int draw_priority(Random& random) {
  return random.below(3) == 0 ? 100 : 2 + random.below(253);
}

void draw_routers(Random& random, Scenario& scenario) {
  const int layout = random.below(4);  // half of the clusters have one virtual router
  const int routers = layout < 2 ? 1 : 2 + (layout == 3 ? random.below(2) : 0);
  scenario.grouped = layout == 2;
  const bool second_is_v6 = random.below(2) == 0;
  for (int i = 0; i < routers; ++i) {
    RouterPlan plan;
    plan.wire = scenario.grouped ? i : 0;
    plan.family = scenario.grouped && i == 1 && second_is_v6 ? Family::ipv6 : Family::ipv4;
    for (int node = 0; node < scenario.nodes(); ++node) {
      plan.priorities.push_back(draw_priority(random));
    }
    scenario.routers.push_back(std::move(plan));
  }
  if (scenario.grouped) {  // the configuration must not let them differ
    scenario.routers.back().priorities = scenario.routers.front().priorities;
  }
}

void draw_protocol(Random& random, Scenario& scenario) {
  constexpr std::array intervals{100, 100, 100, 200, 1000};
  scenario.interval = milliseconds{intervals.at(static_cast<std::size_t>(random.below(5)))};
  const bool only_v4 =
      std::ranges::all_of(scenario.routers, [](const auto& r) { return r.family == Family::ipv4; });
  if (only_v4 && random.below(8) == 0) {
    scenario.version = 2;
    scenario.interval = seconds{1};
  }
  scenario.preempt = random.below(6) != 0;
  scenario.preempt_delay = random.below(5) == 0 ? milliseconds{500 * random.below(8)} : Duration{};
  scenario.addresses = 1 + random.below(2);
  constexpr std::array transports{engine::Transport::multicast,
                                  engine::Transport::multicast,
                                  engine::Transport::unicast,
                                  engine::Transport::both};
  scenario.transport = transports.at(static_cast<std::size_t>(random.below(4)));
  scenario.is_signed = random.below(6) == 0;
  scenario.attacked = scenario.is_signed || random.below(8) == 0;
}

int draw_loss(Random& random) {
  return random.below(2) == 0 ? 0 : random.below(300);
}

void draw_network(Random& random, Scenario& scenario) {
  scenario.loss_permille = draw_loss(random);
  scenario.loss_back_permille = random.below(3) == 0 ? draw_loss(random) : scenario.loss_permille;
  scenario.duplicate_permille = random.below(2) == 0 ? 0 : random.below(200);
  scenario.longest_delay = milliseconds{1 + random.below(random.below(3) == 0 ? 150 : 10)};
}

int draw_other(Random& random, Fault fault, int nodes) {
  constexpr int longest_pause = 40;
  constexpr int largest_step = 20;
  switch (fault) {
    case Fault::pause:
    case Fault::suspend:
      return 1 + random.below(longest_pause);
    case Fault::set_wall:
      return random.below(2 * largest_step + 1) - largest_step;
    default:
      return random.below(nodes);
  }
}

/// HAProxy comes and goes.
void add_flap(Random& random, const Op& first, std::vector<Op>& ops) {
  auto op = first;
  const int times = 2 + random.below(6);
  for (int i = 0; i < times; ++i) {
    op.fault = i % 2 == 0 ? Fault::haproxy_down : Fault::haproxy_up;
    ops.push_back(op);
    op.at += milliseconds{10 + random.below(400)};
  }
  op.fault = Fault::haproxy_up;
  ops.push_back(op);
}

/// An administrator reboots the machine.
void add_reboot(Random& random, const Op& first, std::vector<Op>& ops) {
  auto op = first;
  op.fault = Fault::give_away;
  ops.push_back(op);
  op.at += milliseconds{500};
  op.fault = Fault::stop;
  ops.push_back(op);
  op.at += milliseconds{200 + random.below(3000)};
  op.fault = Fault::power_cycle;
  ops.push_back(op);
  op.at += milliseconds{10};
  op.fault = Fault::boot;
  ops.push_back(op);
}

void draw_ops(Random& random, Scenario& scenario) {
  const int ops = random.below(30);
  const auto span = static_cast<int>(chaos / milliseconds{1});
  constexpr int flap = drawn_faults;
  constexpr int reboot = drawn_faults + 1;
  constexpr int step_of_wall = drawn_faults + 2;
  for (int i = 0; i < ops; ++i) {
    Op op{.at = milliseconds{random.below(span)},
          .fault = Fault::heal,
          .node = random.below(scenario.nodes()),
          .other = 0,
          .wire = random.below(scenario.wires())};
    const int what = random.below(drawn_faults + 3);
    if (what == flap) {
      add_flap(random, op, scenario.ops);
    } else if (what == reboot) {
      add_reboot(random, op, scenario.ops);
    } else {
      op.fault = what == step_of_wall ? Fault::set_wall : static_cast<Fault>(what);
      op.other = draw_other(random, op.fault, scenario.nodes());
      scenario.ops.push_back(op);
    }
  }
  // Where stamps count, a clock that is set back makes what a new daemon says look like a replay.
  std::erase_if(scenario.ops, [&](const Op& op) {
    return op.at >= chaos || (scenario.is_signed && op.fault == Fault::set_wall);
  });
  std::ranges::stable_sort(scenario.ops, {}, &Op::at);
}

Scenario draw_migration(Random& random, Scenario scenario) {
  scenario.kind = Kind::migration;
  scenario.routers.push_back({.wire = 0, .family = Family::ipv4, .priorities = {}});
  for (int i = 0; i < scenario.nodes(); ++i) {
    scenario.routers[0].priorities.push_back(draw_priority(random));
  }
  scenario.version = 2;
  scenario.interval = seconds{1};
  scenario.longest_delay = milliseconds{1 + random.below(3)};
  scenario.preempt = random.below(4) != 0;
  return scenario;
}

}  // namespace

Scenario generate(std::uint64_t seed) {
  Random random{seed};
  Scenario scenario;
  scenario.seed = seed;
  scenario.length = chaos;
  const int nodes = 2 + random.below(random.below(4) == 0 ? 4 : 2);
  for (int i = 0; i < nodes; ++i) {
    scenario.clocks.push_back(draw_clock(random));
  }
  constexpr std::uint64_t one_in = 16;
  if (seed % one_in == one_in - 1) {
    return draw_migration(random, scenario);
  }
  draw_routers(random, scenario);
  draw_protocol(random, scenario);
  draw_network(random, scenario);
  draw_ops(random, scenario);
  return scenario;
}

Scenario generate_year(std::uint64_t seed, int days) {
  Random random{seed};
  Scenario scenario;
  scenario.kind = Kind::year;
  scenario.seed = seed;
  scenario.length = hours{24} * days;
  scenario.interval = seconds{1};
  scenario.longest_delay = milliseconds{2};
  scenario.clocks = {draw_clock(random), draw_clock(random)};
  scenario.routers.push_back({.wire = 0, .family = Family::ipv4, .priorities = {150, 100}});
  // Each fault, and what ends it.
  constexpr std::array<std::array<Fault, 2>, 12> pairs{{{Fault::cut, Fault::heal},
                                                        {Fault::crash, Fault::boot},
                                                        {Fault::stop, Fault::boot},
                                                        {Fault::pause, Fault::heal},
                                                        {Fault::haproxy_down, Fault::haproxy_up},
                                                        {Fault::unplug, Fault::plug},
                                                        {Fault::remove_address, Fault::heal},
                                                        {Fault::drain, Fault::undrain},
                                                        {Fault::refuse, Fault::permit},
                                                        {Fault::backend_down, Fault::backend_up},
                                                        {Fault::gateway_lost, Fault::gateway_back},
                                                        {Fault::delete_link, Fault::create_link}}};
  const auto mean = static_cast<int>(seconds{hours{6}} / seconds{1});
  Duration at{};
  while (at += seconds{600 + random.below(mean)}, at + hours{1} < scenario.length) {
    const auto& pair = pairs.at(static_cast<std::size_t>(random.below(pairs.size())));
    const int node = random.below(2);
    const int other = pair[0] == Fault::pause ? 1 + random.below(100) : 1 - node;
    scenario.ops.push_back({.at = at, .fault = pair[0], .node = node, .other = other, .wire = 0});
    at += milliseconds{50 + random.below(120'000)};
    scenario.ops.push_back({.at = at, .fault = pair[1], .node = node, .other = other, .wire = 0});
    at += seconds{60};
    scenario.ops.push_back({.at = at, .fault = Fault::look, .node = 0, .other = 0, .wire = 0});
  }
  return scenario;
}

}  // namespace havip::sim
