// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/check.hpp"
#include "sidecar/net/vrrp_socket_base.hpp"

#include <linux/pkt_sched.h>
#include <netinet/in.h>

#include <cerrno>
#include <limits>
#include <utility>

// In linux/in6.h, which cannot stand beside netinet/in.h.
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

namespace havip::net {
namespace {

/// ff02::12, RFC 9568 section 5.1.2.2.
constexpr in6_addr group{{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}}};

in6_addr to_in6_addr(const IpAddress& address) {
  CHECK(address.family() == Family::ipv6);
  in6_addr result{};
  std::memcpy(&result, address.bytes().data(), sizeof result);
  return result;
}

IpAddress to_ip_address(const in6_addr& address) {
  return IpAddress::from_bytes(std::as_bytes(std::span{&address, 1}));
}

/// The group comes last, when the socket is choosy already. IPV6_CHECKSUM stays off: the kernel
/// would sum up everything there is, and a trailer behind the message does not belong to it.
Result<> configure(const Descriptor& socket, const ports::Link& link) {
  const std::array options{
      SocketOption{IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0, "IPV6_MULTICAST_ALL"},
      SocketOption{IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO"},
      SocketOption{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT"},
      SocketOption{IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, "IPV6_MULTICAST_LOOP"},
      SocketOption{IPPROTO_IPV6, IPV6_MULTICAST_HOPS, required_ttl, "IPV6_MULTICAST_HOPS"},
      SocketOption{IPPROTO_IPV6, IPV6_UNICAST_HOPS, required_ttl, "IPV6_UNICAST_HOPS"},
      SocketOption{IPPROTO_IPV6, IPV6_TCLASS, internetwork_control, "IPV6_TCLASS"},
      // Adverts go before bulk data in the card's queue.
      SocketOption{SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL, "SO_PRIORITY"},
      SocketOption{IPPROTO_IPV6, IPV6_MULTICAST_IF, link.index.value, "IPV6_MULTICAST_IF"},
  };
  if (auto set = set_options(socket, options); set.has_error()) {
    return set;
  }
  const ipv6_mreq membership{.ipv6mr_multiaddr = group,
                             .ipv6mr_interface = static_cast<unsigned>(link.index.value)};
  if (::setsockopt(
          socket.number(), IPPROTO_IPV6, IPV6_JOIN_GROUP, &membership, sizeof membership) != 0) {
    return errno_error(errno, "join ff02::12");
  }
  return {};
}

class VrrpSocketV6 final : public VrrpSocketBase {
public:
  using VrrpSocketBase::VrrpSocketBase;

protected:
  // The kernel keeps the IP header and tells what was in it.
  [[nodiscard]] std::optional<ports::Datagram> read(
      msghdr& message, std::span<const std::byte> bytes) const override {
    const auto info = control_message<in6_pktinfo>(message, IPPROTO_IPV6, IPV6_PKTINFO);
    const auto hop_limit = control_message<int>(message, IPPROTO_IPV6, IPV6_HOPLIMIT);
    sockaddr_in6 sender{};
    if (!info || !hop_limit || *hop_limit < 0 ||
        *hop_limit > std::numeric_limits<std::uint8_t>::max() ||
        message.msg_namelen < sizeof sender) {
      return std::nullopt;
    }
    std::memcpy(&sender, message.msg_name, sizeof sender);
    return ports::Datagram{.link = {static_cast<int>(info->ipi6_ifindex)},
                           .source = to_ip_address(sender.sin6_addr),
                           .destination = to_ip_address(info->ipi6_addr),
                           .ttl = static_cast<std::uint8_t>(*hop_limit),
                           .payload = {bytes.begin(), bytes.end()}};
  }

  [[nodiscard]] Envelope envelope(const IpAddress& source,
                                  const IpAddress& destination) const override {
    const auto zone = static_cast<unsigned>(link().index.value);
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_addr = to_in6_addr(destination);
    to.sin6_scope_id = zone;  // only looked at for what is link-local
    in6_pktinfo info{};
    info.ipi6_addr = to_in6_addr(source);
    info.ipi6_ifindex = zone;
    return {to, IPPROTO_IPV6, IPV6_PKTINFO, info};
  }
};

}  // namespace

Result<std::unique_ptr<ports::AdvertSocket>> open_vrrp_socket_v6(const ports::Link& link) {
  auto socket = open_raw_socket(AF_INET6, link);
  if (socket.has_error()) {
    return socket.error();
  }
  if (const auto configured = configure(*socket, link); configured.has_error()) {
    return configured.error();
  }
  return std::unique_ptr<ports::AdvertSocket>{
      std::make_unique<VrrpSocketV6>(std::move(*socket), link)};
}

}  // namespace havip::net
