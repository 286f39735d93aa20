// SPDX-License-Identifier: Apache-2.0
//
// What havip's election adds to the RFC's without leaving it: the heir that need not wait, and
// priorities that change while the router runs.
#include "tests/unit/vrrp/router_fixture.hpp"

namespace havip::vrrp::test {
namespace {

// C60: a deviation.
TEST(HeirThatHearsAResignation, TakesOverAtOnce) {
  auto router = backup_of(heir_settings());
  router.receive(heard(200), t0 + 1s);

  EXPECT_EQ(router.receive(heard(0), t0 + 2s), claims);

  EXPECT_EQ(router.state(), State::active);
  EXPECT_EQ(router.last_stimulus(), Stimulus::bequest);
}

TEST(HeirByList, TakesOverFromThatSenderOnly) {
  auto of_one = settings();
  of_one.succession.of = {higher_address};
  auto router = backup_of(of_one);
  router.receive(heard(200, lower_address), t0 + 1s);

  EXPECT_EQ(router.receive(heard(0, lower_address), t0 + 1s), nothing);
  EXPECT_EQ(router.deadline(), t0 + 1500ms);  // Skew_Time, as anybody

  router.receive(heard(200, higher_address), t0 + 1s);
  EXPECT_EQ(router.receive(heard(0, higher_address), t0 + 1s), claims);
}

// The order of succession is that of the configured priorities, and it has left its place.
TEST(HeirByListThatYields, WaitsAsAnybody) {
  auto drained = settings();
  drained.priority = yield_priority;
  drained.succession.of = {higher_address};
  auto router = backup_of(drained);
  router.receive(heard(200, higher_address), t0 + 1s);

  EXPECT_EQ(router.receive(heard(0, higher_address), t0 + 2s), nothing);

  EXPECT_EQ(router.state(), State::backup);
}

// With two nodes there is nobody else to wait for.
TEST(OnlyHeirThatYields, TakesOverAtOnce) {
  auto drained = heir_settings();
  drained.priority = yield_priority;
  auto router = backup_of(drained);
  router.receive(heard(200), t0 + 1s);

  EXPECT_EQ(router.receive(heard(0), t0 + 2s),
            (RouterActions{SendAdvert{yield_priority}, ClaimAddresses{}, Announce{}}));
}

// A node that has just started, while the other one is told to stop.
TEST(OnlyHeirThatHasHeardNobodyYet, TakesOverFromTheOneThatYields) {
  Router router{heir_settings()};
  router.listen(t0, 5s);
  router.start(t0);

  EXPECT_EQ(router.receive(heard(1), t0 + 1s), claims);
}

// Of many, another one may be Active.
TEST(HeirByListThatHasHeardNobodyYet, Waits) {
  auto of_one = settings();
  of_one.succession.of = {higher_address};
  auto router = backup_of(of_one);

  EXPECT_EQ(router.receive(heard(1), t0 + 1s), nothing);
}

// It gave up addresses that others hold.
TEST(ResignationOfOneThatWasNotObeyed, BequeathsNothing) {
  auto router = backup_of(heir_settings());
  router.receive(heard(200, higher_address), t0 + 1s);

  EXPECT_EQ(router.receive(heard(0, lower_address), t0 + 2s), nothing);

  EXPECT_EQ(router.state(), State::backup);
}

// C62: a deviation.
TEST(HeirWhoseActiveYields, TakesOverAtOnce) {
  auto router = backup_of(heir_settings());
  router.receive(heard(200), t0 + 1s);

  EXPECT_EQ(router.receive(heard(1), t0 + 2s), claims);

  EXPECT_EQ(router.last_stimulus(), Stimulus::yielding);
}

TEST(BackupThatIsNotNext, WaitsForItsTimerWhenTheActiveYields) {
  auto router = backup_of(settings());
  router.receive(heard(200), t0 + 1s);

  EXPECT_EQ(router.receive(heard(1), t0 + 2s), nothing);

  EXPECT_EQ(router.deadline(), t0 + 4500ms);  // from the last one it obeyed
}

// Somebody else may be better still, and was not heard yet.
TEST(HeirThatJustStarted, WaitsThoughItHearsALowerOne) {
  auto router = backup_of(heir_settings());

  EXPECT_EQ(router.receive(heard(100), t0 + 1s), nothing);

  EXPECT_EQ(router.deadline(), t0 + 3500ms);
}

TEST(HeirThatMustNotPreempt, StillReplacesAnActiveThatYields) {
  auto tame = heir_settings();
  tame.preempt = false;
  auto router = backup_of(tame);
  router.receive(heard(200), t0 + 1s);

  EXPECT_EQ(router.receive(heard(2), t0 + 2s), nothing);
  EXPECT_EQ(router.receive(heard(1), t0 + 2s), claims);
}

TEST(HeirAfterItsPreemptDelay, TakesOverAtTheNextAdvertisement) {
  auto patient = heir_settings();
  patient.preempt_delay = 10s;
  auto router = backup_of(patient);
  router.receive(heard(100), t0 + 9s);

  EXPECT_EQ(router.receive(heard(100), t0 + 10s), claims);
}

TEST(LoserThatHearsTheWinnerResign, TakesOverAtOnce) {
  auto router = active_of(heir_settings());
  router.receive(heard(200), t0 + 1s);

  EXPECT_EQ(router.receive(heard(0), t0 + 2s), claims);
}

TEST(HeirThatStartsAgain, HasObeyedNobodyYet) {
  auto router = backup_of(heir_settings());
  router.receive(heard(200), t0 + 1s);
  router.fail(t0 + 2s);
  router.start(t0 + 3s);

  EXPECT_EQ(router.receive(heard(0), t0 + 4s), nothing);

  EXPECT_EQ(router.deadline(), t0 + 4500ms);
}

TEST(PriorityInInit, CountsFromTheStart) {
  Router router{settings()};

  EXPECT_EQ(router.set_priority({192}, t0), nothing);
  router.start(t0);

  EXPECT_EQ(router.deadline(), t0 + 3250ms);  // skew of 64/256 s
}

TEST(PriorityInFault, CountsFromTheStart) {
  Router router{settings()};
  router.fail(t0);

  EXPECT_EQ(router.set_priority({192}, t0), nothing);
  router.start(t0);

  EXPECT_EQ(router.deadline(), t0 + 3250ms);
}

TEST(PriorityOfABackup, MovesItsDeadlineFromWhereTheWaitBegan) {
  auto router = backup_of(settings());
  router.receive(heard(200), t0 + 1s);

  EXPECT_EQ(router.set_priority({192}, t0 + 2s), nothing);
  EXPECT_EQ(router.deadline(), t0 + 4250ms);

  EXPECT_EQ(router.set_priority({64}, t0 + 3s), nothing);
  EXPECT_EQ(router.deadline(), t0 + 4750ms);
}

TEST(PriorityAfterAResignation, LeavesTheShortWaitAlone) {
  auto router = backup_of(settings());
  router.receive(heard(0), t0 + 1s);

  router.set_priority({1}, t0 + 1s);

  EXPECT_EQ(router.deadline(), t0 + 1500ms);
}

TEST(PriorityOfAnActive, IsToldAtOnce) {
  auto router = active_of(settings());

  EXPECT_EQ(router.set_priority({1}, t0 + 300ms), (RouterActions{SendAdvert{{1}}}));

  EXPECT_EQ(router.state(), State::active);  // it holds on until somebody better speaks
  EXPECT_EQ(router.deadline(), t0 + 1300ms);
}

TEST(SamePriority, ChangesNothing) {
  auto router = active_of(settings());

  EXPECT_EQ(router.set_priority({128}, t0 + 300ms), nothing);

  EXPECT_EQ(router.deadline(), t0 + 1s);
}

// Make before break, as a dialogue between the two listed nodes.
TEST(ActiveThatYieldsToItsHeir, HoldsUntilTheHeirHasTaken) {
  auto left_settings = heir_settings();
  left_settings.own_address = lower_address;
  left_settings.priority = {200};
  auto left = active_of(left_settings);
  auto right = backup_of(heir_settings());
  right.receive(heard(200, lower_address), t0);

  EXPECT_EQ(left.set_priority({1}, t0 + 1s), (RouterActions{SendAdvert{{1}}}));
  EXPECT_EQ(right.receive(heard(1, lower_address), t0 + 1s), claims);
  EXPECT_EQ(left.state(), State::active);

  // It asked to be replaced: there is nothing to resign any more.
  EXPECT_EQ(left.receive(heard(128, own_address), t0 + 1s), falls_silent);
}

// The loser of a healed partition resigns as it gives way; a third node obeys the winner by then.
// C60: a deviation.
TEST(ResignationOfANodeThatIsNotObeyed, ChangesNothing) {
  auto router = backup_of(settings());
  router.receive(heard(200, higher_address), t0);

  EXPECT_EQ(router.receive(heard(0, lower_address), t0 + 1s), nothing);

  EXPECT_EQ(router.deadline(), t0 + 3500ms);
}

}  // namespace
}  // namespace havip::vrrp::test
