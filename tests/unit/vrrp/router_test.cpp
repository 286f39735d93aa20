// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/router.hpp"

#include "tests/unit/vrrp/router_fixture.hpp"

namespace havip::vrrp::test {
namespace {

// C50
TEST(RouterAtStart, WaitsAsABackupAndSendsNothing) {
  Router router{settings()};
  EXPECT_EQ(router.state(), State::init);
  EXPECT_EQ(router.deadline(), std::nullopt);

  EXPECT_EQ(router.start(t0), nothing);

  EXPECT_EQ(router.state(), State::backup);
  EXPECT_EQ(router.deadline(), t0 + 3500ms);  // 3 x 1 s + skew of 128/256 s
}

// C49, C75
TEST(OwnerAtStart, IsActiveAtOnce) {
  auto owner = settings();
  owner.priority = owner_priority;
  Router router{owner};

  EXPECT_EQ(router.start(t0), (RouterActions{SendAdvert{{255}}, ClaimAddresses{}, Announce{}}));

  EXPECT_EQ(router.state(), State::active);
  EXPECT_EQ(router.deadline(), t0 + 1s);
}

TEST(RouterThatResumes, IsActiveAtOnce) {
  Router router{settings()};

  EXPECT_EQ(router.resume(t0), claims);

  EXPECT_EQ(router.state(), State::active);
}

// C44, C46, C47
TEST(RouterTimers, FollowTheFormulas) {
  for (const auto& [priority, skew] : {std::pair{1, 99609375ns},     // 255/256 of 100 ms
                                       std::pair{100, 60937500ns},   // 156/256
                                       std::pair{254, 781250ns}}) {  // 2/256
    auto fast = settings();
    fast.interval = 100ms;
    fast.priority = {static_cast<std::uint8_t>(priority)};
    const auto router = backup_of(fast);

    EXPECT_EQ(router.skew_time(), skew);
    EXPECT_EQ(router.active_down_interval(), 300ms + skew);
    EXPECT_EQ(router.deadline(), t0 + 300ms + skew);
  }
}

// C56
TEST(BackupThatStops, SaysNothing) {
  auto router = backup_of(settings());

  EXPECT_EQ(router.stop(t0 + 1s), nothing);

  EXPECT_EQ(router.state(), State::init);
  EXPECT_EQ(router.deadline(), std::nullopt);
}

// C57: the advertisement goes first.
TEST(BackupWhoseTimerFires, AdvertisesClaimsAndAnnounces) {
  auto router = backup_of(settings());
  EXPECT_EQ(router.expire(t0 + 3500ms - 1ns), nothing);  // not yet

  EXPECT_EQ(router.expire(t0 + 3500ms), claims);

  EXPECT_EQ(router.state(), State::active);
  EXPECT_EQ(router.deadline(), t0 + 4500ms);
}

// C60
TEST(BackupThatHearsAResignation, WaitsForSkewTimeOnly) {
  auto router = backup_of(settings());
  router.receive(heard(200), t0 + 1s);

  EXPECT_EQ(router.receive(heard(0), t0 + 2s), nothing);

  EXPECT_EQ(router.state(), State::backup);
  EXPECT_EQ(router.deadline(), t0 + 2500ms);
}

// C61: equal priority counts as accepted, whatever the address.
TEST(BackupThatHearsItsEqualOrBetter, WaitsAnew) {
  for (const auto& sender : {lower_address, higher_address}) {
    for (const int priority : {128, 129, 255}) {
      auto router = backup_of(settings());

      EXPECT_EQ(router.receive(heard(priority, sender), t0 + 3s), nothing);

      EXPECT_EQ(router.deadline(), t0 + 3s + 3500ms);
    }
  }
}

// C61
TEST(BackupThatHearsAnotherInterval, LearnsIt) {
  auto router = backup_of(settings());

  router.receive(heard(200, higher_address, 100ms), t0);

  EXPECT_EQ(router.skew_time(), 50ms);
  EXPECT_EQ(router.deadline(), t0 + 350ms);
}

// C48: what was learnt is for waiting, not for sending.
TEST(ActiveThatLearntAnotherInterval, SendsAtItsOwn) {
  auto router = backup_of(settings());
  router.receive(heard(200, higher_address, 100ms), t0);

  router.expire(t0 + 350ms);

  EXPECT_EQ(router.deadline(), t0 + 1350ms);
}

// C16: keepalived once sent 0 for 40.958 s.
TEST(BackupThatHearsAnIntervalOfZero, KeepsToItsOwn) {
  auto router = backup_of(settings());

  router.receive(heard(200, higher_address, 0ms), t0);

  EXPECT_EQ(router.deadline(), t0 + 3500ms);
}

// C62
TEST(BackupThatHearsLowerPriority, LetsItsTimerRun) {
  auto router = backup_of(settings());

  EXPECT_EQ(router.receive(heard(127), t0 + 3s), nothing);

  EXPECT_EQ(router.state(), State::backup);
  EXPECT_EQ(router.deadline(), t0 + 3500ms);
}

// C62: nor is the interval learnt.
TEST(BackupThatHearsLowerPriority, LearnsNothingFromIt) {
  auto router = backup_of(settings());

  router.receive(heard(127, lower_address, 10ms), t0);

  EXPECT_EQ(router.active_down_interval(), 3500ms);
}

// C61
TEST(BackupThatMustNotPreempt, ObeysLowerPriority) {
  auto tame = settings();
  tame.preempt = false;
  auto router = backup_of(tame);

  router.receive(heard(2), t0 + 3s);

  EXPECT_EQ(router.deadline(), t0 + 6500ms);
}

// C61: a deviation; priority 1 is how a node asks to be replaced.
TEST(BackupThatMustNotPreempt, DoesNotObeyOneThatYields) {
  auto tame = settings();
  tame.preempt = false;
  auto router = backup_of(tame);

  router.receive(heard(1), t0 + 3s);

  EXPECT_EQ(router.deadline(), t0 + 3500ms);
}

TEST(BackupThatYieldsItself, ObeysAnotherThatYields) {
  auto tame = settings();
  tame.preempt = false;
  auto router = backup_of(tame);
  router.set_priority(yield_priority, t0);

  router.receive(heard(1), t0 + 3s);

  EXPECT_EQ(router.state(), State::backup);
  EXPECT_GT(router.deadline(), t0 + 6s);  // it waits anew
}

// C61: a deviation until the delay is over.
TEST(BackupWithAPreemptDelay, ObeysUntilItIsOver) {
  auto patient = settings();
  patient.preempt_delay = 10s;
  auto router = backup_of(patient);

  router.receive(heard(100), t0 + 10s - 1ns);
  EXPECT_EQ(router.deadline(), t0 + 13500ms - 1ns);
  router.receive(heard(100), t0 + 10s);

  EXPECT_EQ(router.deadline(), t0 + 13500ms - 1ns);  // no longer renewed
}

TEST(PreemptDelay, StartsAnewAfterAFault) {
  auto patient = settings();
  patient.preempt_delay = 10s;
  auto router = backup_of(patient);
  router.fail(t0 + 20s);
  router.start(t0 + 30s);

  router.receive(heard(100), t0 + 39s);

  EXPECT_EQ(router.deadline(), t0 + 42500ms);
}

// C69
TEST(ActiveThatStops, Resigns) {
  auto router = active_of(settings());

  EXPECT_EQ(router.stop(t0 + 1ms), resigns);

  EXPECT_EQ(router.state(), State::init);
  EXPECT_EQ(router.deadline(), std::nullopt);
}

// C70
TEST(ActiveWhoseTimerFires, AdvertisesAndRearms) {
  auto router = active_of(settings());

  EXPECT_EQ(router.expire(t0 + 1s), (RouterActions{SendAdvert{{128}}}));

  EXPECT_EQ(router.deadline(), t0 + 2s);
}

TEST(ActiveThatWasHeldUp, DoesNotCatchUp) {
  auto router = active_of(settings());

  EXPECT_EQ(router.expire(t0 + 5s), (RouterActions{SendAdvert{{128}}}));

  EXPECT_EQ(router.deadline(), t0 + 6s);  // one advertisement, not five
}

// C71
TEST(ActiveThatHearsAResignation, AdvertisesAtOnceAndRearms) {
  auto router = active_of(settings());

  EXPECT_EQ(router.receive(heard(0), t0 + 300ms), insists);

  EXPECT_EQ(router.state(), State::active);
  EXPECT_EQ(router.deadline(), t0 + 1300ms);
}

// C72
TEST(ActiveThatHearsABetterOne, GivesWay) {
  auto router = active_of(settings());

  EXPECT_EQ(router.receive(heard(129, lower_address, 100ms), t0 + 300ms), gives_way);

  EXPECT_EQ(router.state(), State::backup);
  EXPECT_EQ(router.deadline(), t0 + 300ms + 350ms);  // with the interval it learnt
}

// C72: a tie goes to the greater address, as an unsigned number.
TEST(ActiveThatHearsItsEqual, GivesWayToTheGreaterAddressOnly) {
  auto router = active_of(settings());
  EXPECT_EQ(router.receive(heard(128, lower_address), t0), insists);
  EXPECT_EQ(router.receive(heard(128, own_address), t0), insists);

  EXPECT_EQ(router.receive(heard(128, higher_address), t0), gives_way);

  auto other = active_of(settings());
  EXPECT_EQ(other.receive(heard(128, ip("200.0.0.1")), t0), gives_way);
}

TEST(AnotherPrimaryAddress, BreaksTiesFromThenOn) {
  auto router = active_of(settings());

  router.set_own_address(ip("10.9.0.9"));

  EXPECT_EQ(router.receive(heard(128, higher_address), t0), insists);
}

// C73: new in RFC 9568.
TEST(ActiveThatHearsALowerOne, AdvertisesAtOnce) {
  auto router = active_of(settings());

  EXPECT_EQ(router.receive(heard(127), t0 + 300ms), insists);

  EXPECT_EQ(router.deadline(), t0 + 1300ms);
}

// C74
TEST(ActiveThatMustNotPreempt, StillGivesWayToABetterOne) {
  auto tame = settings();
  tame.preempt = false;
  auto router = active_of(tame);

  EXPECT_EQ(router.receive(heard(127), t0), insists);
  EXPECT_EQ(router.receive(heard(129), t0), gives_way);
}

TEST(ActiveThatCedes, ResignsAndWaitsAsABackup) {
  auto router = active_of(settings());

  EXPECT_EQ(router.cede(t0 + 1s), resigns);

  EXPECT_EQ(router.state(), State::backup);
  EXPECT_EQ(router.deadline(), t0 + 4500ms);
}

TEST(ActiveThatFails, ResignsAndStaysAwayUntilItStarts) {
  auto router = active_of(settings());

  EXPECT_EQ(router.fail(t0 + 1s), resigns);

  EXPECT_EQ(router.state(), State::fault);
  EXPECT_EQ(router.expire(t0 + 1h), nothing);
  EXPECT_EQ(router.receive(heard(1), t0 + 1h), nothing);
  EXPECT_EQ(router.start(t0 + 2h), nothing);
  EXPECT_EQ(router.deadline(), t0 + 2h + 3500ms);
}

TEST(RouterThatStartsAgain, ForgetsTheIntervalItLearnt) {
  auto router = backup_of(settings());
  router.receive(heard(200, higher_address, 100ms), t0);
  router.fail(t0 + 1s);

  router.start(t0 + 2s);

  EXPECT_EQ(router.deadline(), t0 + 5500ms);
}

}  // namespace
}  // namespace havip::vrrp::test
