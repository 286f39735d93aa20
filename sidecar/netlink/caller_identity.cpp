// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/caller_identity.hpp"

#include "sidecar/netlink/socket.hpp"

#include <netlink/msg.h>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

namespace havip::netlink {
namespace {

constexpr std::size_t v4_size = 4;
constexpr std::array<std::byte, 12> mapped_prefix{std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0},
                                                  std::byte{0xff},
                                                  std::byte{0xff}};

/// ::ffff:192.0.2.1 is IPv4 on the wire and in the kernel's tables, whatever the sockets are.
IpAddress unmapped(const IpAddress& address) {
  const auto bytes = address.bytes();
  if (bytes.size() > v4_size && std::ranges::equal(bytes.first<12>(), mapped_prefix)) {
    return IpAddress::from_bytes(bytes.last<v4_size>());
  }
  return address;
}

using Words = std::span<__be32, 4>;  // as inet_diag_sockid holds an address of either family

void store(const IpAddress& address, Words words) {
  std::memcpy(words.data(), address.bytes().data(), address.bytes().size());
}

IpAddress load(std::uint8_t family, Words words) {
  const std::span<const std::byte> bytes = std::as_bytes(words);
  return unmapped(IpAddress::from_bytes(family == AF_INET ? bytes.first(v4_size) : bytes));
}

/// The states of a connection whose other end is, or was a moment ago, in use by a process.
bool is_connected(std::uint8_t state) {
  switch (state) {
    case TCP_ESTABLISHED:
    case TCP_FIN_WAIT1:  // shut down for writing only; an orphan is told by its lack of an inode
    case TCP_FIN_WAIT2:
    case TCP_CLOSE_WAIT:
    case TCP_LAST_ACK:
    case TCP_CLOSING:
      return true;
    default:
      return false;
  }
}

class Diagnosis final : public ports::CallerIdentity {
public:
  explicit Diagnosis(Socket socket) : socket_{std::move(socket)} {}

  std::optional<std::uint32_t> uid_of(const ports::TcpConnection& connection) override {
    // Seen from the client's socket, whose local end is our remote one.
    const auto source = unmapped(connection.remote_address);
    const auto destination = unmapped(connection.local_address);
    if (source.family() != destination.family()) {
      return std::nullopt;
    }
    inet_diag_req_v2 request{};
    request.sdiag_family = source.family() == Family::ipv4 ? AF_INET : AF_INET6;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = ~0U;
    store(source, request.id.idiag_src);
    store(destination, request.id.idiag_dst);
    request.id.idiag_sport = htons(connection.remote_port);
    request.id.idiag_dport = htons(connection.local_port);
    std::ranges::fill(request.id.idiag_cookie, INET_DIAG_NOCOOKIE);
    Message message{SOCK_DIAG_BY_FAMILY, 0, request};

    std::optional<std::uint32_t> uid;
    const auto answered = socket_.exchange(message, [&](const nlmsghdr& reply) {
      inet_diag_msg found{};
      if (reply.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
          ::nlmsg_datalen(&reply) < static_cast<int>(sizeof found)) {
        return;
      }
      std::memcpy(&found, ::nlmsg_data(&reply), sizeof found);
      // Without a connection the kernel offers a listener on the client's port instead.
      const bool same = load(found.idiag_family, found.id.idiag_src) == source &&
                        load(found.idiag_family, found.id.idiag_dst) == destination &&
                        found.id.idiag_sport == request.id.idiag_sport &&
                        found.id.idiag_dport == request.id.idiag_dport;
      if (same && is_connected(found.idiag_state) && found.idiag_inode != 0) {
        uid = found.idiag_uid;
      }
    });
    return answered.has_value() ? uid : std::nullopt;
  }

private:
  Socket socket_;
};

}  // namespace

Result<std::unique_ptr<ports::CallerIdentity>> open_caller_identity() {
  auto socket = Socket::open(NETLINK_SOCK_DIAG);
  if (socket.has_error()) {
    return socket.error();
  }
  std::unique_ptr<ports::CallerIdentity> identity = std::make_unique<Diagnosis>(std::move(*socket));
  // The first question makes the kernel load tcp_diag where that is a module: ask it now, not while
  // a client waits.
  static_cast<void>(identity->uid_of({}));
  return identity;
}

}  // namespace havip::netlink
