// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/vrrp_socket.hpp"

#include "sidecar/base/checksum.hpp"
#include "tests/unit/net/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace havip::net {
namespace {

using ports::AdvertSocket;
using ports::Datagram;

const IpAddress group = *IpAddress::parse("224.0.0.18");
const IpAddress first = *IpAddress::parse("10.9.0.1");
const IpAddress second = *IpAddress::parse("10.9.0.2");

Bytes payload(std::size_t size = 12) {
  return Bytes(size, std::byte{0x31});
}

/// The next datagram, waiting for it; empty when none comes in time.
std::optional<Datagram> next(AdvertSocket& socket) {
  if (!test::readable_within(socket.descriptor(), patience)) {
    return std::nullopt;
  }
  return socket.receive().value();
}

class VrrpSocket : public OverACable {
protected:
  VrrpSocket() {
    there.enter();
    receiver = open_vrrp_socket(link("vb"), Family::ipv4).value();
    receiving_link = {test::link_number("vb")};
    here.enter();
    sender = open_vrrp_socket(link("va"), Family::ipv4).value();
    sending_link = {test::link_number("va")};
  }

  std::unique_ptr<AdvertSocket> sender;
  std::unique_ptr<AdvertSocket> receiver;
  ports::LinkIndex sending_link;
  ports::LinkIndex receiving_link;
};

TEST_F(VrrpSocket, C03_ADatagramToTheGroupArrivesWithTtl255) {
  ASSERT_TRUE(sender->send(first, group, payload()));

  EXPECT_EQ(next(*receiver), (Datagram{receiving_link, first, group, 255, payload()}));
}

TEST_F(VrrpSocket, C03_ADatagramToAPeerArrivesWithTtl255) {
  ASSERT_TRUE(sender->send(first, second, payload()));

  EXPECT_EQ(next(*receiver), (Datagram{receiving_link, first, second, 255, payload()}));
}

TEST_F(VrrpSocket, HasTheHeaderThatKeepalivedSends) {
  there.enter();
  const Tap tap{"vb", ETH_P_IP};
  ASSERT_TRUE(sender->send(first, group, payload(2)));

  auto frame = tap.next();

  ASSERT_EQ(frame.size(), 14U + 20U + 2U);
  EXPECT_EQ(Checksum{}.add(std::span{frame}.subspan(14, 20)).value(), 0);
  std::fill_n(frame.begin() + 18, 2, std::byte{});  // identification: the kernel's to choose
  std::fill_n(frame.begin() + 24, 2, std::byte{});  // and so is the checksum over it
  Bytes expected;
  for (const int value : {0x01, 0x00, 0x5e, 0x00, 0x00, 0x12,  // the group's Ethernet address
                          0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x45, 0xc0,
                          0x00, 0x16,              // type of service 0xc0, total length 22
                          0x00, 0x00, 0x00, 0x00,  // no DF
                          0xff, 0x70, 0x00, 0x00,  // TTL 255, protocol 112
                          10,   9,    0,    1,    224,  0,    0,    18,   0x31, 0x31}) {
    expected.push_back(static_cast<std::byte>(value));
  }
  EXPECT_EQ(frame, expected);
}

TEST_F(VrrpSocket, SendsFromTheAddressItWasTold) {
  test::ip("address add 10.9.0.9/24 dev va");
  const auto other = *IpAddress::parse("10.9.0.9");
  ASSERT_TRUE(sender->send(other, group, payload()));

  EXPECT_EQ(next(*receiver), (Datagram{receiving_link, other, group, 255, payload()}));
}

TEST_F(VrrpSocket, RefusesASourceThatIsNotOfThisHost) {
  const auto sent = sender->send(*IpAddress::parse("10.9.0.77"), group, payload());

  ASSERT_TRUE(sent.has_error());
  EXPECT_THAT(sent.error().message,  // the reason's words differ from kernel to kernel
              ::testing::StartsWith("send an advertisement from 10.9.0.77 to 224.0.0.18 on va: "));
}

TEST_F(VrrpSocket, DoesNotHearItself) {
  ASSERT_TRUE(sender->send(first, group, payload()));
  // The answer of the other end follows the echo that must not be there.
  ASSERT_TRUE(next(*receiver));
  there.enter();
  ASSERT_TRUE(receiver->send(second, group, payload()));

  EXPECT_EQ(next(*sender), (Datagram{sending_link, second, group, 255, payload()}));
  EXPECT_EQ(sender->receive().value(), std::nullopt);
}

TEST_F(VrrpSocket, HearsItsOwnLinkOnly) {
  test::ip("link add vc type veth peer name vd");
  test::ip("address add 10.8.0.1/24 dev vc");
  test::ip("link set vc up");
  test::ip("link set vd up");
  const auto elsewhere = open_vrrp_socket(link("vd"), Family::ipv4).value();
  there.enter();
  ASSERT_TRUE(receiver->send(second, group, payload()));

  EXPECT_EQ(next(*sender), (Datagram{sending_link, second, group, 255, payload()}));
  EXPECT_EQ(elsewhere->receive().value(), std::nullopt);
}

TEST_F(VrrpSocket, GivesDatagramsInOrderUntilNoneWaits) {
  for (const std::size_t size : {1U, 2U, 3U}) {
    ASSERT_TRUE(sender->send(first, group, payload(size)));
  }

  for (const std::size_t size : {1U, 2U, 3U}) {
    EXPECT_EQ(next(*receiver), (Datagram{receiving_link, first, group, 255, payload(size)}));
  }
  EXPECT_EQ(receiver->receive().value(), std::nullopt);
}

TEST_F(VrrpSocket, SkipsADatagramThatNoAdvertisementCanBe) {
  ASSERT_TRUE(sender->send(first, group, payload(5000)));  // arrives whole, after 4 fragments
  ASSERT_TRUE(sender->send(first, group, payload(12)));

  EXPECT_EQ(next(*receiver), (Datagram{receiving_link, first, group, 255, payload(12)}));
}

TEST_F(VrrpSocket, SaysThatItsLinkIsDownAndComesBackWithIt) {
  test::ip("link set va down");
  EXPECT_TRUE(sender->send(first, group, payload()).has_error());
  EXPECT_EQ(sender->receive().value(), std::nullopt);
  const Carriers carriers;
  test::ip("link set va up");
  carriers.wait_for(sending_link.value);
  ASSERT_TRUE(sender->send(first, group, payload()));
  ASSERT_TRUE(next(*receiver));
  there.enter();
  ASSERT_TRUE(receiver->send(second, group, payload()));

  EXPECT_EQ(next(*sender), (Datagram{sending_link, second, group, 255, payload()}));
}

TEST_F(VrrpSocket, FollowsItsLinkToANewName) {
  test::ip("link set va name renamed");
  ASSERT_TRUE(sender->send(first, group, payload()));

  EXPECT_EQ(next(*receiver), (Datagram{receiving_link, first, group, 255, payload()}));
}

TEST_F(VrrpSocket, NamesTheLinkThatIsNotThere) {
  const auto opened = open_vrrp_socket({.index = {4711}, .name = "eth7", .mac = {}}, Family::ipv4);

  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().message,
            "open a VRRP socket on eth7: IP_MULTICAST_IF: Cannot assign requested address");
}

TEST(VrrpSocketForIpv6, IsNotSupportedYet) {
  const auto opened = open_vrrp_socket({.index = {1}, .name = "lo", .mac = {}}, Family::ipv6);

  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().message, "open a VRRP socket on lo: IPv6 is not supported yet");
}

}  // namespace
}  // namespace havip::net
