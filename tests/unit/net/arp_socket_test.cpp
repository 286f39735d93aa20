// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/arp_socket.hpp"

#include "sidecar/vrrp/arp.hpp"
#include "tests/unit/net/wire.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace havip::net {
namespace {

const IpAddress address = *IpAddress::parse("10.9.0.100");
const MacAddress mac = *MacAddress::parse("02:00:00:00:00:01");

Bytes frame_of(const vrrp::ArpMessage& message) {
  const auto frame = vrrp::encode(message);
  return {frame.begin(), frame.end()};
}

class ArpSocket : public OverACable {
protected:
  std::unique_ptr<ports::ArpSocket> socket = open_arp_socket().value();
  ports::LinkIndex va{test::link_number("va")};
};

TEST_F(ArpSocket, PutsBothFormsOnTheWireAsTheyAre) {
  there.enter();
  const Tap tap{"vb", ETH_P_ARP};
  for (const auto form : {vrrp::ArpOperation::request, vrrp::ArpOperation::reply}) {
    const auto message = vrrp::gratuitous_arp(form, address, mac);

    ASSERT_TRUE(socket->send(va, message));

    EXPECT_EQ(tap.next(), frame_of(message));
  }
}

TEST_F(ArpSocket, NamesAddressAndLinkThatIsDown) {
  test::ip("link set va down");

  const auto sent =
      socket->send(va, vrrp::gratuitous_arp(vrrp::ArpOperation::request, address, mac));

  ASSERT_TRUE(sent.has_error());
  EXPECT_EQ(sent.error().message, "send ARP for 10.9.0.100 on va: Network is down");
}

TEST_F(ArpSocket, NamesTheNumberOfALinkThatIsGone) {
  const auto sent = socket->send(ports::LinkIndex{4711},
                                 vrrp::gratuitous_arp(vrrp::ArpOperation::request, address, mac));

  ASSERT_TRUE(sent.has_error());
  EXPECT_EQ(sent.error().message,
            "send ARP for 10.9.0.100 on interface 4711: No such device or address");
}

}  // namespace
}  // namespace havip::net
