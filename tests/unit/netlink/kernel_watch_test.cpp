// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/kernel_watch.hpp"

#include "sidecar/netlink/address_table.hpp"
#include "tests/unit/netlink/kernel.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace havip::netlink {
namespace {

using ports::KernelAddress;
using ports::KernelAddressGone;
using ports::KernelState;
using ports::Link;
using ports::LinkGone;

const MacAddress mac_of_va = *MacAddress::parse("02:00:00:00:00:01");
const MacAddress mac_of_vb = *MacAddress::parse("02:00:00:00:00:02");

Prefix numbered(int number) {
  return {IpAddress::v4(0x0a000000U + static_cast<std::uint32_t>(number)), 32};
}

class KernelWatch : public WithAVethPair {
protected:
  /// A watch that has told the state already.
  static std::unique_ptr<ports::KernelWatch> synchronised() {
    auto watch = open_kernel_watch().value();
    watch->read().value();
    return watch;
  }

  [[nodiscard]] Link va_as(bool up, bool carrier) const {
    return {.index = va, .name = "va", .mac = mac_of_va, .up = up, .carrier = carrier};
  }
};

TEST_F(KernelWatch, TellsTheWholeStateFirst) {
  test::ip("address add 192.0.2.1/24 dev va");
  ASSERT_TRUE(open_address_table().value()->add(va, prefix("192.0.2.10/24"), {}));
  test::ip("address add 2001:db8::1/64 dev vb nodad");
  const auto watch = open_kernel_watch().value();

  const auto events = watch->read().value();

  const KernelState expected{
      .links = {{.index = {1}, .name = "lo", .mac = {}, .up = false, .carrier = false},
                va_as(true, true),
                {.index = vb, .name = "vb", .mac = mac_of_vb, .up = true, .carrier = true}},
      .addresses = {{va, prefix("192.0.2.1/24"), false},
                    {va, prefix("192.0.2.10/24"), true},
                    {vb, prefix("2001:db8::1/64"), false}}};
  EXPECT_EQ(events, Events{expected});
}

TEST_F(KernelWatch, TellsWhatChangedBetweenItsOpeningAndTheFirstRead) {
  const auto watch = open_kernel_watch().value();
  test::ip("address add 192.0.2.1/24 dev va");

  const auto state = std::get<KernelState>(watch->read().value().at(0));

  EXPECT_EQ(state.addresses, (std::vector{KernelAddress{va, prefix("192.0.2.1/24"), false}}));
}

TEST_F(KernelWatch, HasNothingToTellWhileNothingChanges) {
  const auto watch = open_kernel_watch(WatchScope::addresses).value();
  EXPECT_EQ(watch->read().value(), Events{KernelState{}});

  EXPECT_EQ(watch->read().value(), Events{});
}

TEST_F(KernelWatch, TellsAddressesInOrder) {
  const auto watch = open_kernel_watch(WatchScope::addresses).value();
  watch->read().value();
  const auto table = open_address_table().value();
  const auto vip = prefix("192.0.2.10/24");
  ASSERT_TRUE(table->add(va, vip, {}));
  ASSERT_TRUE(table->remove(va, vip));
  test::ip("address add 192.0.2.10/24 dev va");

  EXPECT_EQ(watch->read().value(),
            (Events{KernelAddress{va, vip, true},
                    KernelAddressGone{va, vip},
                    KernelAddress{va, vip, false}}));
}

TEST_F(KernelWatch, SeesAFlush) {
  test::ip("address add 192.0.2.1/32 dev va");
  const auto watch = synchronised();
  test::ip("address flush dev va");

  EXPECT_FALSE(events_until(*watch, KernelAddressGone{va, prefix("192.0.2.1/32")}).empty());
}

TEST_F(KernelWatch, SeesALinkGoDownAndUp) {
  const auto watch = synchronised();

  test::ip("link set va down");
  EXPECT_FALSE(events_until(*watch, va_as(false, false)).empty());
  test::ip("link set va up");
  EXPECT_FALSE(events_until(*watch, va_as(true, true)).empty());
}

TEST_F(KernelWatch, SeesTheCablePulledAtTheOtherEnd) {
  const auto watch = synchronised();

  test::ip("link set vb down");

  EXPECT_FALSE(events_until(*watch, va_as(true, false)).empty());
}

TEST_F(KernelWatch, SeesALinkRenamed) {
  const auto watch = synchronised();
  auto renamed = va_as(true, true);
  renamed.name = "wan";

  test::ip("link set va name wan");

  EXPECT_FALSE(events_until(*watch, renamed).empty());
}

TEST_F(KernelWatch, SeesALinkGoAfterItsAddresses) {
  test::ip("address add 192.0.2.1/24 dev va");
  const auto watch = synchronised();

  test::ip("link delete va");

  auto events = events_until(*watch, LinkGone{va});
  std::erase_if(events, [](const auto& event) { return std::holds_alternative<Link>(event); });
  std::erase(events, ports::KernelEvent{LinkGone{vb}});  // goes along
  EXPECT_EQ(events, (Events{KernelAddressGone{va, prefix("192.0.2.1/24")}, LinkGone{va}}));
}

TEST_F(KernelWatch, DoesNotTakeALinkForGoneThatLeavesABridge) {
  test::ip("link add br0 type bridge");
  test::ip("link set va master br0");
  const auto watch = synchronised();
  test::ip("link set va nomaster");
  test::ip("address add 192.0.2.1/24 dev va");  // told after all that

  const auto events = events_until(*watch, KernelAddress{va, prefix("192.0.2.1/24"), false});

  EXPECT_FALSE(events.empty());
  EXPECT_EQ(std::ranges::count(events, ports::KernelEvent{LinkGone{va}}), 0);
}

TEST_F(KernelWatch, ReadsAStateOfManyParts) {
  constexpr int count = 1500;  // a dump gives some hundred at a time
  const auto table = open_address_table().value();
  std::vector<KernelAddress> expected;
  for (int number = 1; number <= count; ++number) {
    ASSERT_TRUE(table->add(va, numbered(number), {}));
    expected.push_back({va, numbered(number), true});
  }

  EXPECT_EQ(addresses_of(va), expected);
}

TEST_F(KernelWatch, TellsTheStateAnewWhenItWasOverrun) {
  const auto watch = open_kernel_watch(WatchScope::addresses).value();
  watch->read().value();
  constexpr int tiny = 4096;  // room for one or two notifications
  ASSERT_EQ(::setsockopt(watch->descriptor(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny), 0);
  const auto table = open_address_table().value();
  std::vector<KernelAddress> expected;
  for (int number = 1; number <= 100; ++number) {
    ASSERT_TRUE(table->add(va, numbered(number), {}));
    expected.push_back({va, numbered(number), true});
  }
  // The first ones were kept, the last one about this address is lost.
  ASSERT_TRUE(table->remove(va, numbered(1)));
  expected.erase(expected.begin());

  ASSERT_TRUE(test::readable_within(watch->descriptor(), 0ms));
  const auto events = watch->read().value();

  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<KernelState>(events[0]).addresses, expected);
  // And goes on from there.
  ASSERT_TRUE(table->add(va, numbered(1), {}));
  EXPECT_EQ(watch->read().value(), (Events{KernelAddress{va, numbered(1), true}}));
}

}  // namespace
}  // namespace havip::netlink
