// SPDX-License-Identifier: Apache-2.0
//
// What a node discards of what it hears, and what it does not: bytes as they come from the wire.
#include "sidecar/base/checksum.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "tests/unit/engine/node.hpp"

#include <optional>

namespace havip::engine::test {
namespace {

using vrrp::Rejection;
using vrrp::State;

const IpAddress link_local = ip("fe80::11");
const IpAddress peer_link_local = ip("fe80::12");
const IpAddress group6 = ip("ff02::12");

/// Of a better router: whoever does not discard it becomes a Backup.
ports::Datagram better(vrrp::Version version = vrrp::Version::v3) {
  const vrrp::Advert advert{.version = version,
                            .vrid = {51},
                            .priority = {200},
                            .interval = Centiseconds{version == vrrp::Version::v3 ? 10 : 100},
                            .addresses = {vip.address}};
  return Node::datagram(vrrp::encode(advert, vrrp::ChecksumForm::message, lb2, group));
}

/// With another byte, and the checksum made right for that.
ports::Datagram altered(ports::Datagram datagram, std::size_t offset, int value) {
  constexpr std::size_t checksum_offset = 6;
  auto& bytes = datagram.payload;
  bytes.at(offset) = static_cast<std::byte>(value);
  bytes[checksum_offset] = bytes[checksum_offset + 1] = std::byte{};
  const auto sum = Checksum{}.add(bytes).value();
  bytes[checksum_offset] = static_cast<std::byte>(sum >> 8U);
  bytes[checksum_offset + 1] = static_cast<std::byte>(sum & 0xffU);
  return datagram;
}

Settings version_2_settings() {
  auto settings = pair_settings();
  settings.virtual_routers[0].version = vrrp::Version::v2;
  settings.virtual_routers[0].advert_interval = 1s;
  return settings;
}

Settings unicast_settings() {
  auto settings = pair_settings();
  auto& router = settings.virtual_routers[0];
  router.transport = Transport::unicast;
  router.peers = {lb2};
  router.node_address = lb1;
  return settings;
}

Node& become_active(Node& node) {
  node.see_kernel({{.link = eth0().index, .prefix = {link_local, 64}, .ours = false}});
  node.handle(fit());
  node.pass(4s);
  node.sent.clear();
  return node;
}

/// What a node in Active makes of it: empty when it obeys.
std::optional<Rejection> discarded(const ports::Datagram& datagram,
                                   const Settings& settings = pair_settings()) {
  Node node{settings};
  become_active(node).handle(datagram);
  for (std::size_t i = 0; i < vrrp::rejection_count; ++i) {
    const auto why = static_cast<Rejection>(i);
    if (node.rejected(why) > 0) {
      EXPECT_EQ(node.state(), State::active);
      return why;
    }
  }
  EXPECT_EQ(node.state(), State::backup);
  return std::nullopt;
}

TEST(AdvertisementOfABetterRouter, IsObeyed) {
  EXPECT_EQ(discarded(better()), std::nullopt);
  EXPECT_EQ(discarded(better(vrrp::Version::v2), version_2_settings()), std::nullopt);
}

// C29 - C33, C37: in both versions, and none of them changes anything.
TEST(AdvertisementThatIsMalformed, IsDiscarded) {
  for (const auto version : {vrrp::Version::v3, vrrp::Version::v2}) {
    const bool v3 = version == vrrp::Version::v3;
    const auto settings = v3 ? pair_settings() : version_2_settings();
    const auto good = better(version);
    auto far = good;
    far.ttl = 254;
    auto cut = good;
    cut.payload.pop_back();
    auto wrong = good;
    wrong.payload.at(7) ^= std::byte{1};

    EXPECT_EQ(discarded(far, settings), Rejection::ttl);
    EXPECT_EQ(discarded(altered(good, 0, 0x41), settings), Rejection::version);
    EXPECT_EQ(discarded(altered(good, 0, v3 ? 0x32 : 0x22), settings), Rejection::type);
    EXPECT_EQ(discarded(cut, settings), Rejection::length);
    EXPECT_EQ(discarded(wrong, settings), Rejection::checksum);
    EXPECT_EQ(discarded(altered(good, 3, 0), settings), Rejection::length);
  }
}

// C29: of IPv6, the Hop Limit.
TEST(Ipv6AdvertisementFromAfar, IsDiscarded) {
  auto settings = pair_settings();
  settings.virtual_routers[0].family = Family::ipv6;
  settings.virtual_routers[0].addresses = {prefix("fe80::51/64")};
  const vrrp::Advert advert{
      .vrid = {51}, .priority = {200}, .interval = Centiseconds{10}, .addresses = {ip("fe80::51")}};
  auto datagram = Node::datagram(
      vrrp::encode(advert, vrrp::ChecksumForm::pseudo_header, peer_link_local, group6),
      peer_link_local);
  datagram.destination = group6;
  EXPECT_EQ(discarded(datagram, settings), std::nullopt);

  datagram.ttl = 254;
  EXPECT_EQ(discarded(datagram, settings), Rejection::ttl);
}

// C15
TEST(ReservedBits, AreIgnored) {
  EXPECT_EQ(discarded(altered(better(), 4, 0xf0)), std::nullopt);
}

// C26: what lies in the Authentication Data of Auth Type 0.
TEST(AuthenticationDataWithoutAuthentication, IsIgnored) {
  EXPECT_EQ(discarded(altered(better(vrrp::Version::v2), 19, 'x'), version_2_settings()),
            std::nullopt);
}

// C42: 2 was RFC 2338's for the Authentication Header, 3 and more never were anything.
TEST(UnknownAuthType, IsDiscarded) {
  for (const int type : {2, 3, 255}) {
    const auto datagram = altered(better(vrrp::Version::v2), 4, type);
    EXPECT_EQ(discarded(datagram, version_2_settings()), Rejection::auth) << type;
  }
}

// C34: the same VRID on another interface is another virtual router.
TEST(VridOfAnotherInterface, IsUnknown) {
  Node node;
  become_active(node);
  auto elsewhere = better();
  elsewhere.link = {7};

  node.handle(elsewhere);

  EXPECT_EQ(node.whole_status().rejected_unknown_vrid, 1U);
  EXPECT_EQ(node.state(), State::active);
}

// C30: a deviation.
TEST(OtherVersion, IsUnderstoodUnlessStrict) {
  EXPECT_EQ(discarded(better(vrrp::Version::v2)), std::nullopt);
  EXPECT_EQ(discarded(better(), version_2_settings()), std::nullopt);

  auto strict = pair_settings();
  strict.virtual_routers[0].strict = true;
  EXPECT_EQ(discarded(better(vrrp::Version::v2), strict), Rejection::version);
}

// C40, C41: deviations, for by the letter both would stay Active.
TEST(Version2WithAnotherIntervalOrList, IsObeyedUnlessStrict) {
  const auto every_3_seconds = altered(better(vrrp::Version::v2), 5, 3);
  const auto other_address = altered(better(vrrp::Version::v2), 11, 99);
  auto settings = version_2_settings();
  EXPECT_EQ(discarded(every_3_seconds, settings), std::nullopt);
  EXPECT_EQ(discarded(other_address, settings), std::nullopt);

  settings.virtual_routers[0].strict = true;
  EXPECT_EQ(discarded(every_3_seconds, settings), Rejection::interval);
  EXPECT_EQ(discarded(other_address, settings), Rejection::address_list);
}

// C85: its seconds are waited for.
TEST(Version2, IsWaitedForAtItsOwnRate) {
  Node node;
  become_active(node).handle(better(vrrp::Version::v2));

  EXPECT_EQ(node.deadline(), node.now() + 3s + Duration{1s} * 106 / 256);
}

// U3
TEST(UnicastFromAfar, IsDiscarded) {
  auto datagram = better();
  datagram.destination = lb1;
  EXPECT_EQ(discarded(datagram, unicast_settings()), std::nullopt);

  datagram.ttl = 64;
  EXPECT_EQ(discarded(datagram, unicast_settings()), Rejection::ttl);
}

// U4, U5: each mode discards the other's.
TEST(WrongWay, IsDiscarded) {
  auto to_this_node = better();
  to_this_node.destination = lb1;
  EXPECT_EQ(discarded(to_this_node), Rejection::unknown_peer);
  EXPECT_EQ(discarded(better(), unicast_settings()), Rejection::unknown_peer);

  auto strangers = to_this_node;
  strangers.source = ip("10.0.0.99");
  EXPECT_EQ(discarded(strangers, unicast_settings()), Rejection::unknown_peer);
}

// U1: a deviation, on request.
TEST(BothWays, AreHeard) {
  auto settings = unicast_settings();
  settings.virtual_routers[0].transport = Transport::both;
  auto to_this_node = better();
  to_this_node.destination = lb1;

  EXPECT_EQ(discarded(better(), settings), std::nullopt);
  EXPECT_EQ(discarded(to_this_node, settings), std::nullopt);
}

}  // namespace
}  // namespace havip::engine::test
