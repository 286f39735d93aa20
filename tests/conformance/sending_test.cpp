// SPDX-License-Identifier: Apache-2.0
//
// What a node says and does by itself: as it starts, as the owner of the addresses, in IPv6.
#include "sidecar/vrrp/advert.hpp"
#include "tests/unit/engine/node.hpp"

#include <optional>
#include <vector>

namespace havip::engine::test {
namespace {

using vrrp::State;

const IpAddress link_local = ip("fe80::11");

vrrp::Advert advert_of(const ports::Datagram& datagram) {
  return vrrp::decode({datagram.source, datagram.destination, datagram.ttl, datagram.payload})
      ->advert;
}

/// Of the owner of two addresses.
Settings owner_settings() {
  auto settings = pair_settings();
  settings.virtual_routers[0].priority = vrrp::owner_priority;
  settings.virtual_routers[0].addresses.push_back(prefix("192.0.2.11/32"));
  return settings;
}

Settings ipv6_settings() {
  auto settings = pair_settings();
  auto& router = settings.virtual_routers[0];
  router.family = Family::ipv6;
  router.addresses = {prefix("fe80::51/64"), prefix("2001:db8::51/64")};
  return settings;
}

/// A node that keeps IPv6 addresses and notes what it tells the neighbours.
class Ipv6Node : public Node {
public:
  Ipv6Node() : Node{ipv6_settings()} {
    neighbours.carry_advert = [this](ports::LinkIndex, const vrrp::NeighbourAdvert& advert) {
      advertised.push_back(advert);
    };
    see_kernel({{.link = eth0().index, .prefix = {link_local, 64}, .ours = false}});
    handle(fit());
  }

