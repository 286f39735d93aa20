// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/vrrp_socket.hpp"

#include "sidecar/base/checksum.hpp"
#include "tests/unit/net/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

namespace havip::net {
namespace {

using ports::AdvertSocket;
using ports::Datagram;

IpAddress address(const std::string& text) {
  return IpAddress::parse(text).value();
}

/// What the tests send, and from where to where; of each family once.
struct Ends {
  const char* name;
  Family family;
  IpAddress group;
  IpAddress first;     ///< of va
  IpAddress second;    ///< of vb
  IpAddress other;     ///< of va when the test gives it
  const char* absent;  ///< in this network, of nobody, nor with another digit
};

// What gtest shows for a parameter.
// NOLINTNEXTLINE(readability-identifier-naming): the name is gtest's.
void PrintTo(const Ends& ends, std::ostream* out) {
  *out << ends.name;
}

const std::array both_families{
    Ends{"Ipv4",
         Family::ipv4,
         address("224.0.0.18"),
         address("10.9.0.1"),
         address("10.9.0.2"),
         address("10.9.0.9"),
         "10.9.0.7"},
    Ends{"Ipv6",
         Family::ipv6,
         address("ff02::12"),
         address("fe80::1"),
         address("fe80::2"),
         address("fe80::9"),
         "fe80::7"},
};

Bytes payload(std::size_t size = 12) {
  return Bytes(size, std::byte{0x31});
}

/// From hexadecimal digits; spaces are for the reader.
Bytes bytes(const std::string& text) {
  std::string digits = text;
  std::erase(digits, ' ');
  Bytes result;
  for (std::size_t place = 0; place < digits.size(); place += 2) {
    result.push_back(static_cast<std::byte>(std::stoi(digits.substr(place, 2), nullptr, 16)));
  }
  return result;
}

/// The next datagram, waiting for it; empty when none comes in time.
std::optional<Datagram> next(AdvertSocket& socket) {
  if (!test::readable_within(socket.descriptor(), patience)) {
    return std::nullopt;
  }
  return socket.receive().value();
}

/// A socket at each end of the cable.
class VrrpSocket : public OverACable {
protected:
  explicit VrrpSocket(Family family) {
    there.enter();
    receiver = open_vrrp_socket(link("vb"), family).value();
    receiving_link = {test::link_number("vb")};
    here.enter();
    sender = open_vrrp_socket(link("va"), family).value();
    sending_link = {test::link_number("va")};
  }

  std::unique_ptr<AdvertSocket> sender;
  std::unique_ptr<AdvertSocket> receiver;
  ports::LinkIndex sending_link;
  ports::LinkIndex receiving_link;
};

class VrrpSocketOf : public VrrpSocket, public ::testing::WithParamInterface<Ends> {
protected:
  VrrpSocketOf() : VrrpSocket{GetParam().family} {}

  /// What the receiver gets of what the sender sent.
  [[nodiscard]] Datagram arrived(const IpAddress& source,
                                 const IpAddress& destination,
                                 std::size_t size = 12) const {
    return {receiving_link, source, destination, 255, payload(size)};
  }

