// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/vrrp_socket_base.hpp"

#include <linux/pkt_sched.h>

#include <cerrno>
#include <utility>

namespace havip::net {
namespace {

constexpr int receive_buffer = 1024 * 1024;  // some hundred adverts, while the daemon is starved
// What goes to a neighbour that does not answer waits in the kernel for three seconds, up to 208 KB
// (net.ipv4.neigh.default.unres_qlen_bytes), and counts against this socket. With the default
// buffer two or three dead peers would silence the node towards the living ones.
constexpr int send_buffer = 4 * 1024 * 1024;
// Whoever floods this host with nonsense of protocol 112 costs it this much per call, no more.
constexpr int most_skipped = 256;

/// As large as wished where that is permitted, else as large as the system lets everybody.
void set_buffer(const Descriptor& socket, int forced, int modest, int bytes) {
  if (::setsockopt(socket.number(), SOL_SOCKET, forced, &bytes, sizeof bytes) != 0) {
    ::setsockopt(socket.number(), SOL_SOCKET, modest, &bytes, sizeof bytes);
  }
}

}  // namespace

Result<> set_options(const Descriptor& socket, std::span<const SocketOption> options) {
  for (const auto& option : options) {
    const auto size = static_cast<socklen_t>(sizeof option.value);
    if (::setsockopt(socket.number(), option.level, option.name, &option.value, size) != 0) {
      return errno_error(errno, option.text);
    }
  }
  return {};
}

Result<Descriptor> open_raw_socket(int domain, const ports::Link& link) {
  Descriptor socket{::socket(domain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol_vrrp)};
  if (!socket.is_open()) {
    return errno_error(errno, "socket");
  }
  const std::array options{
      SocketOption{SOL_SOCKET, SO_BINDTOIFINDEX, link.index.value, "bind to the interface"}};
  if (const auto bound = set_options(socket, options); bound.has_error()) {
    return bound.error();
  }
  set_buffer(socket, SO_RCVBUFFORCE, SO_RCVBUF, receive_buffer);
  set_buffer(socket, SO_SNDBUFFORCE, SO_SNDBUF, send_buffer);
  return socket;
}

VrrpSocketBase::VrrpSocketBase(Descriptor socket, ports::Link link)
    : socket_{std::move(socket)}, link_{std::move(link)} {}

Result<std::optional<ports::Datagram>> VrrpSocketBase::receive() {
  for (int skipped = 0; skipped < most_skipped; ++skipped) {
    sockaddr_storage sender{};
    ControlBuffer control;
    iovec piece{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const auto size = ::recvmsg(socket_.number(), &message, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) {
      break;
    }
    if (size < 0) {
      return errno_error(errno, "receive advertisements on " + link_.name);
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) {
      continue;
    }
    auto datagram = read(message, std::span{buffer_}.first(static_cast<std::size_t>(size)));
    // A packet may have come in between socket() and the binding, from another interface.
    if (datagram && datagram->link == link_.index) {
      return datagram;
    }
  }
  return std::optional<ports::Datagram>{};
}

Result<> VrrpSocketBase::send(const IpAddress& source,
                              const IpAddress& destination,
                              std::span<const std::byte> payload) {
  auto sealed = envelope(source, destination);
  // sendmsg() takes what it sends as mutable, and leaves it alone.
  iovec piece{.iov_base = const_cast<std::byte*>(payload.data()), .iov_len = payload.size()};
  msghdr message{};
  message.msg_name = &sealed.to;
  message.msg_namelen = sealed.to_size;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = sealed.control.bytes.data();
  message.msg_controllen = sealed.control_size;
  if (::sendmsg(socket_.number(), &message, MSG_DONTWAIT) < 0) {
    return errno_error(errno,
                       "send an advertisement from " + source.to_string() + " to " +
                           destination.to_string() + " on " + link_.name);
  }
  return {};
}

}  // namespace havip::net
