// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/vrrp_socket.hpp"

#include "sidecar/base/descriptor.hpp"
#include "sidecar/net/ipv4_packet.hpp"

#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace havip::net {
namespace {

constexpr int protocol_vrrp = 112;              // RFC 9568 section 5.1.1.4
constexpr std::uint32_t group = 0xe0000012;     // 224.0.0.18, section 5.1.1.2
constexpr int required_ttl = 255;               // section 5.1.1.3
constexpr int internetwork_control = 0xc0;      // what keepalived marks its advertisements with
constexpr int receive_buffer = 1024 * 1024;     // some hundred adverts, while the daemon is starved
constexpr std::size_t largest_datagram = 4096;  // 255 IPv4 addresses, options and a trailer: 1.2 KB
// Whoever floods this host with nonsense of protocol 112 costs it this much per call, no more.
constexpr int most_skipped = 256;

struct Option {
  int level;
  int name;
  int value;
  const char* text;
};

/// What recvmsg() and sendmsg() want for the control message IP_PKTINFO.
struct alignas(cmsghdr) PacketInfoBuffer {
  std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo))> bytes{};
};

in_addr to_in_addr(const IpAddress& address) {
  return {htonl(address.v4_number())};
}

/// Runs before anything is received on purpose: bound and choosy first, member of the group last.
Result<> configure(int socket, const ports::Link& link) {
  const std::array options{
      Option{SOL_SOCKET, SO_BINDTOIFINDEX, link.index.value, "bind to the interface"},
      Option{IPPROTO_IP, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL"},
      Option{IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO"},
      Option{IPPROTO_IP, IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP"},
      Option{IPPROTO_IP, IP_MULTICAST_TTL, required_ttl, "IP_MULTICAST_TTL"},
      Option{IPPROTO_IP, IP_TTL, required_ttl, "IP_TTL"},
      Option{IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "IP_MTU_DISCOVER"},
      Option{IPPROTO_IP, IP_TOS, internetwork_control, "IP_TOS"},
      // After IP_TOS, which sets a priority too: adverts go before bulk data in the card's queue.
      Option{SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL, "SO_PRIORITY"},
  };
  for (const auto& option : options) {
    if (::setsockopt(socket, option.level, option.name, &option.value, sizeof option.value) != 0) {
      return errno_error(errno, option.text);
    }
  }
  // Beyond net.core.rmem_max where permitted; a smaller buffer only shortens what a pause may lose.
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) !=
      0) {
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  ip_mreqn membership{};
  membership.imr_multiaddr.s_addr = htonl(group);
  membership.imr_ifindex = link.index.value;
  if (::setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, &membership, sizeof membership) != 0) {
    return errno_error(errno, "IP_MULTICAST_IF");
  }
  if (::setsockopt(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) != 0) {
    return errno_error(errno, "join 224.0.0.18");
  }
  return {};
}

/// The interface a received packet came in by; 0 when the kernel did not say.
int arrived_at(msghdr& message) {
  for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      return info.ipi_ifindex;
    }
  }
  return 0;
}

class VrrpSocket final : public ports::AdvertSocket {
public:
  VrrpSocket(Descriptor socket, ports::Link link)
      : socket_{std::move(socket)}, link_{std::move(link)} {}

  [[nodiscard]] int descriptor() const override { return socket_.number(); }

  Result<std::optional<ports::Datagram>> receive() override {
    for (int skipped = 0; skipped < most_skipped; ++skipped) {
      PacketInfoBuffer control;
      iovec piece{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
      msghdr message{};
      message.msg_iov = &piece;
      message.msg_iovlen = 1;
      message.msg_control = control.bytes.data();
      message.msg_controllen = control.bytes.size();
      const auto size = ::recvmsg(socket_.number(), &message, MSG_DONTWAIT);
      if (size < 0 && errno == EAGAIN) {
        return std::optional<ports::Datagram>{};
      }
      if (size < 0) {
        return errno_error(errno, "receive advertisements on " + link_.name);
      }
      // A packet may have come in between socket() and the binding, from another interface.
      if ((message.msg_flags & MSG_TRUNC) != 0 || arrived_at(message) != link_.index.value) {
        continue;
      }
      const auto packet = parse_ipv4(std::span{buffer_}.first(static_cast<std::size_t>(size)));
      if (packet && packet->protocol == protocol_vrrp) {
        return std::optional{
            ports::Datagram{.link = link_.index,
                            .source = packet->source,
                            .destination = packet->destination,
                            .ttl = packet->ttl,
                            .payload = {packet->payload.begin(), packet->payload.end()}}};
      }
    }
    return std::optional<ports::Datagram>{};
  }

  Result<> send(const IpAddress& source,
                const IpAddress& destination,
                std::span<const std::byte> payload) override {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr = to_in_addr(destination);
    // sendmsg() takes what it sends as mutable, and leaves it alone.
    iovec piece{.iov_base = const_cast<std::byte*>(payload.data()), .iov_len = payload.size()};
    PacketInfoBuffer control;
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = sizeof to;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    cmsghdr header{};
    header.cmsg_level = IPPROTO_IP;
    header.cmsg_type = IP_PKTINFO;
    header.cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst = to_in_addr(source);
    std::memcpy(control.bytes.data(), &header, sizeof header);
    std::memcpy(control.bytes.data() + CMSG_LEN(0), &info, sizeof info);
    if (::sendmsg(socket_.number(), &message, MSG_DONTWAIT) < 0) {
      return errno_error(errno,
                         "send an advertisement from " + source.to_string() + " to " +
                             destination.to_string() + " on " + link_.name);
    }
    return {};
  }

private:
  Descriptor socket_;
  ports::Link link_;
  std::array<std::byte, largest_datagram> buffer_{};
};

}  // namespace

Result<std::unique_ptr<ports::AdvertSocket>> open_vrrp_socket(const ports::Link& link,
                                                              Family family) {
  const auto what = "open a VRRP socket on " + link.name;
  if (family != Family::ipv4) {
    return Error{std::make_error_code(std::errc::address_family_not_supported),
                 what + ": IPv6 is not supported yet"};
  }
  Descriptor socket{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol_vrrp)};
  if (!socket.is_open()) {
    return errno_error(errno, what);
  }
  if (const auto configured = configure(socket.number(), link); configured.has_error()) {
    const auto& error = configured.error();
    return Error{error.code, what + ": " + error.message};
  }
  return std::unique_ptr<ports::AdvertSocket>{
      std::make_unique<VrrpSocket>(std::move(socket), link)};
}

}  // namespace havip::net
