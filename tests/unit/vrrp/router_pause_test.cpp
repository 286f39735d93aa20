// SPDX-License-Identifier: Apache-2.0
//
// When a router may not speak yet: after a gap, before it has listened, before its group is ready.
// And the owner of the addresses, who always may.
#include "tests/unit/vrrp/router_fixture.hpp"

namespace havip::vrrp::test {
namespace {

TEST(ActiveAfterAGap, FallsSilentAndListens) {
  auto router = active_of(settings());

  EXPECT_EQ(router.pause(t0 + 10s), falls_silent);

  EXPECT_EQ(router.state(), State::backup);
  EXPECT_EQ(router.deadline(), t0 + 13500ms);
}

TEST(BackupAfterAGap, WaitsAnew) {
  auto router = backup_of(settings());

  EXPECT_EQ(router.pause(t0 + 10s), nothing);

  EXPECT_EQ(router.deadline(), t0 + 13500ms);
}

// C50: a deviation.
TEST(RouterThatMustListenFirst, ClaimsNothingBefore) {
  Router router{settings()};
  router.listen(t0, 5s);
  router.start(t0 + 1s);  // its own Active_Down_Interval would end at 4.5 s
  EXPECT_EQ(router.deadline(), t0 + 5s);

  router.set_priority({200}, t0 + 2s);
  EXPECT_EQ(router.deadline(), t0 + 5s);

  router.receive(heard(0), t0 + 3s);
  EXPECT_EQ(router.deadline(), t0 + 5s);

  EXPECT_EQ(router.expire(t0 + 5s).front(), (RouterAction{SendAdvert{{200}}}));
}

TEST(RouterThatHasListened, WaitsAsEver) {
  Router router{settings()};
  router.listen(t0, 1s);

  router.start(t0 + 1s);

  EXPECT_EQ(router.deadline(), t0 + 4500ms);
}

TEST(OneOfAGroup, ClaimsOnlyWhenItIsTold) {
  auto router = backup_of(grouped_settings());

  EXPECT_EQ(router.expire(t0 + 3500ms), nothing);
  EXPECT_EQ(router.state(), State::backup);
  EXPECT_TRUE(router.is_ready());

  EXPECT_EQ(router.claim(t0 + 9s), claims);
  EXPECT_EQ(router.state(), State::active);
  EXPECT_FALSE(router.is_ready());
}

TEST(OneOfAGroupThatIsReady, IsNotAnyMoreWhenABetterOneIsHeard) {
  auto router = backup_of(grouped_settings());
  router.expire(t0 + 3500ms);

  router.receive(heard(127), t0 + 4s);
  EXPECT_TRUE(router.is_ready());
  router.receive(heard(0), t0 + 4s);
  EXPECT_TRUE(router.is_ready());

  router.receive(heard(200), t0 + 5s);
  EXPECT_FALSE(router.is_ready());
  EXPECT_EQ(router.deadline(), t0 + 8500ms);
}

TEST(OneOfAGroupThatIsReady, IsNotAnyMoreWhenItFails) {
  auto router = backup_of(grouped_settings());
  router.expire(t0 + 3500ms);

  router.fail(t0 + 4s);

  EXPECT_FALSE(router.is_ready());
}

// C49
TEST(Owner, IsActiveAsItStarts) {
  Router router{owner_settings()};

  EXPECT_EQ(router.start(t0),
            (RouterActions{SendAdvert{owner_priority}, ClaimAddresses{}, Announce{}}));
}

// C35
TEST(Owner, DiscardsWhatOthersAdvertise) {
  Router router{owner_settings()};
  router.start(t0);

  EXPECT_EQ(router.receive(heard(254), t0 + 300ms), nothing);

  EXPECT_EQ(router.state(), State::active);
  EXPECT_EQ(router.deadline(), t0 + 1s);
}

// C35, C71: by C35 alone it would not.
TEST(Owner, AnswersAResignation) {
  Router router{owner_settings()};
  router.start(t0);

  EXPECT_EQ(router.receive(heard(0), t0 + 300ms),
            (RouterActions{SendAdvert{owner_priority}, Announce{}}));
}

// C35: a deviation, for by the letter both would stay Active for ever; `strict` asks for it.
TEST(SecondOwner, GivesWayToTheGreaterAddressUnlessStrict) {
  Router lenient{owner_settings()};
  lenient.start(t0);
  EXPECT_EQ(lenient.receive(heard(255, lower_address), t0).size(), insists.size());
  EXPECT_EQ(lenient.state(), State::active);
  EXPECT_EQ(lenient.receive(heard(255, higher_address), t0), gives_way);

  auto by_the_letter = owner_settings();
  by_the_letter.strict = true;
  Router strict{by_the_letter};
  strict.start(t0);
  EXPECT_EQ(strict.receive(heard(255, higher_address), t0), nothing);
  EXPECT_EQ(strict.state(), State::active);
}

// C75
TEST(Owner, PreemptsWhateverPreemptModeSays) {
  auto tame = owner_settings();
  tame.preempt = false;
  Router router{tame};
  router.fail(t0);
  router.set_priority({254}, t0);
  router.start(t0);
  router.set_priority(owner_priority, t0 + 1s);

  router.receive(heard(200), t0 + 2s);

  EXPECT_EQ(router.deadline(), t0 + 3s + Duration{1s} / 256);  // it waits for nobody anew
}

}  // namespace
}  // namespace havip::vrrp::test
