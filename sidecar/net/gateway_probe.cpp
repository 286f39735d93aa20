// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/gateway_probe.hpp"

#include "sidecar/net/icmp_message.hpp"
#include "sidecar/vrrp/arp.hpp"

#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <string>

namespace havip::net {
namespace {

/// Neighbour discovery never crosses a router (RFC 4861 section 7.1.2).
constexpr int hop_limit_of_this_link = 255;
/// Of one call; what is left then makes the descriptor readable again.
constexpr int most_messages_at_once = 64;
constexpr std::size_t largest_message = 2048;
constexpr unsigned id_mask = 0xffff;

std::uint16_t echo_id() {
  return static_cast<std::uint16_t>(static_cast<unsigned>(::getpid()) & id_mask);
}

template <class Value>
bool set_option(const Descriptor& socket, int level, int option, const Value& value) {
  return ::setsockopt(socket.number(), level, option, &value, sizeof value) == 0;
}

/// A socket address of either family; the scope counts for IPv6 within a link.
class SocketAddress {
public:
  SocketAddress(const IpAddress& address, ports::LinkIndex scope) {
    if (address.family() == Family::ipv4) {
      auto& v4 = reinterpret_cast<sockaddr_in&>(storage_);
      v4.sin_family = AF_INET;
      std::memcpy(&v4.sin_addr, address.bytes().data(), sizeof v4.sin_addr);
      size_ = sizeof v4;
    } else {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(storage_);
      v6.sin6_family = AF_INET6;
      std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
      const bool of_link = address.is_link_local() || address.is_multicast();
      v6.sin6_scope_id = of_link ? static_cast<std::uint32_t>(scope.value) : 0;
      size_ = sizeof v6;
    }
  }

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }

  [[nodiscard]] socklen_t size() const { return size_; }

private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

/// Lets the socket receive nothing but ARP replies of the gateway: there may be a lot of ARP.
bool filter_arp(const Descriptor& socket, const IpAddress& gateway) {
  constexpr std::uint32_t operation = 20;  // offsets in the frame, behind the Ethernet header
  constexpr std::uint32_t sender = 28;
  constexpr std::uint32_t all = 0xffffffff;
  constexpr std::uint32_t reply = 2;
  std::array program{
      sock_filter{.code = BPF_LD | BPF_H | BPF_ABS, .jt = 0, .jf = 0, .k = operation},
      sock_filter{.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 3, .k = reply},
      sock_filter{.code = BPF_LD | BPF_W | BPF_ABS, .jt = 0, .jf = 0, .k = sender},
      sock_filter{.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 1, .k = gateway.v4_number()},
      sock_filter{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = all},
      sock_filter{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0},
  };
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = program.data()};
  return set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, filter);
}

/// Lets the socket receive the answers alone, and see how far away they come from.
bool filter_icmp(const Descriptor& socket, Family family) {
  if (family == Family::ipv4) {
    const icmp_filter only_replies{.data = ~(1U << ICMP_ECHOREPLY)};
    return set_option(socket, SOL_RAW, ICMP_FILTER, only_replies);
  }
  constexpr int yes = 1;
  icmp6_filter answers{};
  ICMP6_FILTER_SETBLOCKALL(&answers);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &answers);
  ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &answers);
  return set_option(socket, IPPROTO_ICMPV6, ICMP6_FILTER, answers) &&
         set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hop_limit_of_this_link) &&
         set_option(socket, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, yes);
}

/// A message with where it came from. Empty when none waits or the socket has an error, which is
/// gone once it was read.
struct Received {
  std::array<std::byte, largest_message> bytes{};
  std::size_t size = 0;
  sockaddr_storage from{};
  int hop_limit = 0;

  bool read(const Descriptor& socket) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec piece{.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr header{};
    header.msg_name = &from;
    header.msg_namelen = sizeof from;
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const auto count = ::recvmsg(socket.number(), &header, MSG_DONTWAIT);
    if (count < 0) {
      return false;
    }
    size = static_cast<std::size_t>(count);
    const auto* const more = CMSG_FIRSTHDR(&header);
    if (more != nullptr && more->cmsg_level == IPPROTO_IPV6 && more->cmsg_type == IPV6_HOPLIMIT) {
      std::memcpy(&hop_limit, CMSG_DATA(more), sizeof hop_limit);
    }
    return true;
  }

  [[nodiscard]] IpAddress sender() const {
    if (from.ss_family == AF_INET) {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
      return IpAddress::from_bytes(std::as_bytes(std::span{&v4.sin_addr, 1}));
    }
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    return IpAddress::from_bytes(std::as_bytes(std::span{&v6.sin6_addr, 1}));
  }

  [[nodiscard]] std::span<const std::byte> whole() const { return std::span{bytes}.first(size); }

  /// A raw socket of IPv4 gets the IP header too, whose length is in its first byte.
  [[nodiscard]] std::span<const std::byte> behind_ip_header(Family family) const {
    if (family == Family::ipv6 || size == 0) {
      return whole();
    }
    constexpr std::byte words_mask{0x0f};
    constexpr std::size_t word = 4;
    const auto length = std::to_integer<std::size_t>(bytes[0] & words_mask) * word;
    return whole().subspan(std::min(length, size));
  }
};

}  // namespace

