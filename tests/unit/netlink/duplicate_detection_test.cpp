// SPDX-License-Identifier: Apache-2.0
//
// What a watch tells of IPv6 addresses whose duplicate address detection goes on, or failed.
#include "sidecar/netlink/kernel_watch.hpp"
#include "tests/unit/netlink/kernel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace havip::netlink {
namespace {

using ports::KernelAddress;
using ports::KernelAddressGone;

void set_sysctl(const std::string& name, int value) {
  std::ofstream file{"/proc/sys/net/" + name};
  file << value << std::flush;
  if (!file) {
    throw std::runtime_error{"cannot set " + name};
  }
}

class DuplicateDetection : public WithAVethPair {
protected:
  DuplicateDetection() {
    set_sysctl("ipv6/conf/va/router_solicitation_delay", 0);  // begins at once
    set_sysctl("ipv6/neigh/va/retrans_time_ms", 100);         // waits this long for an answer
    everything->read().value();
    all_addresses->read().value();
  }

  /// Makes the kernel tell of va's address, and waits until it has: everything before was told.
  Events told_until_marker() const {
    test::ip("address add 192.0.2.1/32 dev va");
    auto events = events_until(*everything, KernelAddress{va, prefix("192.0.2.1/32"), false});
    std::erase_if(events,
                  [](const auto& event) { return std::holds_alternative<ports::Link>(event); });
    if (!events.empty()) {
      events.pop_back();
    }
    test::ip("address del 192.0.2.1/32 dev va");
    return events;
  }

  /// va's address is also vb's, at the other end of the cable: waits until the kernel knows.
  void find_a_duplicate() const {
    test::ip("address add 2001:db8::5/64 dev vb nodad");
    test::ip("address add 2001:db8::5/64 dev va");
    int told = 0;  // when it begins and when it ends
    ASSERT_FALSE(events_until(*all_addresses, [&](const auto& event) {
                   return event == ports::KernelEvent{here} && ++told == 2;
                 }).empty());
  }

  const std::unique_ptr<ports::KernelWatch> everything = open_kernel_watch().value();
  const std::unique_ptr<ports::KernelWatch> all_addresses =
      open_kernel_watch(WatchScope::addresses).value();
  const KernelAddress here{va, prefix("2001:db8::5/64"), false};
};

TEST_F(DuplicateDetection, AnAddressIsThereWhenItHasEndedWell) {
  test::ip("address add 2001:db8::5/64 dev va");
  EXPECT_EQ(addresses_of(va), std::vector<KernelAddress>{});
  EXPECT_FALSE(events_until(*all_addresses, here).empty());

  EXPECT_EQ(events_until(*everything, here), Events{here});

  EXPECT_EQ(addresses_of(va), std::vector{here});
}

TEST_F(DuplicateDetection, AnAddressThatGoesMeanwhileWasNeverThere) {
  test::ip("address add 2001:db8::5/64 dev va");
  test::ip("address del 2001:db8::5/64 dev va");

  EXPECT_EQ(told_until_marker(), Events{});
}

TEST_F(DuplicateDetection, ADuplicateIsNeverThere) {
  find_a_duplicate();
  EXPECT_EQ(addresses_of(va), std::vector<KernelAddress>{});
  const auto late = open_kernel_watch().value();
  late->read().value();

  test::ip("address del 2001:db8::5/64 dev va");

  const KernelAddress of_vb{vb, here.prefix, false};
  EXPECT_EQ(told_until_marker(), Events{of_vb});
  EXPECT_FALSE(events_until(*late, KernelAddressGone{va, prefix("192.0.2.1/32")}).empty());
}

TEST_F(DuplicateDetection, ADuplicateIsThereOnceItIsNoneAnyMore) {
  find_a_duplicate();
  test::ip("address del 2001:db8::5/64 dev vb");
  test::ip("address del 2001:db8::5/64 dev va");

  test::ip("address add 2001:db8::5/64 dev va");

  auto events = events_until(*everything, here);
  std::erase_if(events, [&](const auto& event) {  // the other end's
    return event == ports::KernelEvent{KernelAddress{vb, here.prefix, false}} ||
           event == ports::KernelEvent{KernelAddressGone{vb, here.prefix}};
  });
  EXPECT_EQ(events, Events{here});
}

}  // namespace
}  // namespace havip::netlink
