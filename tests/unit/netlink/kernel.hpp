#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A namespace with a veth pair, va and vb, both up, and ways to look at it.
#include "sidecar/netlink/kernel_watch.hpp"
#include "sidecar/netlink/socket.hpp"
#include "sidecar/ports/kernel.hpp"
#include "tests/support/netns.hpp"

#include <gtest/gtest.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace havip::netlink {

using namespace std::chrono_literals;

using Events = std::vector<ports::KernelEvent>;

inline Prefix prefix(const std::string& text) {
  return Prefix::parse(text).value();
}

/// The state as a new watch sees it.
inline ports::KernelState state_now() {
  const auto watch = open_kernel_watch().value();
  return std::get<ports::KernelState>(watch->read().value().at(0));
}

/// The addresses of one link, as a new watch sees them.
inline std::vector<ports::KernelAddress> addresses_of(ports::LinkIndex link) {
  auto addresses = state_now().addresses;
  std::erase_if(addresses, [&](const auto& address) { return address.link != link; });
  return addresses;
}

/// Reads until an event passes `is_it` and gives all events up to it; empty when none does in time.
inline Events events_until(ports::KernelWatch& watch,
                           const std::function<bool(const ports::KernelEvent&)>& is_it,
                           std::chrono::milliseconds patience = 5000ms) {
  Events told;
  while (test::readable_within(watch.descriptor(), patience)) {
    for (auto& event : watch.read().value()) {
      told.push_back(std::move(event));
      if (is_it(told.back())) {
        return told;
      }
    }
  }
  return {};
}

inline Events events_until(ports::KernelWatch& watch,
                           const ports::KernelEvent& wanted,
                           std::chrono::milliseconds patience = 5000ms) {
  return events_until(
      watch, [&](const auto& event) { return event == wanted; }, patience);
}

class WithAVethPair : public ::testing::Test {
protected:
  WithAVethPair() {
    test::ip(
        "link add va index 11 address 02:00:00:00:00:01 type veth peer name vb index 12 "
        "address 02:00:00:00:00:02");
    // No link-local addresses, which come when the kernel has time.
    test::ip("link set va addrgenmode none");
    test::ip("link set vb addrgenmode none");
    test::ip("link set va up");
    test::ip("link set vb up");
  }

  test::NetworkNamespace network;
  ports::LinkIndex va{11};
  ports::LinkIndex vb{12};
};

}  // namespace havip::netlink
