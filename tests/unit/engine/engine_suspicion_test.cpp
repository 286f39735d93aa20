// SPDX-License-Identifier: Apache-2.0
//
// What looks wrong in the network is recognised, named and shown, and changes nothing.
#include "tests/unit/engine/node.hpp"

namespace havip::engine::test {
namespace {

using Problems = std::vector<std::string>;
using vrrp::State;

const IpAddress stranger = ip("10.0.0.77");

void hear_addresses(Node& node, const std::vector<IpAddress>& addresses, const IpAddress& from) {
  node.handle(Node::datagram(
      vrrp::encode(
          {.vrid = {51}, .priority = {100}, .interval = Centiseconds{10}, .addresses = addresses},
          vrrp::ChecksumForm::message,
          from,
          group),
      from));
}

// C39
TEST(OtherAddresses, AreNoted) {
  Node node;
  node.become_active();

  hear_addresses(node, {vip.address, ip("192.0.2.11")}, lb2);

  EXPECT_EQ(node.status().problems,
            (Problems{"lb2 (10.0.0.12) advertises other addresses than this node is configured "
                      "with"}));
}

TEST(VridOfSomebodyElse, IsNamed) {
  Node node;
  node.become_active();
  node.take_log();

  hear_addresses(node, {ip("198.51.100.1")}, stranger);

  const Problems problem{
      "10.0.0.77 uses VRID 51 on eth0 for other addresses (198.51.100.1): one of the two virtual "
      "routers needs another VRID"};
  EXPECT_EQ(node.status().problems, problem);
  EXPECT_EQ(node.take_log(), problem);

  node.pass(11s);
  EXPECT_EQ(node.status().problems, Problems{});
}

// C84
TEST(EqualPriorities, AreNoted) {
  Node node;
  node.become_active();

  node.hear(150, stranger);

  EXPECT_EQ(node.status().problems,
            (Problems{"10.0.0.77 has this node's priority, 150: the greater address decides"}));
}

TEST(NodesThatYieldBoth, AreNoEqualsToTellOf) {
  Node node;
  node.become_active();
  node.handle(DrainChanged{true});

  node.hear(1);

  EXPECT_EQ(node.status().problems, Problems{});
}

// C84
TEST(SecondOwner, IsNoted) {
  auto settings = pair_settings();
  settings.virtual_routers[0].priority = vrrp::owner_priority;
  Node node{settings};
  node.see_kernel();
  node.handle(fit());
  ASSERT_EQ(node.state(), State::active);

  node.hear(255);

  EXPECT_EQ(
      node.status().problems,
      (Problems{"lb2 (10.0.0.12) says that it owns the addresses (priority 255), as this node "
                "does: only one node may"}));
  EXPECT_EQ(node.state(), State::backup);  // 10.0.0.12 is the greater address
}

TEST(OwnAdvertisementsThatComeBack, AreNamed) {
  Node node;
  node.become_active();

  node.handle(node.sent.at(0));

  EXPECT_EQ(node.status().problems,
            (Problems{"advertisements from this node's own address 10.0.0.11 come in: the network "
                      "has a loop, or another host has this address"}));
  EXPECT_EQ(node.state(), State::active);
}

// C38
TEST(AnotherInterval, IsNotedAndFollowed) {
  Node node;
  node.become_backup();
  node.handle(Node::datagram(vrrp::encode(
      {.vrid = {51}, .priority = {200}, .interval = Centiseconds{100}, .addresses = {vip.address}},
      vrrp::ChecksumForm::message,
      lb2,
      group)));

  EXPECT_EQ(node.status().problems,
            (Problems{"lb2 (10.0.0.12) advertises every 1000 ms, this node every 100 ms; its "
                      "interval is followed"}));
  EXPECT_EQ(node.deadline(), t0 + 3s + Duration{1s} * 106 / 256);
}

TEST(ManyForgedSenders, FillNoMemory) {
  Node node;
  node.become_active();
  for (std::uint32_t i = 0; i < 1000; ++i) {
    hear_addresses(node, {ip("198.51.100.1")}, IpAddress::v4(0x0A010000 + i));
  }

  EXPECT_LE(node.status().problems.size(), 32U);
}

TEST(NodeThatStoodStill, ListensBeforeItSpeaks) {
  Node node;
  node.become_active();
  node.take_log();

  node.stand_still(10s);

  EXPECT_EQ(node.take_journal(), Journal{"remove 192.0.2.10/24"});
  EXPECT_EQ(node.take_log().front(),
            "active -> backup: this node stood still for 9900 ms and listens before it speaks");
  node.pass(down_interval);
  EXPECT_EQ(node.state(), State::active);
}

// What waited for it in the sockets says that another node has taken over.
TEST(NodeThatStoodStill, AnswersNothingThatWaitedForIt) {
  Node node;
  node.become_active();
  node.sleep(10s);

  node.hear(100);
  node.hear(100);

  EXPECT_EQ(node.take_journal(), Journal{"remove 192.0.2.10/24"});
  EXPECT_EQ(node.state(), State::backup);
}

TEST(DiscardedAdvertisements, AreNamedInTheStatus) {
  Node node;
  node.become_active();
  auto far = node.sent.at(0);
  far.source = stranger;
  far.ttl = 254;
  node.handle(far);

  EXPECT_EQ(
      node.status().problems,
      (Problems{"discards advertisements of 10.0.0.77: its TTL is 254, only 255 is allowed"}));
}

TEST(RouterThatIsToListenFirst, ClaimsLater) {
  auto settings = pair_settings();
  settings.virtual_routers[0].listen_first = 1200ms;
  Node node{settings};
  node.see_kernel();
  node.handle(fit());
  node.pass(1199ms);
  EXPECT_EQ(node.state(), State::backup);

  node.pass(1ms);
  EXPECT_EQ(node.state(), State::active);
}

}  // namespace
}  // namespace havip::engine::test
