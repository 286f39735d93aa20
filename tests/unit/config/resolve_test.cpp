// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/resolve.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace havip::config {
namespace {

Node node(const char* name, int priority) {
  return {name, IpAddress{}, vrrp::Priority{static_cast<std::uint8_t>(priority)}};
}

Config pair() {
  Config config;
  config.nodes = {node("lb1", 150), node("lb2.example.com", 100)};
  return config;
}

/// The name of the node that was found, or why there is none.
std::string found(const Config& config,
                  const char* hostname,
                  const std::optional<std::string>& wanted = {}) {
  const auto result = find_node(config, hostname, wanted);
  if (!result) {
    return result.error().message;
  }
  return *result == nullptr ? "alone" : (*result)->name;
}

TEST(AHost, IsTheNodeThatIsCalledLikeIt) {
  EXPECT_EQ(found(pair(), "lb1"), "lb1");
  EXPECT_EQ(found(pair(), "lb2.example.com"), "lb2.example.com");
}

TEST(AHostWithItsDomain, IsTheNodeThatIsCalledLikeItsFirstLabel) {
  EXPECT_EQ(found(pair(), "lb1.example.com"), "lb1");
}

TEST(AHostOfAnotherName, IsToldTheNodes) {
  EXPECT_EQ(found(pair(), "x"),
            "this host is called x, which is none of the nodes lb1, lb2.example.com; use --node "
            "NAME");
}

TEST(AHostThatIsToldItsNode, IsThatNode) {
  EXPECT_EQ(found(pair(), "lb1", "lb2.example.com"), "lb2.example.com");
  EXPECT_EQ(found(pair(), "lb1", "lb3"),
            "--node is lb3, which is none of the nodes lb1, lb2.example.com; one of them is "
            "allowed");
}

TEST(AHostWithoutNodes, IsAloneWhateverItsName) {
  EXPECT_EQ(found(Config{}, "x"), "alone");
  EXPECT_EQ(found(Config{}, "x", "lb1"), "--node lb1 is given, but no [[node]] is configured");
}

TEST(AVirtualRouter, TakesTheNodesPriorityUnlessItHasItsOwn) {
  const auto config = pair();
  VirtualRouter router;
  EXPECT_EQ(priority_on(router, &config.nodes[1]), vrrp::Priority{100});

  router.priority = PerNode<vrrp::Priority>{vrrp::Priority{7}};
  EXPECT_EQ(priority_on(router, &config.nodes[1]), vrrp::Priority{7});
  EXPECT_EQ(priority_on(router, nullptr), vrrp::Priority{7});

  router.priority =
      PerNode<vrrp::Priority>{PerNode<vrrp::Priority>::ByName{{"lb1", vrrp::Priority{8}}}};
  EXPECT_EQ(priority_on(router, config.nodes.data()), vrrp::Priority{8});
}

TEST(AVirtualRouter, IsOnOneInterfaceOrOnEachNodesOwn) {
  const auto config = pair();
  VirtualRouter router;
  router.interface.value = "eth0";
  EXPECT_EQ(interface_on(router, nullptr), "eth0");
  EXPECT_EQ(interface_on(router, config.nodes.data()), "eth0");

  router.interface.value = PerNode<std::string>::ByName{{"lb1", "eth1"}};
  EXPECT_EQ(interface_on(router, config.nodes.data()), "eth1");
}

TEST(AVirtualRouter, IsOfTheFamilyOfItsAddresses) {
  VirtualRouter router;
  router.addresses = {*Prefix::parse("fe80::1/64")};
  EXPECT_EQ(family_of(router), Family::ipv6);
}

}  // namespace
}  // namespace havip::config
