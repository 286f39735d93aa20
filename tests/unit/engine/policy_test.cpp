// SPDX-License-Identifier: Apache-2.0
//
// What the states of HAProxy's servers mean for who has the address, in numbers: lb1 with priority
// 150 and lb2 with 100 track the backend web. An address moves when the holder's priority falls
// below the other one's, so lb1 gives it away below a share of 2/3 while lb2 is well. How a row of
// `show stat` becomes a share is in the tests of haproxy/.
#include "sidecar/engine/fitness.hpp"
#include "sidecar/engine/health_gate.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace havip::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant t0 = Instant{} + 1h;
constexpr vrrp::Priority lb1{150};
constexpr vrrp::Priority lb2{100};

haproxy::Facts web(double share, int up, int total) {
  haproxy::Facts facts;
  facts.state = haproxy::ProcessState::up;
  facts.backends = {{.name = "web",
                     .up = up > 0 || total == 0,
                     .servers_up = up,
                     .servers_total = total,
                     .healthy_share = share}};
  return facts;
}

HealthGate gate_of(std::optional<AtLeast> at_least = std::nullopt) {
  return HealthGate{{{.pattern = "web", .at_least = at_least}}};
}

int priority(HealthGate& gate, vrrp::Priority configured, Instant now) {
  return effective_priority(configured, gate.judge(now), false).value.value;
}

/// Right after this was seen first.
int priority_with(const haproxy::Facts& facts, vrrp::Priority configured = lb1) {
  auto gate = gate_of();
  gate.observe(facts, t0);
  return priority(gate, configured, t0);
}

// It answers by itself, by a redirect for example.
TEST(BackendWithoutServers, IsWell) {
  EXPECT_EQ(priority_with(web(1.0, 0, 0)), 150);
}

// All in maintenance is the operator's wish, but users get 503 from this node all the same.
TEST(BackendAllInMaintenance, HasNothingHealthy) {
  EXPECT_EQ(priority_with(web(0.0, 0, 2)), 1);
}

// One of two that is down, drains or is in maintenance; a server of weight 0 is not in the sum at
// all, see BackendWithAServerAtWeightZero in unit/haproxy.
TEST(HalfOfTheWeight, HalvesThePriority) {
  EXPECT_EQ(priority_with(web(0.5, 1, 2)), 75);
}

// The backups keep the service alive, so a node may ask for "at_least"; by share they are nothing:
// the other node, with servers of the first choice, is the better one.
TEST(BackupsInUse, AreNoHealthyWeightButServersUp) {
  const auto on_backups = web(0.0, 1, 3);
  EXPECT_EQ(priority_with(on_backups), 1);

  auto gate = gate_of(AtLeastServers{1});
  gate.observe(on_backups, t0);
  EXPECT_EQ(priority(gate, lb1, t0), 150);
}

// The weight of a server that warms up grows: 150 x 0.55 = 82.5, and 150 x 0.7 = 105 is enough.
TEST(ServerInSlowstart, CountsWithTheWeightItHas) {
  auto gate = gate_of();
  gate.observe(web(0.5, 1, 2), t0);
  gate.observe(web(0.55, 2, 2), t0 + 1s);
  gate.observe(web(0.7, 2, 2), t0 + 2s);
  EXPECT_EQ(priority(gate, lb1, t0 + 2s), 75);  // still damped: nothing counts before 3 s

  EXPECT_EQ(priority(gate, lb1, t0 + 3s), 105);
}

// Both are multiplied by the same share, so the greater one stays the greater one; down to where
// both are 1, and an equal priority does not preempt.
TEST(EqualLosses, NeverMakeTheSecondNodeTheBetterOne) {
  for (int servers = 1; servers <= 20; ++servers) {
    for (int up = 0; up <= servers; ++up) {
      const auto facts = web(static_cast<double>(up) / servers, up, servers);
      EXPECT_GE(priority_with(facts, lb1), priority_with(facts, lb2)) << up << " of " << servers;
    }
  }
}

// The first to see it may give the address away for as long as the other one does not: lb1 is at
// 75 against 100. When lb2 sees it as well it is at 50, and lb1 takes the address back at once, for
// it has not recovered: nothing is waited for.
TEST(LossThatOneNodeSeesFirst, LeavesTheOrderAsItWasOnceBothHaveSeenIt) {
  auto first = gate_of();
  auto second = gate_of();
  first.observe(web(1.0, 2, 2), t0);
  second.observe(web(1.0, 2, 2), t0);

  first.observe(web(0.5, 1, 2), t0 + 1s);
  EXPECT_EQ(priority(first, lb1, t0 + 1s), 75);
  EXPECT_EQ(priority(second, lb2, t0 + 1s), 100);

  second.observe(web(0.5, 1, 2), t0 + 1200ms);
  EXPECT_EQ(priority(second, lb2, t0 + 1200ms), 50);
  EXPECT_EQ(priority(first, lb1, t0 + 1200ms), 75);
}

// The second server comes and goes every 700 ms: a recovery needs 2 s, so that the address moves
// once at most.
TEST(FlappingServer, DoesNotFlapTheAddress) {
  auto gate = gate_of();
  gate.observe(web(1.0, 2, 2), t0);
  int moves = 0;
  bool below = false;
  for (int i = 0; i < 200; ++i) {
    const auto now = t0 + 1s + i * 700ms;
    gate.observe(i % 2 == 0 ? web(0.5, 1, 2) : web(1.0, 2, 2), now);
    const bool is_below = priority(gate, lb1, now) < lb2.value;
    moves += is_below != below ? 1 : 0;
    below = is_below;
  }
  EXPECT_EQ(moves, 1);
}

// Of a pair whose backends are all dead the preferred node keeps the address: HAProxy's 503 beats
// silence, and from one place.
TEST(NothingHealthyAnywhere, LeavesTheAddressWhereItIs) {
  EXPECT_EQ(priority_with(web(0.0, 0, 2), lb1), priority_with(web(0.0, 0, 2), lb2));
}

}  // namespace
}  // namespace havip::engine
