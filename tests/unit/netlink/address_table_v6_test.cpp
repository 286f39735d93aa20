// SPDX-License-Identifier: Apache-2.0
//
// What the kernel does differently with IPv6 addresses.
#include "sidecar/base/descriptor.hpp"
#include "sidecar/netlink/address_table.hpp"
#include "tests/unit/netlink/kernel.hpp"

#include <gtest/gtest.h>

#include <linux/if_addr.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace havip::netlink {
namespace {

using ports::KernelAddress;
using ports::KernelAddressGone;

constexpr auto for_ever = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t usable_at_once = IFA_F_NODAD | IFA_F_DEPRECATED;

/// Whether this host has a route to an IPv6 address.
bool reaches(const std::string& text) {
  const Descriptor socket{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(9);
  to.sin6_addr = {};
  std::memcpy(&to.sin6_addr, prefix(text).address.bytes().data(), sizeof to.sin6_addr);
  return ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

/// Whether this host listens to who asks va for the address with these last 24 bits.
bool is_asked_for(const std::string& last_digits) {
  const auto groups = lines_of("igmp6");
  return std::ranges::any_of(groups, [&](const auto& line) {
    return line.find(" va ") != std::string::npos &&
           line.find("ff0200000000000000000001ff" + last_digits) != std::string::npos;
  });
}

class AddressTableForIpv6 : public WithAVethPair {
protected:
  /// Waits until the kernel takes `address` off by itself.
  void expire(ports::KernelWatch& watch, const Prefix& address) const {
    ASSERT_FALSE(events_until(watch, KernelAddressGone{va, address}).empty());
  }

  std::unique_ptr<ports::AddressTable> table = open_address_table().value();
  Prefix vip = prefix("2001:db8::10/64");
};

TEST_F(AddressTableForIpv6, PutsAnAddressToUseAtOnce) {
  ASSERT_TRUE(table->add(va, vip, {}));
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));

  // The kernel may not have told of it yet.
  ASSERT_TRUE(table->add(va, vip, 10s));
  ASSERT_TRUE(table->remove(va, vip));
  EXPECT_EQ(addresses_of(va), std::vector<KernelAddress>{});
}

TEST_F(AddressTableForIpv6, RenewingKeepsTagAndFlags) {
  for (const std::uint32_t lease : {1000U, 2000U, 500U}) {
    ASSERT_TRUE(table->add(va, vip, std::chrono::seconds{lease}));

    EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
    const auto found = life(AF_INET6);
    EXPECT_EQ(found.flags, usable_at_once);
    EXPECT_EQ(found.preferred, 0U);
    EXPECT_GT(found.valid, lease - 60);  // for a machine that stalls
    EXPECT_LE(found.valid, lease);
  }

  ASSERT_TRUE(table->add(va, vip, {}));
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
  const auto found = life(AF_INET6);
  EXPECT_EQ(found.flags, usable_at_once | IFA_F_PERMANENT);
  EXPECT_EQ(found.preferred, 0U);
  EXPECT_EQ(found.valid, for_ever);
}

TEST_F(AddressTableForIpv6, TheKernelTakesOffWhatWasNotRenewed) {
  const auto watch = open_kernel_watch().value();
  watch->read().value();
  ASSERT_TRUE(table->add(va, vip, 1s));

  expire(*watch, vip);

  EXPECT_EQ(addresses_of(va), std::vector<KernelAddress>{});
  ASSERT_TRUE(table->add(va, vip, 100s));
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
}

// C58
TEST_F(AddressTableForIpv6, IsAskedForTheAddressWhenAddReturns) {
  ASSERT_TRUE(table->add(va, vip, 100s));
  EXPECT_TRUE(is_asked_for("000010"));

  ASSERT_TRUE(table->remove(va, vip));
  EXPECT_FALSE(is_asked_for("000010"));
}

TEST_F(AddressTableForIpv6, IsAskedForAsLongAsOneOfTwoWithTheSameEndIsThere) {
  const auto watch = open_kernel_watch().value();
  watch->read().value();
  ASSERT_TRUE(table->add(va, vip, 100s));
  // Now the kernel has joined for it. It leaves with the address in any case, and would leave for
  // us what it has not joined yet.
  ASSERT_FALSE(events_until(*watch, KernelAddress{va, vip, true}).empty());
  ASSERT_TRUE(table->add(va, prefix("fe80::10/64"), 100s));

  ASSERT_TRUE(table->remove(va, vip));

  EXPECT_TRUE(is_asked_for("000010"));
}

TEST_F(AddressTableForIpv6, LeavesAForeignAddressThatTheKernelHasNotToldOf) {
  ASSERT_TRUE(table->remove(va, vip));             // has looked
  test::ip("address add 2001:db8::10/64 dev va");  // not to be used for a second
  const Prefix other = prefix("2001:db8::11/64");  // to be used at once
  test::ip("address add 2001:db8::11/64 dev va nodad");

  EXPECT_TRUE(table->add(va, vip, 5s));
  EXPECT_TRUE(table->remove(va, vip));
  EXPECT_TRUE(table->add(va, other, 5s));
  EXPECT_TRUE(table->remove(va, other));

  const auto watch = open_kernel_watch(WatchScope::addresses).value();
  EXPECT_EQ(watch->read().value(),
            (Events{ports::KernelState{.links = {},
                                       .addresses = {{va, other, false}, {va, vip, false}}}}));
}

TEST_F(AddressTableForIpv6, ChangesTheLengthOfItsAddress) {
  ASSERT_TRUE(table->add(va, prefix("2001:db8::10/128"), 100s));

  ASSERT_TRUE(table->add(va, vip, 100s));

  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
}

TEST_F(AddressTableForIpv6, SaysThatAForeignAddressHasAnotherLength) {
  test::ip("address add 2001:db8::10/128 dev va nodad");

  const auto added = table->add(va, vip, 100s);

  ASSERT_TRUE(added.has_error());
  EXPECT_EQ(added.error().message,
            "add 2001:db8::10/64 to va: File exists (somebody else has it there with another "
            "length)");
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, prefix("2001:db8::10/128"), false}}));
}