  std::vector<vrrp::NeighbourAdvert> advertised;
};

// C12, C49: each address in both forms of gratuitous ARP.
TEST(OwnerAtStart, AdvertisesAnnouncesEachAddressAndIsActive) {
  Node node{owner_settings()};
  node.see_kernel();
  node.take_journal();

  node.handle(fit());

  EXPECT_EQ(node.take_journal(),
            (Journal{"advertise 255",
                     "add 192.0.2.10/24",
                     "add 192.0.2.11/32",
                     "announce 192.0.2.10",
                     "announce 192.0.2.10",
                     "announce 192.0.2.11",
                     "announce 192.0.2.11"}));
  EXPECT_EQ(node.state(), State::active);
  EXPECT_EQ(node.deadline(), t0 + 50ms);  // the campaign's second round
}

// C12: a deviation.
TEST(OwnerWhoseServersFailOrThatIsDrained, AdvertisesLess) {
  Node node{owner_settings()};
  node.see_kernel();
  node.handle(fit());
  node.take_journal();
  auto half = fit();
  half.scales = {{"backend web", 0.5}};

  node.handle(half);
  EXPECT_EQ(node.take_journal(), Journal{"advertise 128"});

  node.handle(DrainChanged{true});
  EXPECT_EQ(node.take_journal(), Journal{"advertise 1"});
}

// C22: in the order of the configuration, which is the same on all nodes.
TEST(Addresses, AreListedInTheOrderOfTheConfiguration) {
  const std::vector order{
      prefix("192.0.2.30/24"), prefix("192.0.2.10/24"), prefix("192.0.2.20/24")};
  auto settings = pair_settings();
  settings.virtual_routers[0].addresses = order;
  Node node{settings};
  node.become_active();

  const auto listed = advert_of(node.sent.at(0)).addresses;

  ASSERT_EQ(listed.size(), order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(listed[i], order[i].address);
  }
}

// C15, C16: the interval's field is all that is in its 16 bits.
TEST(EveryInterval, LeavesTheReservedBitsZero) {
  vrrp::Advert advert{.vrid = {51}, .priority = {150}, .addresses = {vip.address}};
  for (int interval = 1; interval <= vrrp::longest_interval.count(); ++interval) {
    advert.interval = Centiseconds{interval};

    const auto message = vrrp::encode(advert, vrrp::ChecksumForm::message, lb1, group);

    const auto field = std::to_integer<int>(message[4]) << 8 | std::to_integer<int>(message[5]);
    EXPECT_EQ(field, interval);
  }
}

// C51, C55: what the kernel does not have it neither answers for nor accepts.
TEST(Backup, HasTheAddressesOnNoInterface) {
  Node node;
  node.become_active();
  EXPECT_EQ(node.addresses.entries().count(vip_on_eth0()), 1U);

  node.hear(200);

  EXPECT_EQ(node.state(), State::backup);
  EXPECT_EQ(node.addresses.entries().count(vip_on_eth0()), 0U);
}

// C52, C80: nothing is told of an address before it is there.
TEST(Ipv6Address, IsNotAdvertisedToTheNeighboursBeforeItIsThere) {
  Ipv6Node node;
  EXPECT_TRUE(node.addresses.entries().empty());
  node.addresses.refusal = EPERM;
  node.pass(down_interval);
  EXPECT_EQ(node.state(), State::active);
  EXPECT_TRUE(node.advertised.empty());

  node.addresses.refusal = 0;
  node.pass(1s);

  EXPECT_FALSE(node.advertised.empty());
}

// C58, C59: first the kernel gets them, with their groups; the MAC is a deviation.
TEST(Ipv6Address, IsAdvertisedWithTheInterfacesOwnMac) {
  Ipv6Node node;
  node.take_journal();
  node.pass(down_interval);

  EXPECT_EQ(node.take_journal(),
            (Journal{"advertise 150", "add 2001:db8::51/64", "add fe80::51/64"}));
  EXPECT_EQ(node.advertised,
            (std::vector<vrrp::NeighbourAdvert>{{ip("fe80::51"), eth0().mac},
                                                {ip("2001:db8::51"), eth0().mac}}));
}

// C57: a deviation; the virtual MAC would be 00-00-5E-00-01-33.
TEST(GratuitousArp, HasTheInterfacesOwnMacAndGoesToEverybody) {
  Node node;
  node.become_active();

  ASSERT_EQ(node.announced.size(), 2U);
  for (const auto& message : node.announced) {
    EXPECT_EQ(message.sender_mac, eth0().mac);
    const bool reply = message.operation == vrrp::ArpOperation::reply;
    EXPECT_EQ(message.target_mac, reply ? eth0().mac : broadcast_mac);
    EXPECT_EQ(message.destination, broadcast_mac);
    EXPECT_EQ(message.sender, message.target);
  }
}

// C50: a deviation; the advertisement of a better router would settle it.
TEST(NodeThatFindsItsAddresses, GoesOnAsActive) {
  Node node;
  node.see_kernel({{.link = eth0().index, .prefix = vip, .ours = true}});

  node.handle(fit());

  EXPECT_EQ(node.state(), State::active);
}

// C71: on the wire.
TEST(ActiveThatHearsPriority0, AdvertisesAtOnce) {
  Node node;
  node.become_active();
  node.pass(30s);
  node.take_journal();

  node.hear(0);

  EXPECT_EQ(node.take_journal().front(), "advertise 150");
  EXPECT_EQ(node.state(), State::active);
}

/// (256 - 150) / 256 of a second.
constexpr auto skew_of_150 = Duration{1s} * 106 / 256;

Settings version_2_settings(Duration interval) {
  auto settings = pair_settings();
  settings.virtual_routers[0].version = vrrp::Version::v2;
  settings.virtual_routers[0].advert_interval = interval;
  return settings;
}

std::optional<Instant> deadline_at_start(const Settings& settings) {
  Node node{settings};
  node.see_kernel();
  node.handle(fit());
  return node.deadline();
}

// C45, C46: at the interval that version 2 has by default.
TEST(Version2Timers, FollowTheFormulas) {
  EXPECT_EQ(deadline_at_start(version_2_settings(1s)), t0 + 3s + skew_of_150);
}

// C45
TEST(Version2TimersAtALongerInterval, HaveTheSameSkew) {
  EXPECT_EQ(deadline_at_start(version_2_settings(3s)), t0 + 9s + skew_of_150);
}

}  // namespace
}  // namespace havip::engine::test