Result<GatewayProbe> GatewayProbe::open(const IpAddress& gateway) {
  Descriptor ready{::epoll_create1(EPOLL_CLOEXEC)};
  if (!ready.is_open()) {
    return errno_error(errno, "cannot be asked, there is no epoll");
  }
  return GatewayProbe{gateway, std::move(ready)};
}

Error GatewayProbe::failed(int number) const {
  return errno_error(number, "cannot be asked on " + path_->link.name);
}

Result<> GatewayProbe::await(const Descriptor& socket) const {
  epoll_event interest{};
  interest.events = EPOLLIN;
  if (::epoll_ctl(ready_.number(), EPOLL_CTL_ADD, socket.number(), &interest) != 0) {
    return failed(errno);
  }
  return {};
}

Result<> GatewayProbe::follow(const ports::Path& path) {
  const bool same = path_ && path_->link.index == path.link.index &&
                    path_->link.mac == path.link.mac && path_->source == path.source &&
                    path_->on_link == path.on_link;
  const bool opened = icmp_.is_open();
  path_ = path;
  if (same && opened) {
    return {};
  }
  // Closed sockets leave the epoll by themselves.
  arp_ = Descriptor{-1};
  icmp_ = Descriptor{-1};
  mac_.reset();
  if (is_neighbour() && gateway_.family() == Family::ipv4) {
    if (auto arp = open_arp(); !arp) {
      return arp;
    }
  }
  return open_icmp();
}

bool GatewayProbe::is_neighbour() const {
  return path_ && path_->on_link && path_->link.mac != MacAddress{};
}

Result<> GatewayProbe::open_arp() {
  constexpr int nothing_yet = 0;  // until it is bound the socket would hear every interface
  Descriptor socket{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, nothing_yet)};
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ARP);
  address.sll_ifindex = path_->link.index.value;
  if (!socket.is_open() || !filter_arp(socket, gateway_) ||
      ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed(errno);
  }
  arp_ = std::move(socket);
  return await(arp_);
}

Result<> GatewayProbe::open_icmp() {
  const auto family = gateway_.family();
  const bool v4 = family == Family::ipv4;
  const int protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  Descriptor socket{
      ::socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)};
  const SocketAddress source{path_->source, path_->link.index};
  if (!socket.is_open() || !filter_icmp(socket, family) ||
      ::bind(socket.number(), source.get(), source.size()) != 0) {
    return failed(errno);
  }
  // Only now: sockets that are half made must not be taken for good ones.
  if (auto awaited = await(socket); !awaited) {
    return awaited;
  }
  icmp_ = std::move(socket);
  return {};
}

Result<> GatewayProbe::send_icmp(const IpAddress& to, std::span<const std::byte> message) {
  const SocketAddress address{to, path_->link.index};
  const auto sent = ::sendto(
      icmp_.number(), message.data(), message.size(), MSG_DONTWAIT, address.get(), address.size());
  return sent < 0 ? Result<>{failed(errno)} : Result<>{};
}

Result<> GatewayProbe::ask_neighbour() {
  const auto& own = path_->link.mac;
  if (gateway_.family() == Family::ipv6) {
    return send_icmp(solicited_node_group(gateway_), encode_solicitation(gateway_, own));
  }
  const auto frame = vrrp::encode(vrrp::ArpMessage{.operation = vrrp::ArpOperation::request,
                                                   .sender_mac = own,
                                                   .sender = path_->source,
                                                   .target_mac = {},
                                                   .target = gateway_,
                                                   .destination = mac_.value_or(broadcast_mac)});
  const auto sent = ::send(arp_.number(), frame.data(), frame.size(), MSG_DONTWAIT);
  return sent < 0 ? Result<>{failed(errno)} : Result<>{};
}

Result<> GatewayProbe::ask_echo() {
  mac_.reset();  // who did not answer there may have got another one
  ++sequence_;
  return send_icmp(
      gateway_, encode_echo_request(gateway_.family(), {.id = echo_id(), .sequence = sequence_}));
}

bool GatewayProbe::receive_arp() {
  Received received;
  bool answered = false;
  for (int i = 0; i < most_messages_at_once && received.read(arp_); ++i) {
    const auto message = vrrp::decode_arp(received.whole());
    if (message && message->operation == vrrp::ArpOperation::reply && message->sender == gateway_ &&
        message->target == path_->source) {
      mac_ = message->sender_mac;
      answered = true;
    }
  }
  return answered;
}

bool GatewayProbe::receive_icmp() {
  Received received;
  bool answered = false;
  const auto family = gateway_.family();
  for (int i = 0; i < most_messages_at_once && received.read(icmp_); ++i) {
    const auto message = received.behind_ip_header(family);
    const bool echo = received.sender() == gateway_ && is_echo_reply(family, echo_id(), message);
    const bool advert = family == Family::ipv6 && received.hop_limit == hop_limit_of_this_link &&
                        is_solicited_advert(gateway_, message);
    answered = answered || echo || advert;
  }
  return answered;
}

bool GatewayProbe::receive() {
  const bool by_arp = arp_.is_open() && receive_arp();
  const bool by_icmp = icmp_.is_open() && receive_icmp();
  return by_arp || by_icmp;
}

}  // namespace havip::net
