#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Two namespaces with a cable between them, and a tap at one end of it.
#include "sidecar/base/descriptor.hpp"
#include "sidecar/ports/kernel.hpp"
#include "tests/support/netns.hpp"

#include <gtest/gtest.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace havip::net {

using namespace std::chrono_literals;

using Bytes = std::vector<std::byte>;

/// Long enough for a frame to cross a veth pair on a machine that does something else.
inline constexpr auto patience = 5000ms;

/// Sees every frame that arrives at an interface of the present namespace.
class Tap {
public:
  Tap(const std::string& link, std::uint16_t ethertype)
      : socket_{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ethertype))} {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ethertype);
    address.sll_ifindex = test::link_number(link);
    // The socket interface wants any address as a sockaddr.
    if (::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
      throw std::runtime_error{"cannot tap " + link};
    }
  }

  /// The next frame that is `wanted`; empty when none comes in time. The kernel itself tells the
  /// neighbours this and that about groups.
  [[nodiscard]] Bytes next(const std::function<bool(const Bytes&)>& wanted) const {
    while (test::readable_within(socket_.number(), patience)) {
      Bytes frame(2048);
      const auto size = ::recv(socket_.number(), frame.data(), frame.size(), 0);
      frame.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
      if (wanted(frame)) {
        return frame;
      }
    }
    return {};
  }

private:
  Descriptor socket_;
};

/// Waits for links of the namespace it was made in to carry frames. Until the kernel has said so it
/// drops what is sent on them, some milliseconds after both ends are up.
class Carriers {
public:
  Carriers() : socket_{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)} {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
      throw std::runtime_error{"cannot listen to the kernel's links"};
    }
  }

  void wait_for(int link) const {
    struct Notification {
      nlmsghdr header;
      ifinfomsg link;
    };

    while (test::readable_within(socket_.number(), patience)) {
      std::array<std::byte, 16384> buffer{};
      ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
      Notification told{};  // the kernel puts one into a datagram
      std::memcpy(&told, buffer.data(), sizeof told);
      if (told.header.nlmsg_type == RTM_NEWLINK && told.link.ifi_index == link &&
          (told.link.ifi_flags & IFF_RUNNING) != 0) {
        return;
      }
    }
    throw std::runtime_error{"the link never carried anything"};
  }

private:
  Descriptor socket_;
};

/// Gives `link` 10.9.0.NUMBER/24, fe80::NUMBER and fd09::NUMBER/64, as far as it lacks them.
inline void give_addresses(const std::string& link, int number) {
  const auto host = std::to_string(number);
  test::ip("address replace 10.9.0." + host + "/24 dev " + link);
  test::ip("address replace fe80::" + host + "/64 dev " + link + " nodad");
  test::ip("address replace fd09::" + host + "/64 dev " + link + " nodad");
}

/// va (02:00:00:00:00:01, with the addresses of number 1) in namespace `here`, vb (...:02, those of
/// number 2) in `there`; the test starts `here`.
class OverACable : public ::testing::Test {
protected:
  OverACable() {
    const Carriers ours;
    // Where both ends have the same number, the kernel takes the pair for something less urgent
    // than a cable and lets it carry frames up to a second later.
    test::ip(
        "link add va index 11 address 02:00:00:00:00:01 type veth peer name vb index 12 "
        "address 02:00:00:00:00:02 netns " +
        there.path());
    bring_up("va", 1);
    there.enter();
    const Carriers theirs;
    bring_up("vb", 2);
    theirs.wait_for(test::link_number("vb"));
    here.enter();
    ours.wait_for(test::link_number("va"));
  }

  /// A link of the present namespace, as the kernel watch would tell of it.
  static ports::Link link(const std::string& name) {
    return {
        .index = {test::link_number(name)}, .name = name, .mac = {}, .up = true, .carrier = true};
  }

  test::NetworkNamespace there;
  test::NetworkNamespace here;

private:
  static void bring_up(const std::string& name, int number) {
    test::ip("link set " + name + " addrgenmode none");  // no link-local addresses but those given
    give_addresses(name, number);
    test::ip("link set " + name + " up");
  }
};

}  // namespace havip::net
