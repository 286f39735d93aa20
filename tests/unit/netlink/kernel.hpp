#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A namespace with a veth pair, va and vb, both up, and ways to look at it.
#include "sidecar/netlink/kernel_watch.hpp"
#include "sidecar/netlink/socket.hpp"
#include "sidecar/ports/kernel.hpp"
#include "tests/support/netns.hpp"

#include <gtest/gtest.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>
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

/// What the kernel knows of an address beside what a watch tells.
struct Life {
  std::uint32_t flags = 0;
  std::uint32_t valid = 0;      ///< seconds
  std::uint32_t preferred = 0;  ///< seconds
};

/// Of the only address of this family in this namespace; all zeros when there is none, or several.
inline Life life(int family) {
  auto socket = Socket::open(NETLINK_ROUTE).value();
  ifaddrmsg header{};
  header.ifa_family = static_cast<std::uint8_t>(family);
  Message request{RTM_GETADDR, NLM_F_DUMP, header};
  std::vector<Life> lives;
  socket
      .exchange(request,
                [&](const nlmsghdr& message) {
                  std::array<nlattr*, IFA_MAX + 1> attributes{};
                  ::nlmsg_parse(const_cast<nlmsghdr*>(&message),
                                sizeof header,
                                attributes.data(),
                                IFA_MAX,
                                nullptr);
                  ifa_cacheinfo info{};
                  std::memcpy(&info, ::nla_data(attributes[IFA_CACHEINFO]), sizeof info);
                  lives.push_back({.flags = ::nla_get_u32(attributes[IFA_FLAGS]),
                                   .valid = info.ifa_valid,
                                   .preferred = info.ifa_prefered});
                })
      .value();
  return lives.size() == 1 ? lives[0] : Life{};
}

/// What the files of /proc/net say about the present namespace, line by line.
inline std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream file{"/proc/thread-self/net/" + name};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  return lines;
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
