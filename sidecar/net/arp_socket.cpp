// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/arp_socket.hpp"

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
#include <string>
#include <utility>

namespace havip::net {
namespace {

std::string name_of(ports::LinkIndex link) {
  std::array<char, IF_NAMESIZE> name{};
  if (::if_indextoname(static_cast<unsigned>(link.value), name.data()) == nullptr) {
    return "interface " + std::to_string(link.value);
  }
  return name.data();
}

class PacketSocket final : public ports::ArpSocket {
public:
  explicit PacketSocket(Descriptor socket) : socket_{std::move(socket)} {}

  Result<> send(ports::LinkIndex link, const vrrp::ArpMessage& message) override {
    const auto frame = vrrp::encode(message);
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(ETH_P_ARP);
    to.sll_ifindex = link.value;
    to.sll_halen = ETH_ALEN;
    std::ranges::copy(message.destination.octets, std::begin(to.sll_addr));
    // The socket interface wants any address as a sockaddr.
    const auto* const address = reinterpret_cast<const sockaddr*>(&to);
    if (::sendto(socket_.number(), frame.data(), frame.size(), MSG_DONTWAIT, address, sizeof to) <
        0) {
      return errno_error(errno,
                         "send ARP for " + message.sender.to_string() + " on " + name_of(link));
    }
    return {};
  }

private:
  Descriptor socket_;
};

}  // namespace

Result<std::unique_ptr<ports::ArpSocket>> open_arp_socket() {
  constexpr int nothing = 0;  // no protocol: the kernel queues no frame for this socket
  Descriptor socket{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, nothing)};
  if (!socket.is_open()) {
    return errno_error(errno, "open a packet socket for ARP");
  }
  constexpr int priority = TC_PRIO_CONTROL;
  if (::setsockopt(socket.number(), SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority) != 0) {
    return errno_error(errno, "open a packet socket for ARP: SO_PRIORITY");
  }
  return std::unique_ptr<ports::ArpSocket>{std::make_unique<PacketSocket>(std::move(socket))};
}

}  // namespace havip::net
