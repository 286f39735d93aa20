// SPDX-License-Identifier: Apache-2.0
//
// What is tracked beside backends: interfaces, gateways, commands.
#include "sidecar/engine/health_gate.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace havip::engine {
namespace {

using namespace std::chrono_literals;
using haproxy::ProcessState;
using ports::TrackState;
using ports::TrackStatus;

constexpr Instant t0 = Instant{} + 1h;

haproxy::Facts facts(ProcessState state, const char* detail = "") {
  haproxy::Facts facts;
  facts.state = state;
  facts.detail = detail;
  return facts;
}

const auto up = facts(ProcessState::up);

ConditionTrack gateway(const Otherwise& otherwise = OtherwiseYield{}) {
  return {.what = "gateway 192.0.2.1", .otherwise = otherwise, .recover_after = 2s};
}

ConditionTrack interface(const Otherwise& otherwise = OtherwiseFault{}) {
  return {.what = "interface eth1", .otherwise = otherwise, .recover_after = 2s};
}

Fitness verdict(Verdict value, std::string why) {
  return {.verdict = value, .why = std::move(why), .scales = {}, .lowers = {}};
}

const auto fit = verdict(Verdict::fit, {});

TEST(ConditionWithoutAResult, LeavesTheVerdictOpenAndSaysWhatIsAwaited) {
  HealthGate gate{{}, {gateway(), interface()}};
  gate.observe(up, t0);
  EXPECT_EQ(gate.judge(t0),
            verdict(Verdict::undecided,
                    "there is no first result yet of gateway 192.0.2.1, interface eth1"));

  gate.observe_condition(1, true, "is up", t0 + 1ms);
  EXPECT_EQ(gate.judge(t0 + 1ms),
            verdict(Verdict::undecided, "there is no first result yet of gateway 192.0.2.1"));

  gate.observe_condition(0, true, "answers", t0 + 2ms);
  EXPECT_EQ(gate.judge(t0 + 2ms), fit);  // the first result is believed at once
}

TEST(WaitForAResult, DoesNotHideAFault) {
  HealthGate gate{{}, {gateway(), interface()}};
  gate.observe(up, t0);
  gate.observe_condition(1, false, "has no carrier", t0);

  EXPECT_EQ(gate.judge(t0), verdict(Verdict::fault, "interface eth1 has no carrier"));

  gate.observe(facts(ProcessState::down, "gone"), t0);
  EXPECT_EQ(gate.judge(t0), verdict(Verdict::fault, "HAProxy is down: gone"));
}

TEST(FailedGateway, ActsAtOnceAsConfiguredAndNamesTheDetail) {
  const auto judged = [](const Otherwise& otherwise) {
    HealthGate gate{{}, {gateway(otherwise)}};
    gate.observe(up, t0);
    gate.observe_condition(0, true, "answers", t0);
    EXPECT_EQ(gate.judge(t0), fit);
    gate.observe_condition(0, false, "does not answer", t0 + 1s);
    return gate.judge(t0 + 1s);
  };
  const std::string what = "gateway 192.0.2.1 does not answer";

  EXPECT_EQ(judged(OtherwiseYield{}), verdict(Verdict::yield, what));
  EXPECT_EQ(judged(OtherwiseFault{}), verdict(Verdict::fault, what));
  auto lowered = fit;
  lowered.lowers = {{what, 40}};
  EXPECT_EQ(judged(OtherwiseLower{40}), lowered);
}

TEST(RecoveredGateway, CountsAfterAWhileWithoutASetback) {
  HealthGate gate{{}, {gateway()}};
  gate.observe(up, t0);
  gate.observe_condition(0, false, "does not answer", t0);
  gate.observe_condition(0, true, "answers", t0 + 1s);
  gate.observe_condition(0, false, "does not answer", t0 + 2s);
  EXPECT_EQ(gate.deadline(), std::nullopt);
  gate.observe_condition(0, true, "answers", t0 + 3s);

  EXPECT_EQ(gate.deadline(), t0 + 5s);
  EXPECT_EQ(gate.judge(t0 + 5s - 1ns),
            verdict(Verdict::yield, "gateway 192.0.2.1 does not answer"));
  EXPECT_EQ(gate.judge(t0 + 5s), fit);
  EXPECT_EQ(gate.deadline(), std::nullopt);
}

// A moment that stays due would make the caller turn without end.
TEST(RecoveryWhileHaproxyIsDown, IsSettledAllTheSame) {
  HealthGate gate{{}, {gateway()}};
  gate.observe(up, t0);
  gate.observe_condition(0, false, "does not answer", t0);
  gate.observe(facts(ProcessState::down, "gone"), t0);
  gate.observe_condition(0, true, "answers", t0);
  EXPECT_EQ(gate.deadline(), t0 + 2s);

  gate.judge(t0 + 2s);

  EXPECT_EQ(gate.deadline(), std::nullopt);
}

TEST(SeveralFailures, AreAllNamedTheGravestFirst) {
  HealthGate gate{{}, {gateway(), interface(), {.what = "command /bin/x"}}};
  gate.observe(up, t0);
  gate.observe_condition(0, false, "does not answer", t0);
  gate.observe_condition(1, false, "is down", t0);
  gate.observe_condition(2, false, "fails: exit status 2", t0);

  EXPECT_EQ(gate.judge(t0),
            verdict(Verdict::fault,
                    "interface eth1 is down; gateway 192.0.2.1 does not answer; "
                    "command /bin/x fails"));
}

// Reasons are counted in the metrics; what a command prints is without number.
TEST(OutputOfACommand, IsInTheStatusAndNotInTheReason) {
  HealthGate gate{{}, {{.what = "command /bin/x"}}};
  gate.observe(up, t0);

  gate.observe_condition(0, false, "fails: exit status 2: \"disk 97% full\"", t0);

  EXPECT_EQ(gate.judge(t0), verdict(Verdict::yield, "command /bin/x fails"));
  EXPECT_EQ(gate.tracks(),
            (std::vector<TrackStatus>{{.what = "command /bin/x",
                                       .state = TrackState::failed,
                                       .detail = "fails: exit status 2: \"disk 97% full\"",
                                       .since = t0}}));
}

// The election keeps what it knew last as well; but a gateway may fail meanwhile.
TEST(HaproxyThatCannotBeAskedAnyMore, ChangesNothingAndConditionsGoOn) {
  HealthGate gate{{}, {gateway()}};
  gate.observe(up, t0);
  gate.observe_condition(0, true, "answers", t0);
  gate.observe(facts(ProcessState::unknown, "permission denied"), t0 + 1s);
  EXPECT_EQ(gate.judge(t0 + 1s), fit);

  gate.observe_condition(0, false, "does not answer", t0 + 2s);

  EXPECT_EQ(gate.judge(t0 + 2s), verdict(Verdict::yield, "gateway 192.0.2.1 does not answer"));
}

TEST(TracksInTheStatus, TellStateDetailAndSinceWhen) {
  HealthGate gate{{{.pattern = "web", .at_least = std::nullopt}}, {gateway()}};
  EXPECT_EQ(gate.tracks(),
            (std::vector<TrackStatus>{
                {.what = "backend web", .detail = "waits for HAProxy"},
                {.what = "gateway 192.0.2.1", .detail = "waits for its first result"}}));

  auto seen = up;
  seen.backends = {
      {.name = "web", .up = true, .servers_up = 1, .servers_total = 2, .healthy_share = 0.5}};
  gate.observe(seen, t0);
  gate.observe_condition(0, false, "does not answer", t0);
  gate.judge(t0);
  gate.observe_condition(0, true, "answers", t0 + 1s);
  gate.judge(t0 + 1s);
  const TrackStatus web{.what = "backend web",
                        .state = TrackState::well,
                        .detail = "has 50% of its weight healthy",
                        .since = t0};
  EXPECT_EQ(gate.tracks(),
            (std::vector<TrackStatus>{web,
                                      {.what = "gateway 192.0.2.1",
                                       .state = TrackState::failed,
                                       .detail = "answers; this counts when it has lasted",
                                       .since = t0}}));

  gate.judge(t0 + 3s);
  EXPECT_EQ(gate.tracks(),
            (std::vector<TrackStatus>{web,
                                      {.what = "gateway 192.0.2.1",
                                       .state = TrackState::well,
                                       .detail = "answers",
                                       .since = t0 + 3s}}));
}

}  // namespace
}  // namespace havip::engine
