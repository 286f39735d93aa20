// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/solicited_nodes.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

namespace havip::netlink {
namespace {

constexpr std::size_t own_part = 3;  // bytes of the address in its group

/// ff02::1:ff00:0/104 with the last 24 bits of the address.
ipv6_mreq group_of(ports::LinkIndex link, const IpAddress& address) {
  ipv6_mreq request{.ipv6mr_multiaddr = {{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff}}},
                    .ipv6mr_interface = static_cast<unsigned>(link.value)};
  std::ranges::copy(
      address.bytes().last<own_part>(),
      std::as_writable_bytes(std::span{&request.ipv6mr_multiaddr, 1}).last<own_part>().begin());
  return request;
}

bool same_group(const IpAddress& one, const IpAddress& other) {
  return std::ranges::equal(one.bytes().last<own_part>(), other.bytes().last<own_part>());
}

}  // namespace

SolicitedNodes::SolicitedNodes(Descriptor socket) : socket_{std::move(socket)} {}

Result<SolicitedNodes> SolicitedNodes::open() {
  Descriptor socket{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket.is_open() && errno != EAFNOSUPPORT) {  // a kernel without IPv6 needs none of this
    return errno_error(errno, "open a socket for multicast groups");
  }
  return SolicitedNodes{std::move(socket)};
}

void SolicitedNodes::join(ports::LinkIndex link, const IpAddress& address) {
  joined_.emplace(link, address);
  // Also when it was joined before: a link that was made anew may have the same number.
  const auto group = group_of(link, address);
  ::setsockopt(socket_.number(), IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group);
}

void SolicitedNodes::leave(ports::LinkIndex link, const IpAddress& address) {
  if (joined_.erase({link, address}) == 0) {
    return;
  }
  const bool needed = std::ranges::any_of(joined_, [&](const auto& other) {
    return other.first == link && same_group(other.second, address);
  });
  if (!needed) {
    const auto group = group_of(link, address);
    ::setsockopt(socket_.number(), IPPROTO_IPV6, IPV6_LEAVE_GROUP, &group, sizeof group);
  }
}

}  // namespace havip::netlink