TEST_F(AddressTableForIpv6, BringsTheRouteOfItsNetworkAndTakesItAlong) {
  ASSERT_TRUE(table->add(va, vip, {}));
  EXPECT_TRUE(reaches("2001:db8::99"));

  ASSERT_TRUE(table->remove(va, vip));
  EXPECT_FALSE(reaches("2001:db8::99"));
}

TEST_F(AddressTableForIpv6, LeavesTheRouteOfAForeignAddressWhenItIsRemoved) {
  test::ip("address add 2001:db8::1/64 dev va nodad");
  for (const auto lease : {std::optional<std::chrono::seconds>{}, std::optional{100s}}) {
    ASSERT_TRUE(table->add(va, vip, lease));
    ASSERT_TRUE(table->add(va, vip, lease));

    ASSERT_TRUE(table->remove(va, vip));

    EXPECT_TRUE(reaches("2001:db8::99"));
  }
}

TEST_F(AddressTableForIpv6, LeavesTheRouteOfAnAddressThatCameLater) {
  ASSERT_TRUE(table->add(va, vip, {}));
  test::ip("address add 2001:db8::1/64 dev va nodad");
  ASSERT_TRUE(table->add(va, vip, {}));

  ASSERT_TRUE(table->remove(va, vip));

  EXPECT_TRUE(reaches("2001:db8::99"));
}

TEST_F(AddressTableForIpv6, LeavesTheRouteOfAForeignAddressWhenItExpires) {
  test::ip("address add 2001:db8::1/64 dev va nodad");
  const auto watch = open_kernel_watch().value();
  watch->read().value();
  ASSERT_TRUE(table->add(va, vip, 1s));

  expire(*watch, vip);

  EXPECT_TRUE(reaches("2001:db8::99"));
}

TEST_F(AddressTableForIpv6, LeavesTheRouteOfAnAddressBySlaacWhenItExpires) {
  // Its route ends with it, after 1000 s; the kernel would let it end with our lease.
  test::ip("address add 2001:db8::1/64 dev va nodad valid_lft 1000 preferred_lft 1000");
  const auto watch = open_kernel_watch().value();
  watch->read().value();
  ASSERT_TRUE(table->add(va, vip, 1s));

  expire(*watch, vip);

  EXPECT_TRUE(reaches("2001:db8::99"));
}

TEST_F(AddressTableForIpv6, TakesOverTheRouteWhenTheForeignAddressGoes) {
  test::ip("address add 2001:db8::1/64 dev va nodad");
  ASSERT_TRUE(table->add(va, vip, 100s));
  test::ip("address del 2001:db8::1/64 dev va");

  ASSERT_TRUE(table->add(va, vip, 100s));

  EXPECT_TRUE(reaches("2001:db8::99"));
}

}  // namespace
}  // namespace havip::netlink
