// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/ipv4_packet.hpp"
#include "sidecar/net/vrrp_socket_base.hpp"

#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <netinet/ip.h>

#include <cerrno>
#include <utility>

namespace havip::net {
namespace {

constexpr std::uint32_t group = 0xe0000012;  // 224.0.0.18, RFC 9568 section 5.1.1.2

in_addr to_in_addr(const IpAddress& address) {
  return {htonl(address.v4_number())};
}

/// The group comes last, when the socket is choosy already.
Result<> configure(const Descriptor& socket, const ports::Link& link) {
  constexpr std::array options{
      SocketOption{IPPROTO_IP, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL"},
      SocketOption{IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO"},
      SocketOption{IPPROTO_IP, IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP"},
      SocketOption{IPPROTO_IP, IP_MULTICAST_TTL, required_ttl, "IP_MULTICAST_TTL"},
      SocketOption{IPPROTO_IP, IP_TTL, required_ttl, "IP_TTL"},
      SocketOption{IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "IP_MTU_DISCOVER"},
      SocketOption{IPPROTO_IP, IP_TOS, internetwork_control, "IP_TOS"},
      // After IP_TOS, which sets a priority too: adverts go before bulk data in the card's queue.
      SocketOption{SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL, "SO_PRIORITY"},
  };
  if (auto set = set_options(socket, options); set.has_error()) {
    return set;
  }
  ip_mreqn membership{};
  membership.imr_multiaddr.s_addr = htonl(group);
  membership.imr_ifindex = link.index.value;
  constexpr auto size = static_cast<socklen_t>(sizeof membership);
  if (::setsockopt(socket.number(), IPPROTO_IP, IP_MULTICAST_IF, &membership, size) != 0) {
    return errno_error(errno, "IP_MULTICAST_IF");
  }
  if (::setsockopt(socket.number(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, size) != 0) {
    return errno_error(errno, "join 224.0.0.18");
  }
  return {};
}

class VrrpSocketV4 final : public VrrpSocketBase {
public:
  using VrrpSocketBase::VrrpSocketBase;

protected:
  // The kernel gives the IP header along.
  [[nodiscard]] std::optional<ports::Datagram> read(
      msghdr& message, std::span<const std::byte> bytes) const override {
    const auto info = control_message<in_pktinfo>(message, IPPROTO_IP, IP_PKTINFO);
    const auto packet = parse_ipv4(bytes);
    if (!info || !packet || packet->protocol != protocol_vrrp) {
      return std::nullopt;
    }
    return ports::Datagram{.link = {info->ipi_ifindex},
                           .source = packet->source,
                           .destination = packet->destination,
                           .ttl = packet->ttl,
                           .payload = {packet->payload.begin(), packet->payload.end()}};
  }

  [[nodiscard]] Envelope envelope(const IpAddress& source,
                                  const IpAddress& destination) const override {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr = to_in_addr(destination);
    in_pktinfo info{};
    info.ipi_spec_dst = to_in_addr(source);
    return {to, IPPROTO_IP, IP_PKTINFO, info};
  }
};

}  // namespace

Result<std::unique_ptr<ports::AdvertSocket>> open_vrrp_socket_v4(const ports::Link& link) {
  auto socket = open_raw_socket(AF_INET, link);
  if (socket.has_error()) {
    return socket.error();
  }
  if (const auto configured = configure(*socket, link); configured.has_error()) {
    return configured.error();
  }
  return std::unique_ptr<ports::AdvertSocket>{
      std::make_unique<VrrpSocketV4>(std::move(*socket), link)};
}

}  // namespace havip::net
