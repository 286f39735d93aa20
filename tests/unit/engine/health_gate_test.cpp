// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/health_gate.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace havip::engine {
namespace {

using namespace std::chrono_literals;
using haproxy::ProcessState;

constexpr Instant t0 = Instant{} + 1h;

haproxy::Backend backend(const char* name, int up, int total) {
  return {.name = name,
          .up = up > 0,
          .servers_up = up,
          .servers_total = total,
          .healthy_share = total == 0 ? 1.0 : static_cast<double>(up) / total};
}

haproxy::Facts up(std::vector<haproxy::Backend> backends = {}) {
  haproxy::Facts facts;
  facts.state = ProcessState::up;
  facts.backends = std::move(backends);
  return facts;
}

haproxy::Facts broken(ProcessState state, const char* detail) {
  haproxy::Facts facts;
  facts.state = state;
  facts.detail = detail;
  return facts;
}

BackendTrack track(const char* pattern,
                   std::optional<AtLeast> at_least = std::nullopt,
                   const Otherwise& otherwise = OtherwiseYield{}) {
  return {.pattern = pattern, .at_least = at_least, .otherwise = otherwise, .recover_after = 2s};
}

Fitness fit(std::vector<Scale> scales = {}) {
  return {.verdict = Verdict::fit, .why = {}, .scales = std::move(scales), .lowers = {}};
}

Fitness verdict(Verdict value, std::string why) {
  return {.verdict = value, .why = std::move(why), .scales = {}, .lowers = {}};
}

TEST(GateThatKnowsNothing, IsUndecided) {
  HealthGate gate{{}};

  EXPECT_EQ(gate.judge(t0).verdict, Verdict::undecided);
  EXPECT_EQ(gate.deadline(), std::nullopt);
}

TEST(DeadOrHungHaproxy, IsAFaultAtOnce) {
  HealthGate gate{{}};
  gate.observe(up(), t0);
  EXPECT_EQ(gate.judge(t0), fit());

  gate.observe(broken(ProcessState::down, "nobody listens on /run/haproxy/admin.sock"), t0);
  EXPECT_EQ(gate.judge(t0),
            verdict(Verdict::fault, "HAProxy is down: nobody listens on /run/haproxy/admin.sock"));

  gate.observe(broken(ProcessState::hung, "no answer for 1 s"), t0);
  EXPECT_EQ(gate.judge(t0), verdict(Verdict::fault, "HAProxy hangs: no answer for 1 s"));
}

TEST(HaproxyThatWasUpAtTheStart, IsBelievedAtOnce) {
  HealthGate gate{{track("web")}};

  gate.observe(up({backend("web", 1, 2)}), t0);

  EXPECT_EQ(gate.judge(t0), fit({{"backend web", 0.5}}));
  EXPECT_EQ(gate.deadline(), std::nullopt);
}

TEST(HaproxyThatCameBack, YieldsUntilItIsTrusted) {
  HealthGate gate{{}};
  gate.observe(broken(ProcessState::down, "gone"), t0);
  gate.observe(up(), t0 + 1s);

  EXPECT_EQ(gate.judge(t0 + 1s).verdict, Verdict::yield);
  EXPECT_EQ(gate.deadline(), t0 + 3s);
  EXPECT_EQ(gate.judge(t0 + 3s - 1ns).verdict, Verdict::yield);

  EXPECT_EQ(gate.judge(t0 + 3s), fit());
  EXPECT_EQ(gate.deadline(), std::nullopt);
}

TEST(HaproxyThatFlaps, IsTrustedOnlyAfterTheLastSetback) {
  HealthGate gate{{}};
  gate.observe(broken(ProcessState::down, "gone"), t0);
  gate.observe(up(), t0 + 1s);
  gate.observe(broken(ProcessState::down, "gone"), t0 + 2s);
  EXPECT_EQ(gate.judge(t0 + 2s).verdict, Verdict::fault);
  gate.observe(up(), t0 + 2500ms);

  EXPECT_EQ(gate.judge(t0 + 4400ms).verdict, Verdict::yield);
  EXPECT_EQ(gate.judge(t0 + 4500ms), fit());
}

// What stays due for ever would make the caller turn without end.
TEST(RecoveryThatIsCutShort, IsNotWaitedFor) {
  HealthGate gate{{track("web")}};
  gate.observe(up({backend("web", 0, 1)}), t0);
  gate.observe(up({backend("web", 1, 1)}), t0);
  gate.observe(broken(ProcessState::down, "gone"), t0);
  gate.observe(up({backend("web", 1, 1)}), t0);
  EXPECT_EQ(gate.deadline(), t0 + 2s);

  gate.observe(broken(ProcessState::down, "gone"), t0 + 1s);

  EXPECT_EQ(gate.deadline(), std::nullopt);
}

// For a moment between down and up the socket may be there and refuse to be asked.
TEST(HaproxyThatCameBackByWayOfUnknown, YieldsTheSame) {
  HealthGate gate{{}};
  gate.observe(broken(ProcessState::down, "gone"), t0);
  gate.observe(broken(ProcessState::unknown, "permission denied"), t0 + 1s);
  gate.observe(up(), t0 + 2s);

  EXPECT_EQ(gate.judge(t0 + 2s).verdict, Verdict::yield);
  EXPECT_EQ(gate.judge(t0 + 4s), fit());
}

TEST(BackendThatWorsens, LowersAtOnce) {
  HealthGate gate{{track("web")}};
  gate.observe(up({backend("web", 2, 2)}), t0);

  gate.observe(up({backend("web", 1, 2)}), t0 + 1s);

  EXPECT_EQ(gate.judge(t0 + 1s), fit({{"backend web", 0.5}}));
}

TEST(BackendThatRecovers, RaisesAfterAWhile) {
  HealthGate gate{{track("web")}};
  gate.observe(up({backend("web", 1, 2)}), t0);
  gate.observe(up({backend("web", 2, 2)}), t0 + 1s);

  EXPECT_EQ(gate.judge(t0 + 1s), fit({{"backend web", 0.5}}));
  EXPECT_EQ(gate.deadline(), t0 + 3s);

  EXPECT_EQ(gate.judge(t0 + 3s), fit({{"backend web", 1.0}}));
  EXPECT_EQ(gate.deadline(), std::nullopt);
}

TEST(SetbackOfARecovery, StartsTheWaitAnew) {
  HealthGate gate{{track("web")}};
  gate.observe(up({backend("web", 0, 4)}), t0);
  gate.observe(up({backend("web", 4, 4)}), t0 + 1s);
  gate.observe(up({backend("web", 3, 4)}), t0 + 2s);

  EXPECT_EQ(gate.deadline(), t0 + 4s);
  EXPECT_EQ(gate.judge(t0 + 4s), fit({{"backend web", 0.75}}));
}

TEST(FurtherRecovery, DoesNotProlongTheWait) {
  HealthGate gate{{track("web")}};
  gate.observe(up({backend("web", 0, 4)}), t0);
  gate.observe(up({backend("web", 2, 4)}), t0 + 1s);
  gate.observe(up({backend("web", 4, 4)}), t0 + 2s);

  EXPECT_EQ(gate.deadline(), t0 + 3s);
  EXPECT_EQ(gate.judge(t0 + 3s), fit({{"backend web", 1.0}}));
}

TEST(ServerThatComesAndGoes, KeepsThePriorityDown) {
  HealthGate gate{{track("web")}};
  gate.observe(up({backend("web", 1, 2)}), t0);
  for (auto now = t0; now < t0 + 1min; now += 1s) {
    gate.observe(up({backend("web", now.time_since_epoch() / 1s % 2 == 0 ? 2 : 1, 2)}), now);
    EXPECT_EQ(gate.judge(now), fit({{"backend web", 0.5}}));
  }
}

TEST(FailedCondition, ActsAsConfigured) {
  const std::vector facts{backend("api", 0, 2)};
  const auto judged = [&](const Otherwise& otherwise) {
    HealthGate gate{{track("api", AtLeastServers{1}, otherwise)}};
    gate.observe(up(facts), t0);
    return gate.judge(t0);
  };
  const std::string what = "backend api has less than 1 servers up";

  EXPECT_EQ(judged(OtherwiseYield{}), verdict(Verdict::yield, what));
  EXPECT_EQ(judged(OtherwiseFault{}), verdict(Verdict::fault, what));
  auto lowered = fit();
  lowered.lowers = {{what, 40}};
  EXPECT_EQ(judged(OtherwiseLower{40}), lowered);
}

TEST(FaultAndYieldTogether, AreAFaultThatIsNamedFirst) {
  for (const bool fault_first : {true, false}) {
    const auto fault = track("api", AtLeastServers{1}, OtherwiseFault{});
    const auto yield = track("web", AtLeastShare{0.5}, OtherwiseYield{});
    HealthGate gate{fault_first ? std::vector{fault, yield} : std::vector{yield, fault}};
    gate.observe(up({backend("api", 0, 1), backend("web", 0, 1)}), t0);

    EXPECT_EQ(gate.judge(t0),
              verdict(Verdict::fault,
                      "backend api has less than 1 servers up; "
                      "backend web has less than 50% of its weight healthy"));
  }
}

TEST(TrackedBackendThatIsMissing, CountsAsDead) {
  HealthGate gate{{track("web")}};
  gate.observe(up({backend("api", 1, 1)}), t0);

  EXPECT_EQ(gate.judge(t0), fit({{"backend web", 0.0}}));
}

TEST(Glob, TakesTheMeanOfTheSharesAndTheSumOfTheServers) {
  const std::vector backends{
      backend("web-a", 1, 2), backend("web-b", 2, 2), backend("api", 0, 9), backend("web-c", 0, 0)};

  EXPECT_DOUBLE_EQ(healthy_share("web-[ab]", backends), 0.75);
  EXPECT_TRUE(satisfies(AtLeastServers{3}, "web-*", backends));
  EXPECT_FALSE(satisfies(AtLeastServers{4}, "web-*", backends));
  EXPECT_TRUE(satisfies(AtLeastShare{0.75}, "web-[ab]", backends));
  EXPECT_FALSE(satisfies(AtLeastShare{0.76}, "web-[ab]", backends));
  EXPECT_DOUBLE_EQ(healthy_share("mail", backends), 0.0);
}

}  // namespace
}  // namespace havip::engine
