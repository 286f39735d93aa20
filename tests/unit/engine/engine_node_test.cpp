// SPDX-License-Identifier: Apache-2.0
//
// The engine in dialogue with the kernel, the operator and foreign routers.
#include "tests/unit/engine/node.hpp"

namespace havip::engine::test {
namespace {

using vrrp::Rejection;
using vrrp::State;

const Journal silence{};
const ports::KernelAddress leftover{.link = eth0().index, .prefix = vip, .ours = true};

TEST(DrainBesideNodesThatPreempt, KeepsTheAddressUntilAnotherHasIt) {
  Node node;
  node.become_active();

  node.handle(DrainChanged{true});
  EXPECT_EQ(node.take_journal(), Journal{"advertise 1"});

  node.hear(100);
  EXPECT_EQ(node.take_journal(), Journal{"remove 192.0.2.10/24"});
  EXPECT_TRUE(node.whole_status().drained);
}

TEST(DrainWithNobodyElse, KeepsTheAddress) {
  Node node;
  node.become_active();
  node.handle(DrainChanged{true});

  node.pass(1min);

  EXPECT_EQ(node.state(), State::active);
}

TEST(DrainBesideForeignRouters, Resigns) {
  Node node{foreign_settings()};
  node.become_active();

  node.handle(DrainChanged{true});

  EXPECT_EQ(node.take_journal(), (Journal{"advertise 1", "advertise 0", "remove 192.0.2.10/24"}));
  EXPECT_EQ(node.state(), State::backup);
  EXPECT_EQ(node.take_log().back(), "active -> backup: drained");
}

TEST(DrainOfADrainedNode, ChangesNothing) {
  Node node{foreign_settings()};
  node.become_active();
  node.handle(DrainChanged{true});
  node.pass(1s);  // nobody else came, so it took the address again
  node.take_journal();

  node.handle(DrainChanged{true});

  EXPECT_EQ(node.take_journal(), silence);
}

TEST(Undrain, TakesTheAddressBackAtTheNextLowerAdvertisement) {
  Node node;
  node.become_backup();
  node.handle(DrainChanged{true});
  node.hear(100);
  node.take_journal();

  node.handle(DrainChanged{false});
  EXPECT_EQ(node.take_journal(), silence);

  node.hear(100);
  EXPECT_EQ(node.state(), State::active);
}

TEST(RememberedDrain, CountsFromTheStart) {
  Node node;
  node.handle(DrainChanged{true});
  node.see_kernel({leftover});
  node.handle(fit());

  EXPECT_EQ(node.state(), State::backup);
  EXPECT_EQ(node.status().effective, vrrp::yield_priority);
  EXPECT_EQ(node.status().reasons, (std::vector<ports::Reason>{{"drained", -149}}));
}

// C50: a deviation; a restart costs no outage.
TEST(LeftoversOfAnEarlierRun, StayUntilTheNodeHasDecided) {
  Node node;
  node.see_kernel({leftover});
  EXPECT_EQ(node.take_journal(), Journal{"open 2"});

  node.handle(fit());

  EXPECT_EQ(node.state(), State::active);
  EXPECT_EQ(
      node.take_journal(),
      (Journal{
          "advertise 150", "add 192.0.2.10/24", "announce 192.0.2.10", "announce 192.0.2.10"}));
  EXPECT_EQ(node.take_log().back(),
            "init -> active: its addresses are still here from an earlier run");
}

TEST(LeftoversSeenAfterTheHealth, AreAdoptedAsWell) {
  Node node;
  node.handle(fit());

  node.see_kernel({leftover});

  EXPECT_EQ(node.state(), State::active);
  EXPECT_EQ(node.take_journal(),
            (Journal{"open 2",
                     "advertise 150",
                     "add 192.0.2.10/24",
                     "announce 192.0.2.10",
                     "announce 192.0.2.10"}));
}

// The health gate may speak, to say that it knows nothing, before the kernel was read.
TEST(LeftoversSeenWhileNothingIsDecided, AreAdoptedAsWell) {
  Node node;
  node.handle(verdict(Verdict::undecided, "HAProxy's state is not known: not asked yet"));
  EXPECT_EQ(node.state(), State::init);
  node.see_kernel({leftover});
  EXPECT_EQ(node.take_journal(), Journal{"open 2"});

  node.handle(fit());

  EXPECT_EQ(node.state(), State::active);
}

TEST(LeftoversOfAnUnfitNode, AreRemoved) {
  Node node;
  node.addresses.put(vip_on_eth0(), {.ours = true, .expires = std::nullopt});
  node.see_kernel({leftover});

  node.handle(verdict(Verdict::fault, "HAProxy is down: gone"));

  EXPECT_EQ(node.take_journal(), (Journal{"open 2", "remove 192.0.2.10/24"}));
}

TEST(LeftoversOfANodeThatYields, AreRemoved) {
  Node node;
  node.see_kernel({leftover});

  node.handle(verdict(Verdict::yield, "backend api"));

  EXPECT_EQ(node.state(), State::backup);
  EXPECT_EQ(node.take_journal(), (Journal{"open 2", "remove 192.0.2.10/24"}));
}

// An address that could not be removed is no earlier run's.
TEST(AddressThatIsStuck, IsNotAdoptedAfterAFault) {
  Node node;
  node.become_active();
  node.addresses.refusal = EBUSY;
  auto unplugged = eth0();
  unplugged.carrier = false;
  node.see_link(unplugged);
  EXPECT_EQ(node.state(), State::fault);

  node.see_link(eth0());

  EXPECT_EQ(node.state(), State::backup);
}

TEST(HalfOfTheLeftovers, AreNotAdopted) {
  auto settings = pair_settings();
  settings.virtual_routers[0].addresses.push_back(prefix("192.0.2.11/32"));
  Node node{settings};
  node.see_kernel({leftover});

  node.handle(fit());

  EXPECT_EQ(node.state(), State::backup);
}

TEST(InterfaceThatIsMissing, IsAFaultUntilItComes) {
  Node node;
  node.handle(ports::KernelEvent{ports::KernelState{}});
  node.handle(fit());
  EXPECT_EQ(node.state(), State::fault);
  EXPECT_EQ(node.status().why, "there is no interface eth0");

  node.see_link(eth0());
  EXPECT_EQ(node.status().why, "interface eth0 has no address of its own to advertise from");
  node.handle(ports::KernelEvent{Node::own(lb1)});

  EXPECT_EQ(node.state(), State::backup);
}

TEST(CableThatIsPulled, IsAFaultAtOnce) {
  Node node;
  node.become_active();
  auto unplugged = eth0();
  unplugged.carrier = false;

  node.see_link(unplugged);

  EXPECT_EQ(node.state(), State::fault);
  EXPECT_EQ(node.take_journal(), (Journal{"advertise 0", "remove 192.0.2.10/24"}));
  EXPECT_EQ(node.status().why, "interface eth0 has no carrier");

  node.see_link(eth0());
  EXPECT_EQ(node.state(), State::backup);
}

TEST(InterfaceThatIsSetDown, IsAFault) {
  Node node;
  node.become_active();
  auto down = eth0();
  down.up = false;

  node.see_link(down);

  EXPECT_EQ(node.status().why, "interface eth0 is down");
}

TEST(InterfaceThatIsRenamed, IsLeftAndItsAddressRemoved) {
  Node node;
  node.become_active();
  auto renamed = eth0();
  renamed.name = "wan0";

  node.see_link(renamed);

  EXPECT_EQ(node.state(), State::fault);
  EXPECT_EQ(node.take_journal(), (Journal{"close 2", "remove 192.0.2.10/24"}));
}

TEST(InterfaceThatIsMadeAnew, IsUsedUnderItsNewNumber) {
  Node node;
  node.become_active();
  node.addresses.remove_link(eth0().index);
  node.handle(ports::KernelEvent{ports::LinkGone{eth0().index}});
  EXPECT_EQ(node.take_journal(), Journal{"close 2"});

  auto anew = eth0();
  anew.index = {7};
  node.addresses.add_link(anew.index);
  node.see_link(anew);
  node.handle(ports::KernelEvent{
      ports::KernelAddress{.link = anew.index, .prefix = {lb1, 24}, .ours = false}});
  node.pass(down_interval);

  EXPECT_EQ(node.take_journal(),
            (Journal{"open 7",
                     "advertise 150",
                     "add 192.0.2.10/24",
                     "announce 192.0.2.10",
                     "announce 192.0.2.10"}));
}

TEST(InterfaceWithAnotherMac, IsAnnouncedAnew) {
  Node node;
  node.become_active();
  node.pass(20s);
  node.take_journal();
  auto swapped = eth0();
  swapped.mac = {{2, 0, 0, 0, 0, 0x99}};

  node.see_link(swapped);

  EXPECT_EQ(node.take_journal(), (Journal{"announce 192.0.2.10", "announce 192.0.2.10"}));
  EXPECT_EQ(node.announced.back().sender_mac, swapped.mac);
}

// A node that cannot listen would believe to be alone.
TEST(TransportThatCannotBeOpened, KeepsTheNodeOutOfTheElection) {
  Node node;
  node.transport.open_refusal = EPERM;
  node.see_kernel();
  node.handle(fit());
  node.pass(10s);
  EXPECT_EQ(node.state(), State::fault);
  EXPECT_EQ(node.take_journal(), silence);
  EXPECT_EQ(node.take_log().front(), "open VRRP on eth0: Operation not permitted");

  node.transport.open_refusal = 0;
  node.pass(1s);

  EXPECT_EQ(node.take_journal().front(), "open 2");
  EXPECT_EQ(node.state(), State::backup);
}

TEST(ForeignAddressEqualToOurs, IsLeftAloneAndNamed) {
  Node node;
  node.addresses.put(vip_on_eth0(), {.ours = false, .expires = std::nullopt});
  node.become_active();

  EXPECT_EQ(node.status().problems.size(), 1U);
  node.handle(StopRequested{});
  EXPECT_TRUE(node.addresses.entries().contains(vip_on_eth0()));
}

// C19: what is sent follows the peer heard last.
TEST(ChecksumForm, FollowsThePeer) {
  const auto form_sent = [](Node& node) {
    const auto& sent = node.sent.back();
    return vrrp::decode({sent.source, sent.destination, sent.ttl, sent.payload})->form;
  };
  Node node;
  node.become_active();
  EXPECT_EQ(form_sent(node), vrrp::ChecksumForm::message);

  node.hear(100, lb2, vrrp::ChecksumForm::pseudo_header);
  EXPECT_EQ(form_sent(node), vrrp::ChecksumForm::pseudo_header);

  Node beside_others{foreign_settings()};
  beside_others.become_active();
  EXPECT_EQ(form_sent(beside_others), vrrp::ChecksumForm::pseudo_header);
}

// C29, C36
TEST(RejectedAdvertisements, AreCountedAndToldOnceInAWhile) {
  Node node;
  node.become_backup();
  node.take_log();
  auto datagram = Node::datagram(vrrp::encode(
      {.vrid = {51}, .priority = {200}, .interval = Centiseconds{10}, .addresses = {vip.address}},
      vrrp::ChecksumForm::message,
      lb2,
      group));
  datagram.ttl = 254;
  for (int i = 0; i < 100; ++i) {
    node.handle(datagram);
    node.pass(3ms);
  }

  EXPECT_EQ(node.rejected(Rejection::ttl), 100U);
  EXPECT_EQ(node.take_log(),
            Journal{"discarded an advertisement from lb2 (10.0.0.12): its TTL is 254, only 255 is "
                    "allowed"});
  node.pass(100ms);
  EXPECT_EQ(node.state(), State::active);  // they did not keep the wait alive
}

TEST(EachReasonToReject, IsCountedForItself) {
  Node node;
  node.become_backup();
  const auto good = vrrp::encode(
      {.vrid = {51}, .priority = {200}, .interval = Centiseconds{10}, .addresses = {vip.address}},
      vrrp::ChecksumForm::message,
      lb2,
      group);
  const auto altered = [&](std::size_t offset, int value) {
    auto payload = good;
    payload.at(offset) = static_cast<std::byte>(value);
    return Node::datagram(payload);
  };
  node.handle(altered(6, 0));
  node.handle(altered(0, 0x41));
  node.handle(altered(0, 0x32));
  node.handle(altered(3, 0));
  node.handle(Node::datagram(good, lb1));
  auto unicast = Node::datagram(good);
  unicast.destination = lb1;
  node.handle(unicast);

  for (const auto why : {Rejection::checksum,
                         Rejection::version,
                         Rejection::type,
                         Rejection::length,
                         Rejection::own,
                         Rejection::unknown_peer}) {
    EXPECT_EQ(node.rejected(why), 1U) << to_string(why);
  }
}

// C34
TEST(AdvertisementOfAnUnknownVrid, IsCountedAndToldOnceInAWhile) {
  Node node;
  node.become_active();
  node.take_log();
  const auto payload = vrrp::encode(
      {.vrid = {52}, .priority = {200}, .interval = Centiseconds{10}, .addresses = {vip.address}},
      vrrp::ChecksumForm::message,
      lb2,
      group);
  for (int i = 0; i < 3; ++i) {
    node.handle(Node::datagram(payload));
  }

  EXPECT_EQ(node.whole_status().rejected_unknown_vrid, 3U);
  EXPECT_EQ(node.take_log(),
            Journal{"heard 10.0.0.12 advertise VRID 52, which is not configured here"});
  EXPECT_EQ(node.state(), State::active);
}

// C38, C39
TEST(AnotherIntervalOrAddressList, IsToldOnceAndAccepted) {
  Node node;
  node.become_backup();
  node.take_log();
  const auto payload = vrrp::encode({.vrid = {51},
                                     .priority = {200},
                                     .interval = Centiseconds{100},
                                     .addresses = {ip("192.0.2.99")}},
                                    vrrp::ChecksumForm::message,
                                    lb2,
                                    group);
  for (int i = 0; i < 3; ++i) {
    node.handle(Node::datagram(payload));
  }

  EXPECT_EQ(node.take_log(),
            (Journal{"lb2 (10.0.0.12) advertises every 1000 ms, this node every 100 ms; its "
                     "interval is followed",
                     "lb2 (10.0.0.12) advertises other addresses than this node is configured "
                     "with"}));
  node.pass(3s);
  EXPECT_EQ(node.state(), State::backup);
}

TEST(SendersWithoutEnd, AreCountedTogether) {
  Node node;
  node.become_backup();
  for (std::uint32_t i = 0; i < 1000; ++i) {
    node.hear(1, IpAddress::v4(0x0A010000 + i));
  }

  EXPECT_LE(node.status().counters.adverts_received.size(), 34U);
}

TEST(RefusedSending, IsCountedAndToldOnce) {
  Node node;
  node.become_active();
  node.take_log();
  node.transport.send_refusal = ENOBUFS;
  node.neighbours.refusal = ENOBUFS;
  node.pass(300ms);

  EXPECT_EQ(node.status().counters.send_errors, 3U);
  EXPECT_EQ(node.status().counters.announce_errors, 4U);  // two rounds in both forms
  EXPECT_EQ(node.status().counters.adverts_sent, 1U);
  EXPECT_EQ(node.status().counters.gratuitous_sent, 2U);
  EXPECT_EQ(node.take_log().size(), 2U);
}

TEST(Counters, TellWhatHappened) {
  Node node;
  node.become_active();
  node.hear(200);
  node.hear(0);
  node.handle(StopRequested{});
  const auto counters = node.status().counters;

  // As it became Active, giving way, as it became Active again, and at its end.
  EXPECT_EQ(counters.adverts_sent, 4U);
  EXPECT_EQ(counters.resignations_sent, 2U);
  EXPECT_EQ(counters.resignations_received, 1U);
  EXPECT_EQ(counters.adverts_received, (std::map<IpAddress, std::uint64_t>{{lb2, 2}}));
  EXPECT_EQ(
      counters.transitions,
      (std::map<std::pair<State, std::string>, std::uint64_t>{{{State::backup, "start"}, 1},
                                                              {{State::active, "silence"}, 1},
                                                              {{State::backup, "superior"}, 1},
                                                              {{State::active, "resignation"}, 1},
                                                              {{State::init, "stop"}, 1}}));
}

}  // namespace
}  // namespace havip::engine::test
