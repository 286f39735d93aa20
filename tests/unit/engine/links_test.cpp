// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/links.hpp"

#include "tests/unit/engine/node.hpp"

namespace havip::engine::test {
namespace {

ports::KernelAddress address(const char* text, bool ours = false) {
  return {.link = eth0().index, .prefix = prefix(text), .ours = ours};
}

Attachment find(const Links& links, Family family = Family::ipv4) {
  return links.find("eth0", family, {vip.address});
}

TEST(UnknownInterface, IsNotAttached) {
  EXPECT_EQ(find(Links{}), Attachment{});
}

TEST(Interface, IsFoundByItsName) {
  Links links;
  links.observe(eth0());
  EXPECT_EQ(find(links), (Attachment{.link = eth0(), .own_address = std::nullopt}));

  auto renamed = eth0();
  renamed.name = "wan0";
  links.observe(renamed);
  EXPECT_EQ(find(links), Attachment{});
}

// C01
TEST(OwnAddress, IsThePrimaryOne) {
  Links links;
  links.observe(ports::KernelState{.links = {eth0()},
                                   .addresses = {address("10.0.0.11/24"), address("10.0.0.9/24")}});

  EXPECT_EQ(find(links).own_address, lb1);

  links.observe(ports::KernelAddressGone{eth0().index, prefix("10.0.0.11/24")});
  EXPECT_EQ(find(links).own_address, ip("10.0.0.9"));
}

TEST(OwnAddress, IsNeitherOursNorOfTheOtherFamily) {
  Links links;
  links.observe(eth0());
  links.observe(address("192.0.2.77/32", true));  // of an earlier run
  links.observe(address("2001:db8::11/64"));      // IPv6 advertises from a link-local address
  links.observe(address("fe80::11/64"));
  EXPECT_EQ(find(links).own_address, std::nullopt);
  EXPECT_EQ(find(links, Family::ipv6).own_address, ip("fe80::11"));

  links.observe(address("10.0.0.11/24"));
  EXPECT_EQ(find(links).own_address, lb1);
}

// The owner of the virtual addresses has them on its interface for good, and maybe nothing else.
TEST(OwnAddress, IsAVirtualOneOnlyIfThereIsNoOtherAndHavipDidNotPutItThere) {
  Links links;
  links.observe(eth0());
  links.observe(address("192.0.2.10/24", true));
  EXPECT_EQ(find(links).own_address, std::nullopt);

  links.observe(address("192.0.2.10/24"));
  EXPECT_EQ(find(links).own_address, ip("192.0.2.10"));

  links.observe(address("10.0.0.11/24"));
  EXPECT_EQ(find(links).own_address, lb1);
}

TEST(TrackedLink, IsToldAsTheKernelHasIt) {
  Links links;
  EXPECT_EQ(links.state_of("eth0"), (ports::LinkStatus{.name = "eth0"}));
  EXPECT_EQ(ports::describe(links.state_of("eth0")), "does not exist");

  auto link = eth0();
  link.carrier = false;
  links.observe(link);
  EXPECT_EQ(links.state_of("eth0"),
            (ports::LinkStatus{.name = "eth0", .exists = true, .up = true, .carrier = false}));
  EXPECT_EQ(ports::describe(links.state_of("eth0")), "has no carrier");
  EXPECT_FALSE(ports::works(links.state_of("eth0")));

  link.up = false;
  links.observe(link);
  EXPECT_EQ(ports::describe(links.state_of("eth0")), "is down");

  links.observe(eth0());
  EXPECT_EQ(ports::describe(links.state_of("eth0")), "is up");
  EXPECT_TRUE(ports::works(links.state_of("eth0")));
}

TEST(AddressThatIsToldAgain, KeepsItsPlace) {
  Links links;
  links.observe(ports::KernelState{.links = {eth0()},
                                   .addresses = {address("10.0.0.11/24"), address("10.0.0.9/24")}});

  links.observe(address("10.0.0.11/24"));

  EXPECT_EQ(find(links).own_address, lb1);
}

TEST(InterfaceThatGoes, TakesItsAddressesWithIt) {
  Links links;
  links.observe(ports::KernelState{.links = {eth0()}, .addresses = {address("10.0.0.11/24")}});
  links.observe(ports::LinkGone{eth0().index});
  EXPECT_EQ(find(links), Attachment{});

  links.observe(eth0());
  EXPECT_EQ(find(links).own_address, std::nullopt);
}

}  // namespace
}  // namespace havip::engine::test
