// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/neighbour_socket.hpp"

#include "sidecar/vrrp/arp.hpp"
#include "sidecar/vrrp/neighbour_advert.hpp"
#include "tests/unit/net/wire.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace havip::net {
namespace {

const IpAddress address = *IpAddress::parse("10.9.0.100");
const MacAddress mac = *MacAddress::parse("02:00:00:00:00:01");
const vrrp::NeighbourAdvert advert{.target = *IpAddress::parse("fd09::100"), .mac = mac};

template <class Message>
Bytes frame_of(const Message& message) {
  const auto frame = vrrp::encode(message);
  return {frame.begin(), frame.end()};
}

class NeighbourSocket : public OverACable {
protected:
  std::unique_ptr<ports::NeighbourSocket> socket = open_neighbour_socket().value();
  ports::LinkIndex va{test::link_number("va")};
};

TEST_F(NeighbourSocket, PutsBothFormsOfArpOnTheWireAsTheyAre) {
  there.enter();
  const Tap tap{"vb", ETH_P_ARP};
  for (const auto form : {vrrp::ArpOperation::request, vrrp::ArpOperation::reply}) {
    const auto message = vrrp::gratuitous_arp(form, address, mac);

    ASSERT_TRUE(socket->send(va, message));

    EXPECT_EQ(tap.next([](const Bytes&) { return true; }), frame_of(message));
  }
}

TEST_F(NeighbourSocket, PutsANeighbourAdvertisementOnTheWireAsItIs) {
  there.enter();
  const Tap tap{"vb", ETH_P_IPV6};

  ASSERT_TRUE(socket->send(va, advert));

  // To all nodes: 33:33:00:00:00:01. The kernel's own reports go to other groups.
  const auto frame = tap.next([](const Bytes& seen) {
    return seen.size() > 5 && seen[0] == std::byte{0x33} && seen[5] == std::byte{0x01};
  });
  EXPECT_EQ(frame, frame_of(advert));
}

// C81
TEST_F(NeighbourSocket, ANeighbourBelievesItsAdvertisement) {
  there.enter();
  test::ip("neighbour add fd09::100 lladdr 02:00:00:00:00:77 dev vb nud stale");

  ASSERT_TRUE(socket->send(va, advert));

  // What goes to the address from now on has the new MAC.
  here.enter();
  const Tap tap{"va", ETH_P_IPV6};
  there.enter();
  const Descriptor sender{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(9);
  std::ranges::copy(advert.target.bytes(), reinterpret_cast<std::byte*>(&to.sin6_addr));
  ASSERT_EQ(::sendto(sender.number(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to),
            1);
  const auto frame = tap.next([](const Bytes& seen) {
    constexpr std::size_t next_header = 20;
    return seen.size() > next_header && seen[next_header] == std::byte{IPPROTO_UDP};
  });
  ASSERT_GE(frame.size(), mac.octets.size());
  MacAddress destination;
  std::memcpy(destination.octets.data(), frame.data(), destination.octets.size());
  EXPECT_EQ(destination, mac);
}

TEST_F(NeighbourSocket, NamesAddressAndLinkThatIsDown) {
  test::ip("link set va down");

  const auto arp =
      socket->send(va, vrrp::gratuitous_arp(vrrp::ArpOperation::request, address, mac));
  const auto advertised = socket->send(va, advert);

  ASSERT_TRUE(arp.has_error());
  EXPECT_EQ(arp.error().message, "send ARP for 10.9.0.100 on va: Network is down");
  ASSERT_TRUE(advertised.has_error());
  EXPECT_EQ(advertised.error().message,
            "send a neighbour advertisement for fd09::100 on va: Network is down");
}

TEST_F(NeighbourSocket, NamesTheNumberOfALinkThatIsGone) {
  const auto sent = socket->send(ports::LinkIndex{4711},
                                 vrrp::gratuitous_arp(vrrp::ArpOperation::request, address, mac));

  ASSERT_TRUE(sent.has_error());
  EXPECT_EQ(sent.error().message,
            "send ARP for 10.9.0.100 on interface 4711: No such device or address");
}

}  // namespace
}  // namespace havip::net
