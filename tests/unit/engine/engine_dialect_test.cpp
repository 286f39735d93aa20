// SPDX-License-Identifier: Apache-2.0
//
// How an engine is spoken to and speaks: versions, checksums, passwords, signatures, and the two
// ways. C numbers are the statements of the protocol's facts.
#include "sidecar/base/checksum.hpp"
#include "sidecar/vrrp/trailer.hpp"
#include "tests/unit/engine/node.hpp"

namespace havip::engine::test {
namespace {

using vrrp::ChecksumForm;
using vrrp::Rejection;
using vrrp::State;
using vrrp::Version;

constexpr vrrp::WallTime wall{std::chrono::seconds{1'800'000'000}};

vrrp::DecodedAdvert decoded(const ports::Datagram& datagram) {
  return *vrrp::decode({datagram.source, datagram.destination, datagram.ttl, datagram.payload});
}

vrrp::AuthData password(std::string_view text) {
  vrrp::AuthData data{};
  std::ranges::copy(std::as_bytes(std::span{text}), data.begin());
  return data;
}

Settings version_2_settings() {
  auto settings = pair_settings();
  settings.virtual_routers[0].version = Version::v2;
  settings.virtual_routers[0].advert_interval = 1s;
  return settings;
}

/// What a peer says; version 2 where `seconds` is given.
vrrp::Advert advert(int priority, std::optional<int> seconds = std::nullopt) {
  return {.version = seconds ? Version::v2 : Version::v3,
          .vrid = {51},
          .priority = {static_cast<std::uint8_t>(priority)},
          .interval = Centiseconds{seconds ? 100 * *seconds : 10},
          .addresses = {vip.address}};
}

ports::Datagram said(const vrrp::Advert& advert,
                     const IpAddress& from = lb2,
                     const IpAddress& to = group,
                     const std::optional<vrrp::AuthData>& secret = std::nullopt,
                     ChecksumForm form = ChecksumForm::message) {
  auto datagram = Node::datagram(vrrp::encode(advert, form, from, to, secret), from);
  datagram.destination = to;
  return datagram;
}

void become_active(Node& node, Duration after) {
  node.see_kernel();
  node.handle(fit());
  node.pass(after);
  node.take_journal();
  node.take_log();
  node.sent.clear();
}

void become_backup(Node& node, const ports::Datagram& of) {
  node.see_kernel();
  node.handle(fit());
  node.handle(of);
  node.take_journal();
  node.take_log();
}

// C09, C26, C28
TEST(Version2, IsSpokenWhereItIsConfigured) {
  Node node{version_2_settings()};
  become_active(node, 4s);
  node.pass(1s);

  EXPECT_EQ(decoded(node.sent.at(0)),
            (vrrp::DecodedAdvert{.advert = advert(150, 1),
                                 .form = ChecksumForm::message,
                                 .size = 20,
                                 .trailer = std::nullopt}));
}

// C42
TEST(Version2, HasThePasswordThatIsConfiguredAndAsksForIt) {
  auto settings = version_2_settings();
  settings.virtual_routers[0].auth = PasswordAuth{password("secret12")};
  Node node{settings};
  become_active(node, 4s);
  node.pass(1s);
  EXPECT_EQ(decoded(node.sent.at(0)).auth_data, password("secret12"));

  node.handle(said(advert(200, 1)));
  node.handle(said(advert(200, 1), lb2, group, password("guessed")));
  EXPECT_EQ(node.rejected(Rejection::auth), 2U);
  EXPECT_EQ(node.state(), State::active);

  node.handle(said(advert(200, 1), lb2, group, password("secret12")));
  EXPECT_EQ(node.state(), State::backup);
}

// C42
TEST(Version2WithoutAPassword, DiscardsOne) {
  Node node{version_2_settings()};
  become_active(node, 4s);

  node.handle(said(advert(200, 1), lb2, group, password("secret12")));

  EXPECT_EQ(node.rejected(Rejection::auth), 1U);
}

// C40: a deviation, for by the letter both would stay Active.
TEST(Version2, LearnsAnotherInterval) {
  Node node{version_2_settings()};
  become_backup(node, said(advert(200, 3)));
  EXPECT_EQ(node.status().advert_interval, 3s);

  node.handle(said(advert(0, 3)));
  node.pass(1ms);
  ASSERT_EQ(node.state(), State::active);
  EXPECT_EQ(decoded(node.sent.back()).advert, advert(150, 3));
  EXPECT_EQ(node.deadline(), node.now() - 1ms + 50ms);  // announces again
}

// C40, C41
TEST(StrictVersion2, DiscardsAnotherIntervalAndOtherAddresses) {
  auto settings = version_2_settings();
  settings.virtual_routers[0].strict = true;
  Node node{settings};
  become_active(node, 4s);
  auto others = advert(200, 1);
  others.addresses = {ip("192.0.2.99")};

  node.handle(said(advert(200, 2)));
  node.handle(said(others));
  EXPECT_EQ(node.rejected(Rejection::interval), 1U);
  EXPECT_EQ(node.rejected(Rejection::address_list), 1U);

  others.priority = vrrp::owner_priority;
  node.handle(said(others));
  EXPECT_EQ(node.state(), State::backup);
}

// C30
TEST(StrictVersion3, DiscardsVersion2) {
  auto settings = pair_settings();
  settings.virtual_routers[0].strict = true;
  Node node{settings};
  become_active(node, down_interval);

  node.handle(said(advert(200, 1)));

  EXPECT_EQ(node.rejected(Rejection::version), 1U);
}

// C85: a pair of version 2 is moved to version 3 a node at a time.
TEST(Version3ThatHeardVersion2, SpeaksBothUntilTheOtherSpeaksVersion3) {
  Node node;
  become_active(node, down_interval);
  node.handle(said(advert(100, 1), lb2, group, password("secret12")));

  ASSERT_EQ(node.sent.size(), 2U);
  EXPECT_EQ(decoded(node.sent[0]).advert, advert(150));
  EXPECT_EQ(decoded(node.sent[1]).advert, advert(150, 1));
  EXPECT_EQ(decoded(node.sent[1]).auth_data, password("secret12"));

  node.sent.clear();
  node.handle(said(advert(100)));
  ASSERT_EQ(node.sent.size(), 1U);
  EXPECT_EQ(decoded(node.sent[0]).advert, advert(150));
}

TEST(Version2AdvertOfIntervalZero, IsAnsweredWithOneSecond) {
  Node node;
  become_active(node, down_interval);
  auto datagram = said(advert(100, 1));
  datagram.payload.at(5) = std::byte{0};  // Adver Int
  datagram.payload.at(6) = datagram.payload.at(7) = std::byte{0};
  const auto sum = Checksum{}.add(datagram.payload).value();
  datagram.payload.at(6) = static_cast<std::byte>(sum >> 8U);
  datagram.payload.at(7) = static_cast<std::byte>(sum & 0xffU);

  node.handle(datagram);

  ASSERT_EQ(node.sent.size(), 2U);
  EXPECT_EQ(decoded(node.sent[1]).advert, advert(150, 1));
}

// C85: such copies should be ignored, for their timing is coarser.
TEST(Version2CopyOfVersion3, IsIgnored) {
  Node node;
  become_backup(node, said(advert(200)));
  node.handle(said(advert(200, 1)));

  // Its Active_Adver_Interval is still a tenth of a second.
  EXPECT_EQ(node.deadline(), t0 + down_interval);
}

// C85: seconds are converted, and waited for.
TEST(Version2OfOneThatSpokeVersion3, IsHeardAgainAfterASilence) {
  Node node;
  become_backup(node, said(advert(200)));
  node.pass(250ms);
  node.handle(said(advert(200, 1)));

  EXPECT_EQ(node.deadline(), node.now() + 3s + Duration{1s} * 106 / 256);
}

// C30: a deviation.
TEST(Version2Router, UnderstandsVersion3) {
  Node node{version_2_settings()};
  become_active(node, 4s);

  node.handle(said(advert(200)));

  EXPECT_EQ(node.state(), State::backup);
  EXPECT_EQ(node.take_log().front(),
            "lb2 (10.0.0.12) speaks VRRP version 3; it is understood, but the versions should be "
            "made equal");
}

// C17, C19
TEST(ChecksumForm, FollowsWhoWasHeardLast) {
  Node node;
  become_active(node, down_interval);

  node.handle(said(advert(100), lb2, group, std::nullopt, ChecksumForm::pseudo_header));
  EXPECT_EQ(decoded(node.sent.back()).form, ChecksumForm::pseudo_header);

  node.handle(said(advert(100)));
  EXPECT_EQ(decoded(node.sent.back()).form, ChecksumForm::message);
}

Settings unicast_settings(Transport transport = Transport::unicast) {
  auto settings = pair_settings();
  settings.node_names[ip("10.0.0.13")] = "lb3";
  settings.virtual_routers[0].transport = transport;
  settings.virtual_routers[0].peers = {lb2, ip("10.0.0.13")};
  settings.virtual_routers[0].node_address = lb1;
  return settings;
}

std::vector<IpAddress> destinations(const std::vector<ports::Datagram>& sent) {
  std::vector<IpAddress> result;
  for (const auto& datagram : sent) {
    result.push_back(datagram.destination);
  }
  return result;
}

// U2
TEST(Unicast, GoesToEachPeerAndNotToTheGroup) {
  Node node{unicast_settings()};
  become_active(node, down_interval);
  node.pass(100ms);

  EXPECT_EQ(destinations(node.sent), (std::vector{lb2, ip("10.0.0.13")}));
}

// keepalived is a listed node there as well, and understands nothing else.
TEST(Unicast, BeginsWithTheChecksumOfRfc5798) {
  Node node{unicast_settings()};
  become_active(node, down_interval);
  node.pass(100ms);

  EXPECT_EQ(decoded(node.sent.at(0)).form, ChecksumForm::pseudo_header);
}

// U4, U5
TEST(Unicast, IsTakenFromPeersOnlyAndNothingFromTheGroup) {
  Node node{unicast_settings()};
  become_active(node, down_interval);

  node.handle(said(advert(200), ip("10.0.0.99"), lb1));
  node.handle(said(advert(200)));
  EXPECT_EQ(node.rejected(Rejection::unknown_peer), 2U);
  EXPECT_EQ(node.state(), State::active);

  node.handle(said(advert(200), lb2, lb1));
  EXPECT_EQ(node.state(), State::backup);
}

TEST(UnicastChecksum, FollowsEachPeerByItself) {
  Node node{unicast_settings()};
  become_active(node, down_interval);
  node.handle(said(advert(100), lb2, lb1, std::nullopt, ChecksumForm::group_pseudo_header));
  node.handle(said(advert(100), ip("10.0.0.13"), lb1, std::nullopt, ChecksumForm::pseudo_header));
  node.sent.clear();
  node.pass(100ms);

  ASSERT_EQ(node.sent.size(), 2U);
  EXPECT_EQ(decoded(node.sent[0]).form, ChecksumForm::group_pseudo_header);
  EXPECT_EQ(decoded(node.sent[1]).form, ChecksumForm::pseudo_header);
}

// U1: a deviation, on request.
TEST(BothWays, AreSpokenAndEitherKeepsTheElectionAlive) {
  Node node{unicast_settings(Transport::both)};
  become_active(node, down_interval);
  node.pass(100ms);
  EXPECT_EQ(destinations(node.sent), (std::vector{group, lb2, ip("10.0.0.13")}));

  node.handle(said(advert(200), lb2, lb1));
  EXPECT_EQ(node.state(), State::backup);
  node.handle(said(advert(200)));
  EXPECT_EQ(node.state(), State::backup);
}

TEST(WayThatFallsSilent, IsToldAndNotObeyed) {
  Node node{unicast_settings(Transport::both)};
  become_backup(node, said(advert(200)));
  for (int i = 0; i < 30; ++i) {
    node.handle(said(advert(200), lb2, lb1));
    node.pass(100ms);
  }

  const std::vector<std::string> problem{
      "nothing comes by multicast from lb2 (10.0.0.12), only by unicast: does a switch filter "
      "multicast (IGMP snooping)?"};
  EXPECT_EQ(node.take_log(), problem);
  EXPECT_EQ(node.status().problems, problem);
  EXPECT_EQ(node.state(), State::backup);

  node.handle(said(advert(200)));
  node.handle(said(advert(200), lb2, lb1));
  EXPECT_EQ(node.status().problems, std::vector<std::string>{});
}

vrrp::HmacKey key(unsigned char first) {
  std::vector<std::byte> bytes(32, std::byte{first});
  return {.id = 1, .secret = Secret{bytes}};
}

Settings signed_settings(HmacMode mode) {
  auto settings = pair_settings();
  settings.virtual_routers[0].auth = HmacAuth{.key = key(7), .mode = mode};
  return settings;
}

/// `seconds` is the sender's clock.
ports::Datagram signed_advert(int priority, const vrrp::HmacKey& with, Duration clock = {}) {
  auto datagram = said(advert(priority));
  vrrp::StampMaker stamps;
  vrrp::append_trailer(datagram.payload, with, stamps.next(wall + clock), lb2);
  return datagram;
}

class SignedNode : public Node {
public:
  explicit SignedNode(HmacMode mode) : Node{signed_settings(mode)} {
    see_wall_clock(wall);
    test::become_active(*this, down_interval);
  }
};

// C87: a deviation, on request.
TEST(EnforcedSignature, IsSentAndAskedFor) {
  SignedNode node{HmacMode::enforce};
  node.handle(said(advert(200)));
  node.handle(signed_advert(200, key(8)));
  EXPECT_EQ(node.rejected(Rejection::auth), 2U);
  EXPECT_EQ(node.state(), State::active);
  node.pass(100ms);
  const auto mine = decoded(node.sent.back());
  ASSERT_TRUE(mine.trailer);
  EXPECT_TRUE(vrrp::is_authentic(
      std::span{node.sent.back().payload}.first(mine.size), *mine.trailer, key(7), lb1));

  node.handle(signed_advert(200, key(7), 1s));
  EXPECT_EQ(node.state(), State::backup);
}

TEST(PermissiveSignature, IsSentAndNotAskedFor) {
  SignedNode node{HmacMode::permissive};
  node.pass(100ms);
  EXPECT_TRUE(decoded(node.sent.back()).trailer);

  node.handle(signed_advert(200, key(8)));
  EXPECT_EQ(node.rejected(Rejection::auth), 1U);
  node.handle(said(advert(200)));
  EXPECT_EQ(node.state(), State::backup);
}

TEST(ReceiveOnlySignature, IsVerifiedAndNotSent) {
  SignedNode node{HmacMode::receive_only};
  node.pass(100ms);
  EXPECT_FALSE(decoded(node.sent.back()).trailer);

  node.handle(signed_advert(200, key(8)));
  EXPECT_EQ(node.rejected(Rejection::auth), 1U);
  node.handle(signed_advert(200, key(7), 1s));
  EXPECT_EQ(node.state(), State::backup);
}

TEST(SignedAdvertisement, IsTakenOnceAndWhileItIsFresh) {
  SignedNode node{HmacMode::enforce};
  const auto genuine = signed_advert(200, key(7), 1s);
  node.handle(genuine);
  node.handle(genuine);
  node.handle(signed_advert(200, key(7), -10s));
  node.handle(signed_advert(200, key(7), 10s));

  EXPECT_EQ(node.rejected(Rejection::replay), 3U);
  EXPECT_EQ(node.status().counters.adverts_received.at(lb2), 1U);
}

TEST(TrailerWhereNoKeyIsConfigured, IsNoObstacle) {
  Node node;
  become_active(node, down_interval);

  node.handle(signed_advert(200, key(7)));

  EXPECT_EQ(node.state(), State::backup);
}

}  // namespace
}  // namespace havip::engine::test
