// SPDX-License-Identifier: Apache-2.0
//
// Virtual routers that move together: "public" (IPv4, VRID 51) and "public6" (IPv6, VRID 61) of the
// group "edge", on one interface. And IPv6 for its own sake.
#include "tests/unit/engine/node.hpp"

#include <algorithm>

namespace havip::engine::test {
namespace {

using vrrp::State;

const IpAddress link_local = ip("fe80::11");
const IpAddress peer_link_local = ip("fe80::12");
const IpAddress group6 = ip("ff02::12");
const std::vector<Prefix> vips6{prefix("fe80::51/64"), prefix("2001:db8::51/64")};

Settings group_settings() {
  auto settings = pair_settings();
  auto& first = settings.virtual_routers[0];
  first.group = "edge";
  auto second = first;
  second.name = "public6";
  second.vrid = {61};
  second.family = Family::ipv6;
  second.addresses = vips6;
  settings.virtual_routers.push_back(second);
  return settings;
}

class Pair : public Node {
public:
  explicit Pair(const Settings& settings = group_settings()) : Node{settings} {
    neighbours.carry_advert = [this](ports::LinkIndex, const vrrp::NeighbourAdvert& advert) {
      advertised.push_back(advert.target);
    };
  }

  void see_both_families(const std::vector<ports::KernelAddress>& also = {}) {
    std::vector<ports::KernelAddress> there{
        {.link = eth0().index, .prefix = {link_local, 64}, .ours = false}};
    there.insert(there.end(), also.begin(), also.end());
    see_kernel(there);
  }

  void hear6(int priority) {
    const vrrp::Advert advert{.vrid = {61},
                              .priority = {static_cast<std::uint8_t>(priority)},
                              .interval = Centiseconds{10},
                              .addresses = {vips6[0].address, vips6[1].address}};
    auto datagram =
        Node::datagram(vrrp::encode(advert, vrrp::ChecksumForm::message, peer_link_local, group6),
                       peer_link_local);
    datagram.destination = group6;
    handle(datagram);
  }

  [[nodiscard]] std::vector<State> states() const {
    std::vector<State> result;
    for (const auto& router : whole_status().virtual_routers) {
      result.push_back(router.state);
    }
    return result;
  }

  std::vector<IpAddress> advertised;
};

const std::vector<State> both_active{State::active, State::active};
const std::vector<State> both_backup{State::backup, State::backup};
const std::vector<State> both_fault{State::fault, State::fault};

void become_active(Pair& pair) {
  pair.see_both_families();
  pair.handle(fit());
  pair.pass(down_interval);
  pair.take_journal();
}

// C05, C06, C20
TEST(Ipv6, IsAdvertisedFromTheLinkLocalAddressToTheGroup) {
  Pair pair;
  become_active(pair);

  const auto sent = std::ranges::find(pair.sent, group6, &ports::Datagram::destination);
  ASSERT_NE(sent, pair.sent.end());
  EXPECT_EQ(sent->source, link_local);
  const auto decoded = vrrp::decode({sent->source, sent->destination, sent->ttl, sent->payload});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->advert.addresses, (std::vector{vips6[0].address, vips6[1].address}));
}

// C58: the kernel joins an address's solicited-node group as it gets the address.
TEST(Ipv6Address, IsAdvertisedToTheNeighboursOnceItIsThere) {
  Pair pair;
  become_active(pair);

  EXPECT_EQ(pair.advertised, (std::vector{vips6[0].address, vips6[1].address}));
}

// It comes from a link-local address, which no configuration names.
TEST(Ipv6Peer, HasItsNameInAPair) {
  Pair pair;
  pair.see_both_families();
  pair.handle(fit());
  pair.hear6(200);

  EXPECT_EQ(pair.whole_status().virtual_routers[1].active_router,
            (ports::ActiveRouter{.address = peer_link_local, .priority = {200}, .name = "lb2"}));
}

TEST(Ipv6WithoutALinkLocalAddress, IsAFault) {
  Pair pair;
  pair.see_kernel();
  pair.handle(fit());

  EXPECT_EQ(pair.states(), both_fault);
  EXPECT_EQ(pair.whole_status().virtual_routers[0].why,
            "interface eth0 has no link-local address of its own to advertise from, which public6 "
            "of group edge needs");
}

TEST(Group, ClaimsWhenAllOfItHaveWaited) {
  Pair pair;
  pair.see_both_families();
  pair.handle(fit());
  pair.pass(300ms);
  pair.hear(200);
  pair.pass(200ms);
  EXPECT_EQ(pair.states(), both_backup);  // IPv6 is ready, IPv4 obeys lb2

  pair.pass(down_interval);
  EXPECT_EQ(pair.states(), both_active);
}

TEST(Group, ReleasesAllWhenOneGivesWay) {
  Pair pair;
  become_active(pair);

  pair.hear6(200);

  EXPECT_EQ(pair.states(), both_backup);
  EXPECT_EQ(pair.take_journal(),
            (Journal{"advertise 0",
                     "advertise 0",
                     "remove 192.0.2.10/24",
                     "remove 2001:db8::51/64",
                     "remove fe80::51/64"}));
}

TEST(Group, DoesNotClaimWhileOneOfItHearsABetterNode) {
  Pair pair;
  pair.see_both_families();
  pair.handle(fit());
  for (int i = 0; i < 20; ++i) {
    pair.hear6(200);
    pair.pass(100ms);
  }

  EXPECT_EQ(pair.states(), both_backup);
}

TEST(Group, TakesOverWhenTheOtherNodeResignsBoth) {
  Pair pair;
  pair.see_both_families();
  pair.handle(fit());
  pair.hear(200);
  pair.hear6(200);

  pair.hear(0);
  EXPECT_EQ(pair.states(), both_backup);
  pair.hear6(0);
  EXPECT_EQ(pair.states(), both_active);
}

TEST(Group, FailsTogether) {
  Pair pair;
  become_active(pair);

  pair.handle(ports::KernelEvent{
      ports::KernelAddressGone{.link = eth0().index, .prefix = {link_local, 64}}});

  EXPECT_EQ(pair.states(), both_fault);
}

TEST(Group, GoesOnTogetherAfterARestart) {
  const ports::KernelAddress left{.link = eth0().index, .prefix = vip, .ours = true};
  Pair half;
  half.see_both_families({left});
  half.handle(fit());
  EXPECT_EQ(half.states(), both_backup);  // IPv6 is gone, so nothing is gone on with

  Pair whole;
  whole.see_both_families({left,
                           {.link = eth0().index, .prefix = vips6[0], .ours = true},
                           {.link = eth0().index, .prefix = vips6[1], .ours = true}});
  whole.handle(fit());
  EXPECT_EQ(whole.states(), both_active);
}

TEST(Group, IsDrainedTogether) {
  Pair pair;
  become_active(pair);
  pair.handle(DrainChanged{true});
  EXPECT_EQ(pair.states(), both_active);  // until the other node has claimed

  pair.hear(100);
  EXPECT_EQ(pair.states(), both_backup);
}

}  // namespace
}  // namespace havip::engine::test
