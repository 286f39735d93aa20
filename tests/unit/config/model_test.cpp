// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/load.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <ios>
#include <iterator>
#include <string>
#include <variant>

namespace havip::config {
namespace {

using namespace std::chrono_literals;

Config contract() {
  std::ifstream stream{HAVIP_TEST_DATA "/good/later/contract.toml", std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  return std::get<Config>(parse({{"contract.toml", text}}, {}));
}

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

Prefix prefix(const char* text) {
  return *Prefix::parse(text);
}

VirtualRouter router(const char* name, int vrid) {
  VirtualRouter result;
  result.name = name;
  result.interface.value = "eth0";
  result.vrid = vrrp::Vrid{static_cast<std::uint8_t>(vrid)};
  return result;
}

TEST(TheContractsExample, FillsTheSingleTables) {
  const auto config = contract();

  EXPECT_EQ(config.daemon, Daemon{});
  Haproxy haproxy;
  haproxy.log_listen = Endpoint{ip("127.0.0.1"), 8408};
  EXPECT_EQ(config.haproxy, haproxy);
  Http http;
  http.token_file = "/etc/havip/token";
  EXPECT_EQ(config.http, http);
  EXPECT_EQ(config.peer_link, (PeerLink{8407, "/etc/havip/secret"}));
  EXPECT_EQ(config.nodes,
            (std::vector<Node>{{"lb1", ip("10.0.0.11"), vrrp::Priority{150}},
                               {"lb2", ip("10.0.0.12"), vrrp::Priority{100}}}));
}

TEST(TheContractsExample, FillsTheVirtualRouters) {
  auto open = router("public", 51);
  open.addresses = {prefix("192.0.2.10/24"), prefix("192.0.2.11/32")};
  open.priority = PerNode<vrrp::Priority>{
      PerNode<vrrp::Priority>::ByName{{"lb1", vrrp::Priority{150}}, {"lb2", vrrp::Priority{100}}}};
  open.group = "edge";
  open.gateway = ip("192.0.2.1");
  open.routes = {Route{prefix("10.9.0.0/16"), ip("192.0.2.254"), 100}};
  open.rules = {Rule{prefix("192.0.2.10/32"), 100, 1000}};
  open.auth = HmacAuth{"/etc/havip/key", 1, HmacMode::enforce, {}};

  auto migration = router("migration", 52);
  migration.interface.value = PerNode<std::string>::ByName{{"lb1", "eth0"}, {"lb2", "ens3"}};
  migration.addresses = {prefix("192.0.2.12/24")};
  migration.version = 2;
  migration.advert_interval = 1s;  // the default of version 2
  migration.transport = Transport::both;
  migration.auth = PassAuth{"/etc/havip/key"};

  auto ipv6 = router("public6", 51);
  ipv6.addresses = {prefix("fe80::10/64"), prefix("2001:db8::10/64")};
  ipv6.gateway = ip("fe80::1");
  ipv6.virtual_mac = true;

  EXPECT_EQ(contract().virtual_routers, (std::vector{open, migration, ipv6}));
}

TEST(TheContractsExample, FillsTheRest) {
  const auto config = contract();

  EXPECT_EQ(config.anycasts, (std::vector<Anycast>{{"edge", {prefix("203.0.113.10/32")}}}));
  EXPECT_EQ(config.source_routes,
            (std::vector<SourceRoute>{{PerNode<std::string>{"eth1"}, ip("10.1.0.1")}}));
  EXPECT_EQ(config.tracks,
            (std::vector<Track>{
                {TrackBackend{"web", {}, Yield{}}},
                {TrackBackend{"api", Servers{1}, Yield{}}},
                {TrackInterface{PerNode<std::string>{"eth1"}, Fault{}}},
                {TrackGateway{ip("192.0.2.1"), 200ms, 3, Yield{}}},
                {TrackCommand{{"/usr/local/bin/check"}, 2s, 1s, Lower{20}}},
            }));
  EXPECT_EQ(config.hooks, (std::vector<Hook>{{{"/usr/local/bin/tell-cloud"}}}));
}

TEST(AListener, IsASocketOrAnEndpoint) {
  const auto outcome = parse({{"x.toml",
                               "http.listen = [\"unix:/run/x\", \"0.0.0.0:1\", \"[::1]:65535\"]\n"
                               "[[anycast]]\nname = \"a\"\naddresses = [\"192.0.2.1\"]\n"}},
                             {});

  EXPECT_EQ(std::get<Config>(outcome).http.listen,
            (std::vector<Listener>{
                UnixSocket{"/run/x"}, Endpoint{ip("0.0.0.0"), 1}, Endpoint{ip("::1"), 65535}}));
}

}  // namespace
}  // namespace havip::config
