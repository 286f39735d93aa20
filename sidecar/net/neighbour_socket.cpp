// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/neighbour_socket.hpp"

#include "sidecar/base/descriptor.hpp"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace havip::net {
namespace {

/// Where ff02::1, all nodes of the link, is on Ethernet (RFC 2464 section 7).
constexpr MacAddress all_nodes_mac{{0x33, 0x33, 0x00, 0x00, 0x00, 0x01}};

std::string name_of(ports::LinkIndex link) {
  std::array<char, IF_NAMESIZE> name{};
  if (::if_indextoname(static_cast<unsigned>(link.value), name.data()) == nullptr) {
    return "interface " + std::to_string(link.value);
  }
  return name.data();
}

class PacketSocket final : public ports::NeighbourSocket {
public:
  explicit PacketSocket(Descriptor socket) : socket_{std::move(socket)} {}

  Result<> send(ports::LinkIndex link, const vrrp::ArpMessage& message) override {
    const int failure = transmit(link, ETH_P_ARP, message.destination, vrrp::encode(message));
    if (failure != 0) {
      return errno_error(failure,
                         "send ARP for " + message.sender.to_string() + " on " + name_of(link));
    }
    return {};
  }

  Result<> send(ports::LinkIndex link, const vrrp::NeighbourAdvert& advert) override {
    const int failure = transmit(link, ETH_P_IPV6, all_nodes_mac, vrrp::encode(advert));
    if (failure != 0) {
      return errno_error(failure,
                         "send a neighbour advertisement for " + advert.target.to_string() +
                             " on " + name_of(link));
    }
    return {};
  }

private:
  /// 0, or why the frame was not sent.
  [[nodiscard]] int transmit(ports::LinkIndex link,
                             std::uint16_t ethertype,
                             const MacAddress& destination,
                             std::span<const std::byte> frame) const {
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(ethertype);
    to.sll_ifindex = link.value;
    to.sll_halen = ETH_ALEN;
    std::ranges::copy(destination.octets, std::begin(to.sll_addr));
    // The socket interface wants any address as a sockaddr.
    const auto* const address = reinterpret_cast<const sockaddr*>(&to);
    const auto sent =
        ::sendto(socket_.number(), frame.data(), frame.size(), MSG_DONTWAIT, address, sizeof to);
    return sent < 0 ? errno : 0;
  }

  Descriptor socket_;
};

}  // namespace

Result<std::unique_ptr<ports::NeighbourSocket>> open_neighbour_socket() {
  const std::string what = "open a packet socket for ARP and neighbour advertisements";
  constexpr int nothing = 0;  // no protocol: the kernel queues no frame for this socket
  Descriptor socket{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, nothing)};
  if (!socket.is_open()) {
    return errno_error(errno, what);
  }
  constexpr int priority = TC_PRIO_CONTROL;
  if (::setsockopt(socket.number(), SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority) != 0) {
    return errno_error(errno, what + ": SO_PRIORITY");
  }
  return std::unique_ptr<ports::NeighbourSocket>{std::make_unique<PacketSocket>(std::move(socket))};
}

}  // namespace havip::net
