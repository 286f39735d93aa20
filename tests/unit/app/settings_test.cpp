// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/settings.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace havip::app {
namespace {

using namespace std::chrono_literals;

IpAddress address(const std::string& text) {
  return *IpAddress::parse(text);
}

config::Node node(const std::string& name, const std::string& where, std::uint8_t priority) {
  return {.name = name, .address = address(where), .priority = {priority}};
}

config::Config with_nodes(const std::vector<config::Node>& nodes) {
  config::Config config;
  config.nodes = nodes;
  config::VirtualRouter router;
  router.name = "public";
  router.interface = {.value = std::string{"eth0"}};
  router.vrid = {51};
  router.addresses = {*Prefix::parse("192.0.2.10/24")};
  config.virtual_routers = {router};
  return config;
}

const auto lb1 = node("lb1", "10.0.0.11", 150);
const auto lb2 = node("lb2", "10.0.0.12", 100);
const auto lb3 = node("lb3", "10.0.0.13", 50);

engine::VirtualRouterSettings router_on(const config::Config& config, const config::Node& self) {
  return engine_settings(config, &self).virtual_routers.at(0);
}

TEST(Pair, EachNodeIsTheOtherOnesHeirWhateverAddressItSendsFrom) {
  const auto config = with_nodes({lb1, lb2});

  EXPECT_EQ(router_on(config, lb1).succession, (vrrp::Succession{.of_anyone = true}));
  EXPECT_EQ(router_on(config, lb2).succession, (vrrp::Succession{.of_anyone = true}));
  EXPECT_TRUE(router_on(config, lb1).peers_relieve);
}

TEST(ThreeNodes, TheHeirIsTheBestOfThoseThatRemain) {
  const auto config = with_nodes({lb1, lb2, lb3});

  EXPECT_EQ(router_on(config, lb1).succession.of, (std::set{lb2.address, lb3.address}));
  EXPECT_EQ(router_on(config, lb2).succession.of, (std::set{lb1.address}));
  EXPECT_EQ(router_on(config, lb3).succession.of, (std::set<IpAddress>{}));
}

TEST(ThreeEqualNodes, TheGreaterAddressIsTheHeir) {
  auto nodes = std::vector{lb1, lb2, lb3};
  for (auto& each : nodes) {
    each.priority = {100};
  }
  const auto config = with_nodes(nodes);

  EXPECT_EQ(router_on(config, nodes[2]).succession.of,
            (std::set{nodes[0].address, nodes[1].address}));
  EXPECT_EQ(router_on(config, nodes[1]).succession.of, (std::set{nodes[2].address}));
}

TEST(NoNodes, ForeignRoutersAreExpectedAndNothingIsInherited) {
  auto config = with_nodes({});
  config.virtual_routers[0].priority = config::PerNode<vrrp::Priority>{vrrp::Priority{120}};

  const auto settings = engine_settings(config, nullptr);

  EXPECT_EQ(settings.first_form, vrrp::ChecksumForm::pseudo_header);
  EXPECT_EQ(settings.virtual_routers[0].succession, vrrp::Succession{});
  EXPECT_FALSE(settings.virtual_routers[0].peers_relieve);
  EXPECT_EQ(settings.virtual_routers[0].priority, vrrp::Priority{120});
}

TEST(AVirtualRouterOfVersion3, SendsByMulticastWithoutAuthenticationUnlessToldOtherwise) {
  const auto config = with_nodes({lb1, lb2});

  engine::VirtualRouterSettings expected;
  expected.name = "public";
  expected.interface = "eth0";
  expected.vrid = {51};
  expected.addresses = {*Prefix::parse("192.0.2.10/24")};
  expected.priority = {150};
  expected.advert_interval = 100ms;
  expected.succession = {.of_anyone = true};
  expected.peers_relieve = true;
  expected.listen_first = std::chrono::milliseconds{1200};
  EXPECT_EQ(router_on(config, lb1), expected);
}

TEST(AVirtualRouterOfVersion2, IsCarriedOverWithGroupPasswordAndStrictness) {
  auto config = with_nodes({lb1, lb2});
  auto& router = config.virtual_routers[0];
  const vrrp::AuthData password{std::byte{'x'}};
  router.version = 2;
  router.group = "edge";
  router.strict = true;
  router.priority = config::PerNode<vrrp::Priority>{config::PerNode<vrrp::Priority>::ByName{
      {"lb1", vrrp::owner_priority}, {"lb2", vrrp::Priority{7}}}};
  router.auth = config::PassAuth{.key_file = "/k", .password = password};

  const auto settings = router_on(config, lb1);

  EXPECT_EQ(settings.version, vrrp::Version::v2);
  EXPECT_EQ(settings.group, "edge");
  EXPECT_TRUE(settings.strict);
  EXPECT_EQ(settings.priority, vrrp::owner_priority);
  EXPECT_EQ(settings.auth, engine::Auth{engine::PasswordAuth{password}});
  EXPECT_EQ(router_on(config, lb2).priority, vrrp::Priority{7});
}

TEST(AnHmacKey, IsCarriedOverInEachMode) {
  auto config = with_nodes({lb1, lb2});
  const Secret secret{std::vector(32, std::byte{7})};
  for (const auto& [from, to] :
       {std::pair{config::HmacMode::receive_only, engine::HmacMode::receive_only},
        std::pair{config::HmacMode::permissive, engine::HmacMode::permissive},
        std::pair{config::HmacMode::enforce, engine::HmacMode::enforce}}) {
    config.virtual_routers[0].auth =
        config::HmacAuth{.key_file = "/k", .key_id = 9, .mode = from, .key = secret};

    EXPECT_EQ(router_on(config, lb1).auth,
              (engine::Auth{engine::HmacAuth{.key = {.id = 9, .secret = secret}, .mode = to}}));
  }
}

// U6
TEST(Unicast, GoesFromThisNodesAddressToTheOthers) {
  auto config = with_nodes({lb1, lb2, lb3});
  for (const auto& [from, to] : {std::pair{config::Transport::unicast, engine::Transport::unicast},
                                 std::pair{config::Transport::both, engine::Transport::both}}) {
    config.virtual_routers[0].transport = from;

    const auto settings = router_on(config, lb2);

    EXPECT_EQ(settings.transport, to);
    EXPECT_EQ(settings.node_address, lb2.address);
    EXPECT_EQ(settings.peers, (std::vector{lb1.address, lb3.address}));
  }
}

// U8: a deviation.
TEST(UnicastOfIpv6, GoesToTheNodesOfThatFamily) {
  const auto six1 = node("lb1", "2001:db8::1", 150);
  const auto six2 = node("lb2", "2001:db8::2", 100);
  auto config = with_nodes({six1, six2});
  auto& router = config.virtual_routers[0];
  router.addresses = {*Prefix::parse("fe80::10/64"), *Prefix::parse("2001:db8::10/64")};
  router.transport = config::Transport::unicast;

  const auto settings = router_on(config, six1);

  EXPECT_EQ(settings.family, Family::ipv6);
  EXPECT_EQ(settings.node_address, six1.address);
  EXPECT_EQ(settings.peers, (std::vector{six2.address}));
}

TEST(NodesThatDoNotPreempt, RelieveOneThatYieldsAllTheSame) {
  auto config = with_nodes({lb1, lb2});
  config.virtual_routers[0].preempt = false;

  EXPECT_TRUE(router_on(config, lb1).peers_relieve);
}

TEST(Tracks, AreCarriedOver) {
  config::Config config;
  config.tracks = {
      {.what = config::TrackBackend{"web", std::nullopt, config::Yield{}}, .recover_after = 3s},
      {.what = config::TrackBackend{
           "api*", config::AtLeast{config::WeightShare{50}}, config::Lower{40}}}};

  EXPECT_EQ(tracks(config),
            (std::vector<engine::BackendTrack>{{.pattern = "web",
                                                .at_least = std::nullopt,
                                                .otherwise = engine::OtherwiseYield{},
                                                .recover_after = 3s},
                                               {.pattern = "api*",
                                                .at_least = engine::AtLeastShare{0.5},
                                                .otherwise = engine::OtherwiseLower{40},
                                                .recover_after = 2s}}));
}

TEST(Conditions, AreCarriedOverWithWhoFindsOutAboutEach) {
  auto config = with_nodes({lb1, lb2});
  const config::PerNode<std::string> by_node{
      config::PerNode<std::string>::ByName{{"lb1", "eth1"}, {"lb2", "ens4"}}};
  config.tracks = {
      {.what = config::TrackCommand{{"/bin/x", "-a"},
                                    std::chrono::seconds{2},
                                    std::chrono::seconds{1},
                                    config::Lower{20}}},
      {.what = config::TrackBackend{"web", std::nullopt, config::Yield{}}},
      {.what =
           config::TrackGateway{
               address("192.0.2.1"), std::chrono::milliseconds{200}, 3, config::Yield{}}},
      {.what = config::TrackInterface{by_node, config::Fault{}}, .recover_after = 5s}};

  const Conditions expected{
      .conditions = {{.what = "command /bin/x -a", .otherwise = engine::OtherwiseLower{20}},
                     {.what = "gateway 192.0.2.1", .otherwise = engine::OtherwiseYield{}},
                     {.what = "interface ens4",
                      .otherwise = engine::OtherwiseFault{},
                      .recover_after = 5s}},
      .interfaces = {"ens4"},
      .interface_conditions = {2},
      .gateways = {{.gateway = address("192.0.2.1"), .interval = 200ms, .fall = 3}},
      .gateway_conditions = {1},
      .commands = {{.command = {"/bin/x", "-a"}, .interval = 2s, .timeout = 1s}},
      .command_conditions = {0}};
  EXPECT_EQ(conditions(config, &lb2), expected);
  EXPECT_EQ(engine_settings(config, &lb2).tracked_links, std::vector<std::string>{"ens4"});
}

TEST(Peers, AreAllNodesButThisOne) {
  const auto config = with_nodes({lb1, lb2});

  EXPECT_EQ(peers(config, &lb1),
            (std::vector<ports::PeerStatus>{
                {.name = "lb2", .address = lb2.address, .last_heard = std::nullopt}}));
}

TEST(Listeners, AreCarriedOver) {
  const auto where = listeners(config::Config{});

  ASSERT_EQ(where.size(), 2U);
  EXPECT_EQ(where[0].to_string(), "unix:/run/havip/admin.sock");
  EXPECT_EQ(where[1].to_string(), "127.0.0.1:8406");
}

}  // namespace
}  // namespace havip::app
