// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/transports.hpp"

#include "tests/unit/net/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace havip::app {
namespace {

using namespace std::chrono_literals;

using net::Bytes;
using net::patience;
using ports::Datagram;

const IpAddress first = *IpAddress::parse("10.9.0.1");
const IpAddress second = *IpAddress::parse("10.9.0.2");
const IpAddress group = *IpAddress::parse("224.0.0.18");
const IpAddress first6 = *IpAddress::parse("fe80::1");
const IpAddress second6 = *IpAddress::parse("fe80::2");
const IpAddress group6 = *IpAddress::parse("ff02::12");
const Bytes payload(12, std::byte{0x31});

/// The node at va, and a peer at vb.
class Transports : public net::OverACable {
protected:
  Transports() {
    there.enter();
    for (const auto family : {Family::ipv4, Family::ipv6}) {
      peer.open(link("vb"), family).value();
    }
    vb = {test::link_number("vb")};
    here.enter();
    for (const auto family : {Family::ipv4, Family::ipv6}) {
      node.open(link("va"), family).value();
    }
    va = {test::link_number("va")};
  }

  static std::vector<Datagram> received(app::Transports& transports) {
    std::vector<Datagram> datagrams;
    transports.receive_all([&](const Datagram& datagram) { datagrams.push_back(datagram); });
    return datagrams;
  }

  app::Transports node;
  app::Transports peer;
  ports::LinkIndex va;
  ports::LinkIndex vb;
};

TEST_F(Transports, SendByTheFamilyOfTheSourceAndReadEverySocketDry) {
  ASSERT_FALSE(test::readable_within(node.descriptor(), 0ms));
  for (int count = 0; count < 2; ++count) {
    ASSERT_TRUE(peer.send(vb, second, group, payload));
    ASSERT_TRUE(peer.send(vb, second6, group6, payload));
  }
  ASSERT_TRUE(peer.send(vb, second6, first6, payload));

  std::vector<Datagram> datagrams;
  while (datagrams.size() < 5 && test::readable_within(node.descriptor(), patience)) {
    node.receive_all([&](const Datagram& datagram) { datagrams.push_back(datagram); });
  }

  const Datagram by_v4{va, second, group, 255, payload};
  const Datagram by_v6{va, second6, group6, 255, payload};
  const Datagram unicast{va, second6, first6, 255, payload};
  EXPECT_THAT(datagrams, ::testing::UnorderedElementsAre(by_v4, by_v4, by_v6, by_v6, unicast));
  EXPECT_FALSE(test::readable_within(node.descriptor(), 0ms));
  EXPECT_EQ(received(node), std::vector<Datagram>{});
}

TEST_F(Transports, HearNothingMoreOfWhatWasClosed) {
  ASSERT_TRUE(node.open(link("va"), Family::ipv4));  // twice is once
  node.close(va, Family::ipv4);
  ASSERT_TRUE(peer.send(vb, second, group, payload));
  ASSERT_TRUE(peer.send(vb, second6, group6, payload));

  ASSERT_TRUE(test::readable_within(node.descriptor(), patience));

  EXPECT_EQ(received(node), (std::vector{Datagram{va, second6, group6, 255, payload}}));
  EXPECT_TRUE(node.send(va, first, group, payload).has_error());
}

TEST_F(Transports, MayBeClosedWhileTheyAreRead) {
  ASSERT_TRUE(peer.send(vb, second, group, payload));
  ASSERT_TRUE(peer.send(vb, second6, group6, payload));
  ASSERT_TRUE(test::readable_within(node.descriptor(), patience));
  int taken = 0;

  node.receive_all([&](const Datagram&) {
    node.close(va, Family::ipv4);
    node.close(va, Family::ipv6);
    ++taken;
  });

  EXPECT_GE(taken, 1);  // or 2, when both had come by then
  EXPECT_EQ(received(node), std::vector<Datagram>{});
}

}  // namespace
}  // namespace havip::app
