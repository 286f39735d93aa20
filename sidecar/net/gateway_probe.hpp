#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/descriptor.hpp"
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/ports/path.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace havip::net {

/// Asks one gateway whether it is there: by ARP or a neighbour solicitation where it is on the
/// link, and by ICMP echo. Nothing here waits; who uses it waits on descriptor() and counts.
///
/// Its sockets belong to a path and are opened anew when the path changes; needs CAP_NET_RAW. The
/// texts of errors go on after the gateway's address. One thread.
class GatewayProbe {
public:
  static Result<GatewayProbe> open(const IpAddress& gateway);

  /// Readable when receive() has something to read; the same one for the whole life.
  [[nodiscard]] int descriptor() const { return ready_.number(); }

  /// Questions go this way from now on.
  Result<> follow(const ports::Path& path);

  /// Whether the link can be asked: the gateway is on it, and it has MAC addresses.
  [[nodiscard]] bool is_neighbour() const;

  /// Asks the link. Where the gateway's MAC is known from the last answer only the gateway is
  /// asked, lest every host of the network be woken up several times a second.
  Result<> ask_neighbour();

  Result<> ask_echo();

  /// Reads what waits; true when an answer of the gateway was among it.
  bool receive();

private:
  GatewayProbe(const IpAddress& gateway, Descriptor ready)
      : gateway_{gateway}, ready_{std::move(ready)} {}

  Result<> open_arp();
  Result<> open_icmp();
  [[nodiscard]] Result<> await(const Descriptor& socket) const;
  [[nodiscard]] Error failed(int number) const;
  Result<> send_icmp(const IpAddress& to, std::span<const std::byte> message);
  bool receive_arp();
  bool receive_icmp();

  IpAddress gateway_;
  Descriptor ready_;  ///< an epoll of the sockets
  std::optional<ports::Path> path_;
  Descriptor arp_{-1};
  Descriptor icmp_{-1};
  std::optional<MacAddress> mac_;  ///< the gateway's, until it does not answer
  std::uint16_t sequence_ = 0;
};

}  // namespace havip::net