  const Ends& ends = GetParam();
};

INSTANTIATE_TEST_SUITE_P(BothFamilies,
                         VrrpSocketOf,
                         ::testing::ValuesIn(both_families),
                         [](const auto& test) { return std::string{test.param.name}; });

// C02, C03, C06, C07
TEST_P(VrrpSocketOf, ADatagramToTheGroupArrivesWithTtl255) {
  ASSERT_TRUE(sender->send(ends.first, ends.group, payload()));

  EXPECT_EQ(next(*receiver), arrived(ends.first, ends.group));
}

// C03, C07, U3
TEST_P(VrrpSocketOf, ADatagramToAPeerArrivesWithTtl255) {
  ASSERT_TRUE(sender->send(ends.first, ends.second, payload()));

  EXPECT_EQ(next(*receiver), arrived(ends.first, ends.second));
}

// C01, C05
TEST_P(VrrpSocketOf, SendsFromTheAddressItWasTold) {
  test::ip("address add " + ends.other.to_string() + "/24 dev va" +
           (ends.family == Family::ipv6 ? " nodad" : ""));
  ASSERT_TRUE(sender->send(ends.other, ends.group, payload()));
  ASSERT_TRUE(sender->send(ends.other, ends.second, payload()));

  EXPECT_EQ(next(*receiver), arrived(ends.other, ends.group));
  EXPECT_EQ(next(*receiver), arrived(ends.other, ends.second));
}

TEST_P(VrrpSocketOf, RefusesASourceThatIsNotOfThisHost) {
  const auto sent = sender->send(address(ends.absent), ends.group, payload());

  ASSERT_TRUE(sent.has_error());
  EXPECT_THAT(sent.error().message,  // the reason's words differ from kernel to kernel
              ::testing::StartsWith(std::string{"send an advertisement from "} + ends.absent +
                                    " to " + ends.group.to_string() + " on va: "));
}

TEST_P(VrrpSocketOf, DoesNotHearItself) {
  ASSERT_TRUE(sender->send(ends.first, ends.group, payload()));
  // The answer of the other end follows the echo that must not be there.
  ASSERT_TRUE(next(*receiver));
  there.enter();
  ASSERT_TRUE(receiver->send(ends.second, ends.group, payload()));

  EXPECT_EQ(next(*sender), (Datagram{sending_link, ends.second, ends.group, 255, payload()}));
  EXPECT_EQ(sender->receive().value(), std::nullopt);
}

TEST_P(VrrpSocketOf, HearsItsOwnLinkOnly) {
  test::ip("link add vc type veth peer name vd");
  test::ip("address add 10.8.0.1/24 dev vc");
  test::ip("link set vc up");
  test::ip("link set vd up");
  const auto elsewhere = open_vrrp_socket(link("vd"), ends.family).value();
  there.enter();
  for (const auto& destination : {ends.group, ends.first}) {
    ASSERT_TRUE(receiver->send(ends.second, destination, payload()));

    EXPECT_EQ(next(*sender), (Datagram{sending_link, ends.second, destination, 255, payload()}));
    EXPECT_EQ(elsewhere->receive().value(), std::nullopt);
  }
}

TEST_P(VrrpSocketOf, GivesDatagramsInOrderUntilNoneWaits) {
  for (const std::size_t size : {1U, 2U, 3U}) {
    ASSERT_TRUE(sender->send(ends.first, ends.group, payload(size)));
  }

  for (const std::size_t size : {1U, 2U, 3U}) {
    EXPECT_EQ(next(*receiver), arrived(ends.first, ends.group, size));
  }
  EXPECT_EQ(receiver->receive().value(), std::nullopt);
}

TEST_P(VrrpSocketOf, SkipsADatagramThatNoAdvertisementCanBe) {
  ASSERT_TRUE(sender->send(ends.first, ends.group, payload(5000)));  // whole, after 4 fragments
  ASSERT_TRUE(sender->send(ends.first, ends.group, payload(12)));

  EXPECT_EQ(next(*receiver), arrived(ends.first, ends.group));
}

TEST_P(VrrpSocketOf, TakesTheLongestAdvertisement) {
  // 255 IPv6 addresses behind 8 bytes, and a trailer of 28.
  constexpr std::size_t longest = 8 + 255 * 16 + 28;
  ASSERT_TRUE(sender->send(ends.first, ends.group, payload(longest)));

  EXPECT_EQ(next(*receiver), arrived(ends.first, ends.group, longest));
}

TEST_P(VrrpSocketOf, PeersThatAreGoneNeitherBlockNorSilenceIt) {
  const auto start = std::chrono::steady_clock::now();
  // One second of 200 virtual routers at 100 ms to each of three. The kernel asks for their MACs
  // for three seconds, and keeps what is sent meanwhile.
  for (int count = 0; count < 2000; ++count) {
    for (const char* const last : {"7", "8", "9"}) {
      const auto sent =
          sender->send(ends.first, address(ends.absent + std::string{last}), payload());
      ASSERT_TRUE(sent) << count << ": " << sent.error().message;
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);

  ASSERT_TRUE(sender->send(ends.first, ends.second, payload()));
  EXPECT_EQ(next(*receiver), arrived(ends.first, ends.second));
}

TEST_P(VrrpSocketOf, SaysThatItsLinkIsDownAndComesBackWithIt) {
  test::ip("link set va down");
  EXPECT_TRUE(sender->send(ends.first, ends.group, payload()).has_error());
  EXPECT_EQ(sender->receive().value(), std::nullopt);
  const Carriers carriers;
  test::ip("link set va up");
  carriers.wait_for(sending_link.value);
  give_addresses("va", 1);  // IPv6's went with the link
  ASSERT_TRUE(sender->send(ends.first, ends.group, payload()));
  ASSERT_TRUE(next(*receiver));
  there.enter();
  ASSERT_TRUE(receiver->send(ends.second, ends.group, payload()));

  EXPECT_EQ(next(*sender), (Datagram{sending_link, ends.second, ends.group, 255, payload()}));
}

TEST_P(VrrpSocketOf, FollowsItsLinkToANewName) {
  test::ip("link set va name renamed");
  ASSERT_TRUE(sender->send(ends.first, ends.group, payload()));

  EXPECT_EQ(next(*receiver), arrived(ends.first, ends.group));
}

class VrrpSocketForIpv4 : public VrrpSocket {
protected:
  VrrpSocketForIpv4() : VrrpSocket{Family::ipv4} {}
};

// C01 - C04
TEST_F(VrrpSocketForIpv4, HasTheHeaderThatKeepalivedSends) {
  there.enter();
  const Tap tap{"vb", ETH_P_IP};
  ASSERT_TRUE(sender->send(address("10.9.0.1"), address("224.0.0.18"), payload(2)));

  auto frame = tap.next([](const Bytes& seen) { return seen.size() == 14U + 20U + 2U; });

  ASSERT_FALSE(frame.empty());
  EXPECT_EQ(Checksum{}.add(std::span{frame}.subspan(14, 20)).value(), 0);
  std::fill_n(frame.begin() + 18, 2, std::byte{});  // identification: the kernel's to choose
  std::fill_n(frame.begin() + 24, 2, std::byte{});  // and so is the checksum over it
  EXPECT_EQ(frame,
            bytes("01005e000012 020000000001 0800"  // the group's Ethernet address
                  "45c0 0016 0000 0000"             // type of service 0xc0, length 22, no DF
                  "ff70 0000"                       // TTL 255, protocol 112
                  "0a090001 e0000012 3131"));
}

TEST_F(VrrpSocketForIpv4, NamesTheLinkThatIsNotThere) {
  const auto opened = open_vrrp_socket({.index = {4711}, .name = "eth7", .mac = {}}, Family::ipv4);

  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().message,
            "open a VRRP socket on eth7: IP_MULTICAST_IF: Cannot assign requested address");
}

class VrrpSocketForIpv6 : public VrrpSocket {
protected:
  VrrpSocketForIpv6() : VrrpSocket{Family::ipv6} {}
};

// C05 - C08
TEST_F(VrrpSocketForIpv6, HasTheHeaderThatKeepalivedSends) {
  there.enter();
  const Tap tap{"vb", ETH_P_IPV6};
  ASSERT_TRUE(sender->send(address("fe80::1"), address("ff02::12"), payload(8)));

  auto frame = tap.next([](const Bytes& seen) { return seen.size() == 14U + 40U + 8U; });

  ASSERT_FALSE(frame.empty());
  frame[15] &= std::byte{0xf0};  // the flow label: the kernel's to choose
  std::fill_n(frame.begin() + 16, 2, std::byte{});
  EXPECT_EQ(frame,
            bytes("333300000012 020000000001 86dd"  // the group's Ethernet address
                  "6c000000 0008 70ff"              // traffic class 0xc0, next header, hop limit
                  "fe800000000000000000000000000001"
                  "ff020000000000000000000000000012"
                  "3131313131313131"));  // as it was given: the kernel puts no checksum into it
}

// U8: a deviation.
TEST_F(VrrpSocketForIpv6, ReachesAPeerByItsGlobalAddress) {
  ASSERT_TRUE(sender->send(address("fd09::1"), address("fd09::2"), payload()));

  EXPECT_EQ(next(*receiver),
            (Datagram{receiving_link, address("fd09::1"), address("fd09::2"), 255, payload()}));
}

TEST_F(VrrpSocketForIpv6, SendsFromADeprecatedAddress) {
  test::ip("address change fe80::1/64 dev va nodad preferred_lft 0");

  EXPECT_TRUE(sender->send(address("fe80::1"), address("ff02::12"), payload()));
}

// C29: so that it can be discarded.
TEST_F(VrrpSocketForIpv6, TellsTheHopLimitThatArrived) {
  const Descriptor stranger{::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, 112)};
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_scope_id = static_cast<unsigned>(sending_link.value);
  std::ranges::copy(address("fe80::2").bytes(), reinterpret_cast<std::byte*>(&to.sin6_addr));
  constexpr int hops = 254;
  ASSERT_EQ(::setsockopt(stranger.number(), IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops),
            0);
  ASSERT_EQ(
      ::sendto(stranger.number(), "1", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to), 1);

  EXPECT_EQ(next(*receiver),
            (Datagram{receiving_link, address("fe80::1"), address("fe80::2"), 254, payload(1)}));
}

TEST_F(VrrpSocketForIpv6, NamesTheLinkThatIsNotThere) {
  const auto opened = open_vrrp_socket({.index = {4711}, .name = "eth7", .mac = {}}, Family::ipv6);

  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().message,
            "open a VRRP socket on eth7: IPV6_MULTICAST_IF: No such device");
}

}  // namespace
}  // namespace havip::net
