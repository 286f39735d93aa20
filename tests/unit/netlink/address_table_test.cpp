// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/address_table.hpp"

#include "tests/unit/netlink/kernel.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace havip::netlink {
namespace {

using ports::KernelAddress;
using ports::KernelAddressGone;

constexpr auto for_ever = std::numeric_limits<std::uint32_t>::max();

/// The seconds that the only IPv4 address of this namespace has left to live.
std::uint32_t seconds_left() {
  const auto found = life(AF_INET);
  EXPECT_EQ(found.preferred, found.valid);
  return found.valid;
}

class AddressTable : public WithAVethPair {
protected:
  std::unique_ptr<ports::AddressTable> table = open_address_table().value();
  Prefix vip = prefix("192.0.2.10/24");
};

TEST_F(AddressTable, PutsATaggedAddressOnTheLinkAndTakesItOff) {
  ASSERT_TRUE(table->add(va, vip, {}));
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
  EXPECT_EQ(seconds_left(), for_ever);

  ASSERT_TRUE(table->remove(va, vip));
  EXPECT_EQ(addresses_of(va), std::vector<KernelAddress>{});
}

TEST_F(AddressTable, SucceedsWhenThereIsNothingToChange) {
  EXPECT_TRUE(table->remove(va, vip));
  EXPECT_TRUE(table->add(va, vip, {}));
  EXPECT_TRUE(table->add(va, vip, {}));
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
  EXPECT_TRUE(table->remove(va, vip));
  EXPECT_TRUE(table->remove(va, vip));
  EXPECT_TRUE(table->remove(ports::LinkIndex{4711}, vip));
}

TEST_F(AddressTable, KeepsLengthsAndLinksApart) {
  const auto host = prefix("192.0.2.10/32");
  ASSERT_TRUE(table->add(va, vip, {}));
  ASSERT_TRUE(table->add(va, host, {}));
  ASSERT_TRUE(table->add(vb, vip, {}));

  ASSERT_TRUE(table->remove(va, vip));

  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, host, true}}));
  EXPECT_EQ(addresses_of(vb), (std::vector{KernelAddress{vb, vip, true}}));
}

TEST_F(AddressTable, AddingAgainRenewsTheLease) {
  // 60 s are for a machine that stalls between the change and the look.
  ASSERT_TRUE(table->add(va, vip, 1000s));
  EXPECT_GT(seconds_left(), 940U);
  EXPECT_LE(seconds_left(), 1000U);

  ASSERT_TRUE(table->add(va, vip, 2000s));
  EXPECT_GT(seconds_left(), 1940U);
  EXPECT_LE(seconds_left(), 2000U);

  ASSERT_TRUE(table->add(va, vip, {}));
  EXPECT_EQ(seconds_left(), for_ever);
}

TEST_F(AddressTable, TheKernelTakesOffWhatWasNotRenewed) {
  const auto watch = open_kernel_watch().value();
  ASSERT_TRUE(table->add(va, vip, 1s));
  ASSERT_TRUE(watch->read());

  const auto told = events_until(*watch, KernelAddressGone{va, vip}, 3000ms);

  EXPECT_FALSE(told.empty());
  EXPECT_EQ(addresses_of(va), std::vector<KernelAddress>{});
  ASSERT_TRUE(table->add(va, vip, 100s));
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
}

TEST_F(AddressTable, LeavesAForeignAddressAsItIs) {
  test::ip("address add 192.0.2.10/24 dev va");

  EXPECT_TRUE(table->add(va, vip, 5s));
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, false}}));
  EXPECT_EQ(seconds_left(), for_ever);

  EXPECT_TRUE(table->remove(va, vip));
  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, false}}));
}

TEST_F(AddressTable, NoticesThatItsAddressBecameForeign) {
  ASSERT_TRUE(table->add(va, vip, 100s));
  test::ip("address del 192.0.2.10/24 dev va");
  test::ip("address add 192.0.2.10/24 dev va");

  EXPECT_TRUE(table->add(va, vip, 100s));
  EXPECT_TRUE(table->remove(va, vip));

  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, false}}));
  EXPECT_EQ(seconds_left(), for_ever);
}

TEST_F(AddressTable, PutsBackWhatSomebodyRemoved) {
  ASSERT_TRUE(table->add(va, vip, {}));
  test::ip("address del 192.0.2.10/24 dev va");

  ASSERT_TRUE(table->add(va, vip, {}));

  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
}

TEST_F(AddressTable, OwnsWhatAnEarlierRunLeftBehind) {
  ASSERT_TRUE(open_address_table().value()->add(va, vip, 100s));

  ASSERT_TRUE(table->add(va, vip, {}));
  EXPECT_EQ(seconds_left(), for_ever);

  ASSERT_TRUE(table->remove(va, vip));
  EXPECT_EQ(addresses_of(va), std::vector<KernelAddress>{});
}

TEST_F(AddressTable, StartsAnewWhenALinkWithItsNumberComesBack) {
  ASSERT_TRUE(table->add(va, vip, {}));
  test::ip("link delete va");
  EXPECT_TRUE(table->remove(va, vip));
  test::ip("link add va index 11 type veth peer name vb");

  ASSERT_TRUE(table->add(va, vip, {}));

  EXPECT_EQ(addresses_of(va), (std::vector{KernelAddress{va, vip, true}}));
}

TEST_F(AddressTable, NamesTheLinkThatIsNotThere) {
  const auto added = table->add(ports::LinkIndex{4711}, vip, {});

  ASSERT_TRUE(added.has_error());
  EXPECT_EQ(added.error().message, "add 192.0.2.10/24 to interface 4711: No such device");
}

TEST_F(AddressTable, SaysWhatIsNotPermitted) {
  ASSERT_TRUE(table->add(va, vip, {}));
  ASSERT_EQ(::seteuid(65534), 0);

  const auto added = table->add(va, prefix("192.0.2.11/24"), {});
  const auto removed = table->remove(va, vip);

  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_TRUE(added.has_error());
  EXPECT_EQ(added.error().message, "add 192.0.2.11/24 to va: Operation not permitted");
  EXPECT_EQ(added.error().code, std::errc::operation_not_permitted);
  ASSERT_TRUE(removed.has_error());
  EXPECT_EQ(removed.error().message, "remove 192.0.2.10/24 from va: Operation not permitted");
}

}  // namespace
}  // namespace havip::netlink
