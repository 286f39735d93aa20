// SPDX-License-Identifier: Apache-2.0
//
// The engine in dialogue: what a node does, in order, when things happen to it.
#include "tests/unit/engine/node.hpp"

#include <algorithm>

namespace havip::engine::test {
namespace {

using vrrp::State;

const Journal silence{};
const Journal claims{
    "advertise 150", "add 192.0.2.10/24", "announce 192.0.2.10", "announce 192.0.2.10"};

// C50, C57, C70, C76
TEST(NodeThatStarts, ListensThenClaimsThenAnnounces) {
  Node node;
  node.see_kernel();
  EXPECT_EQ(node.take_journal(), Journal{"open 2"});
  EXPECT_EQ(node.state(), State::init);

  node.handle(fit());
  EXPECT_EQ(node.state(), State::backup);
  node.pass(down_interval - 1ns);
  EXPECT_EQ(node.take_journal(), silence);

  node.pass(1ns);
  EXPECT_EQ(node.take_journal(), claims);
  EXPECT_EQ(node.state(), State::active);

  // The campaign's next rounds, and an advertisement every 100 ms.
  node.pass(210ms);
  EXPECT_EQ(node.take_journal(),
            (Journal{"announce 192.0.2.10",
                     "announce 192.0.2.10",  // 50 ms
                     "advertise 150",        // 100 ms
                     "advertise 150",        // 200 ms
                     "announce 192.0.2.10",
                     "announce 192.0.2.10"}));
}

TEST(Announcement, HasBothFormsAndTheLinksMac) {
  Node node;
  node.become_active();

  ASSERT_EQ(node.announced.size(), 2U);
  EXPECT_EQ(node.announced[0],
            vrrp::gratuitous_arp(vrrp::ArpOperation::request, vip.address, eth0().mac));
  EXPECT_EQ(node.announced[1],
            vrrp::gratuitous_arp(vrrp::ArpOperation::reply, vip.address, eth0().mac));
}

// C01, C02, C09 - C11, C14, C16, C17
TEST(Advertisement, SaysWhatIsConfigured) {
  Node node;
  node.become_active();

  ASSERT_EQ(node.sent.size(), 1U);
  const auto& sent = node.sent[0];
  EXPECT_EQ(sent.source, lb1);
  EXPECT_EQ(sent.destination, group);
  EXPECT_EQ(*vrrp::decode({sent.source, sent.destination, sent.ttl, sent.payload}),
            (vrrp::DecodedAdvert{.advert = {.vrid = {51},
                                            .priority = {150},
                                            .interval = Centiseconds{10},
                                            .addresses = {vip.address}},
                                 .form = vrrp::ChecksumForm::message,
                                 .size = 12,
                                 .trailer = std::nullopt}));
}

// C76
TEST(AddressThatTheKernelRefuses, IsAnnouncedOnlyOnceItIsThere) {
  Node node;
  node.see_kernel();
  node.handle(fit());
  node.take_journal();
  node.addresses.refusal = EPERM;
  node.pass(down_interval);
  EXPECT_EQ(node.take_journal(), Journal{"advertise 150"});
  node.pass(10s);
  node.take_journal();
  EXPECT_TRUE(node.announced.empty());
  EXPECT_EQ(node.status().problems,
            std::vector<std::string>{"add 192.0.2.10/24: Operation not permitted"});

  node.addresses.refusal = 0;
  node.pass(1s);

  // Not all rounds that were missed at once: the campaign begins when the address is there.
  EXPECT_EQ(node.announced.size(), 2U * 3U);  // at 0, 50 and 200 ms; the next is at 1 s
  node.pass(60s);
  EXPECT_EQ(node.announced.size(), 2U * 5U);
  EXPECT_TRUE(node.status().problems.empty());
}

TEST(SecondAddressThatComesLate, IsAnnouncedWhenItComes) {
  auto settings = pair_settings();
  const auto second = prefix("192.0.2.11/32");
  settings.virtual_routers[0].addresses.push_back(second);
  Node node{settings};
  node.addresses.put({eth0().index, second}, {.ours = false, .expires = std::nullopt});
  node.become_active();
  node.pass(20s);  // the campaign is over

  node.addresses.take_off({eth0().index, second});
  node.announced.clear();
  node.pass(0s);

  EXPECT_EQ(node.announced.size(), 2U * 2U);  // both addresses in both forms
}

TEST(NodeWhoseHaproxyDies, ResignsAndReleasesAtOnce) {
  Node node;
  node.become_active();

  node.handle(verdict(Verdict::fault, "HAProxy is down: gone"));

  EXPECT_EQ(node.take_journal(), (Journal{"advertise 0", "remove 192.0.2.10/24"}));
  EXPECT_EQ(node.state(), State::fault);
  EXPECT_EQ(node.take_log().back(), "active -> fault: HAProxy is down: gone");
  node.pass(1min);
  EXPECT_EQ(node.take_journal(), silence);
}

TEST(NodeWhoseHaproxyIsBack, WaitsAsABackup) {
  Node node;
  node.become_active();
  node.handle(verdict(Verdict::fault, "HAProxy is down: gone"));
  node.take_journal();

  node.handle(verdict(Verdict::yield, "HAProxy is back, but not yet for long"));

  EXPECT_EQ(node.state(), State::backup);
  EXPECT_EQ(node.take_journal(), silence);
  EXPECT_EQ(node.status().effective, vrrp::yield_priority);
}

TEST(NodeThatYields, HoldsOnUntilAnotherTakesOver) {
  Node node;
  node.become_active();

  node.handle(verdict(Verdict::yield, "backend api"));
  EXPECT_EQ(node.take_journal(), Journal{"advertise 1"});
  EXPECT_EQ(node.state(), State::active);

  node.hear(100);
  EXPECT_EQ(node.take_journal(), Journal{"remove 192.0.2.10/24"});
  EXPECT_EQ(node.state(), State::backup);
}

TEST(NodeThatDoesNotKnowAnyMore, GoesOnAsBefore) {
  Node node;
  node.become_active();

  node.handle(verdict(Verdict::undecided, "HAProxy's state is not known: permission denied"));

  EXPECT_EQ(node.state(), State::active);
  EXPECT_EQ(node.take_journal(), silence);
  EXPECT_EQ(node.status().effective, vrrp::Priority{150});
}

TEST(DrainWhileHaproxyIsUnknown, StillGivesTheAddressesAway) {
  Node node;
  node.become_active();
  node.handle(verdict(Verdict::undecided, "HAProxy's state is not known: permission denied"));

  node.handle(DrainChanged{true});

  EXPECT_EQ(node.take_journal(), Journal{"advertise 1"});
  node.hear(100);
  EXPECT_EQ(node.state(), State::backup);
}

TEST(UnhealthyScale, SurvivesThatHaproxyIsUnknown) {
  Node node;
  node.become_active();
  auto half = fit();
  half.scales = {{"backend web", 0.5}};
  node.handle(half);
  node.handle(verdict(Verdict::undecided, "HAProxy's state is not known: permission denied"));

  EXPECT_EQ(node.status().effective, vrrp::Priority{75});
}

// C72. The resignation is heard by the better node, which announces once more: while both were
// Active, the neighbours may have learnt either.
TEST(ActiveThatHearsABetterNode, ResignsReleasesAndAnnouncesNoMore) {
  Node node;
  node.become_active();

  node.hear(200);

  EXPECT_EQ(node.take_journal(), (Journal{"advertise 0", "remove 192.0.2.10/24"}));
  node.pass(200ms);
  EXPECT_EQ(node.take_journal(), silence);
  EXPECT_EQ(node.status().active_router,
            (ports::ActiveRouter{.address = lb2, .priority = {200}, .name = "lb2"}));
}

// C73
TEST(ActiveThatHearsALowerNode, InsistsAndAnnouncesAgain) {
  Node node;
  node.become_active();
  node.pass(20s);
  node.take_journal();

  node.hear(100);

  EXPECT_EQ(node.take_journal(),
            (Journal{"advertise 150", "announce 192.0.2.10", "announce 192.0.2.10"}));
}

// C60
TEST(HeirThatHearsTheActiveResign, TakesOverAtOnce) {
  Node node;
  node.become_backup();

  node.hear(0);

  EXPECT_EQ(node.take_journal(), claims);
  EXPECT_EQ(node.take_log().back(), "backup -> active: lb2 (10.0.0.12) resigned");
}

TEST(BackupOfASilentActive, SaysWhomItMissed) {
  Node node;
  node.become_backup();

  node.pass(500ms);

  EXPECT_EQ(node.state(), State::active);
  EXPECT_EQ(node.take_log().back(),
            "backup -> active: nothing was heard from lb2 (10.0.0.12) for 341 ms");
}

TEST(AddressRemovedByHand, IsPutBackAndAnnounced) {
  Node node;
  node.become_active();
  node.pass(20s);
  node.take_journal();

  node.addresses.take_off(vip_on_eth0());
  node.pass(0s);

  EXPECT_EQ(node.take_journal(),
            (Journal{"add 192.0.2.10/24", "announce 192.0.2.10", "announce 192.0.2.10"}));
  EXPECT_EQ(node.status().counters.repairs, 1U);
}

TEST(Lease, IsRenewedForAsLongAsTheNodeIsActive) {
  Node node;
  node.become_active();
  EXPECT_EQ(node.addresses.entries().at(vip_on_eth0()).expires, node.now() + 1s);

  node.pass(10s);
  node.addresses.expire();

  EXPECT_TRUE(node.addresses.entries().contains(vip_on_eth0()));
  EXPECT_EQ(node.status().counters.repairs, 0U);
}

// C69
TEST(ActiveThatIsStopped, ResignsAndLeavesNothingBehind) {
  Node node;
  node.become_active();

  node.handle(StopRequested{});

  EXPECT_EQ(node.take_journal(), (Journal{"advertise 0", "close 2", "remove 192.0.2.10/24"}));
  EXPECT_EQ(node.state(), State::init);
  node.see_link(eth0());
  node.handle(fit());
  node.hear(1);
  node.pass(1min);
  EXPECT_EQ(node.take_journal(), silence);
}

TEST(AnnounceRequest, StartsACampaignWhereSomethingIsHeld) {
  Node node;
  node.become_active();
  node.pass(20s);
  node.take_journal();

  node.handle(AnnounceRequested{});
  EXPECT_EQ(node.take_journal(), (Journal{"announce 192.0.2.10", "announce 192.0.2.10"}));

  Node backup;
  backup.become_backup();
  backup.handle(AnnounceRequested{});
  EXPECT_EQ(backup.take_journal(), silence);
}

// Between the end of a pause and the first timer there may be news that another node holds the
// addresses. Until those are read, the neighbours must not be told otherwise.
TEST(ActiveThatWasPaused, AnnouncesNothingBeforeItHasReadItsMail) {
  auto settings = pair_settings();
  settings.virtual_routers[0].addresses.push_back(prefix("192.0.2.11/32"));
  Engine engine{settings};
  engine.handle(
      ports::KernelEvent{ports::KernelState{.links = {eth0()}, .addresses = {Node::own(lb1)}}}, t0);
  engine.handle(fit(), t0);
  const auto perform = [&](const Actions& actions, Instant now) {
    for (const auto& action : actions) {
      engine.performed(action, nullptr, now);
    }
    return std::ranges::count_if(
        actions, [](const Action& action) { return std::holds_alternative<SendArp>(action); });
  };
  perform(engine.handle(Tick{}, t0 + down_interval), t0 + down_interval);
  perform(engine.handle(Tick{}, t0 + down_interval), t0 + down_interval);

  const auto later = t0 + 1h;  // both leases ran out meanwhile
  for (const auto* text : {"192.0.2.10/24", "192.0.2.11/32"}) {
    const auto actions = engine.handle(
        ports::KernelEvent{ports::KernelAddressGone{eth0().index, prefix(text)}}, later);
    EXPECT_EQ(perform(actions, later), 0);
  }
}

}  // namespace
}  // namespace havip::engine::test
