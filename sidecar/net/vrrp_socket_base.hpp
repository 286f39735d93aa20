#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What VRRP's raw sockets of both families share: the limits, the loop that receives, the call that
// sends. vrrp_socket_v4.cpp and vrrp_socket_v6.cpp add what ip(7) and ipv6(7) do differently.
#include "sidecar/base/descriptor.hpp"
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

namespace havip::net {

inline constexpr int protocol_vrrp = 112;          // RFC 9568 sections 5.1.1.4, 5.1.2.4
inline constexpr int required_ttl = 255;           // sections 5.1.1.3, 5.1.2.3
inline constexpr int internetwork_control = 0xc0;  // what keepalived marks its advertisements with

/// An option of socket(7), ip(7) or ipv6(7), the value it gets, and its name for the operator.
struct SocketOption {
  int level;
  int name;
  int value;
  const char* text;
};

Result<> set_options(const Descriptor& socket, std::span<const SocketOption> options);

/// A socket of this domain (AF_INET, AF_INET6) that hears nothing of other links from now on. What
/// the limits of the system shorten is only the time that a pause or a silent peer may last.
Result<Descriptor> open_raw_socket(int domain, const ports::Link& link);

/// Room for the control messages (cmsg(3)) of one datagram.
struct alignas(cmsghdr) ControlBuffer {
  static constexpr std::size_t size = 128;  // one packet info and one hop limit take 64

  std::array<std::byte, size> bytes{};
};

/// A control message of a datagram that was received; empty when the kernel gave none.
template <class Value>
std::optional<Value> control_message(msghdr& message, int level, int type) {
  for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level == level && control->cmsg_type == type &&
        control->cmsg_len >= CMSG_LEN(sizeof(Value))) {
      Value value{};
      std::memcpy(&value, CMSG_DATA(control), sizeof value);
      return value;
    }
  }
  return std::nullopt;
}

/// What sendmsg(2) wants beside the bytes: where they go, and one control message that says from
/// where.
struct Envelope {
  template <class Address, class Info>
  Envelope(const Address& destination, int level, int type, const Info& info)
      : to_size{sizeof destination}, control_size{CMSG_SPACE(sizeof info)} {
    static_assert(sizeof destination <= sizeof to &&
                  CMSG_SPACE(sizeof info) <= ControlBuffer::size);
    std::memcpy(&to, &destination, sizeof destination);
    cmsghdr header{};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(control.bytes.data(), &header, sizeof header);
    std::memcpy(control.bytes.data() + CMSG_LEN(0), &info, sizeof info);
  }

  sockaddr_storage to{};
  socklen_t to_size;
  ControlBuffer control;
  std::size_t control_size;
};

class VrrpSocketBase : public ports::AdvertSocket {
public:
  VrrpSocketBase(Descriptor socket, ports::Link link);

  [[nodiscard]] int descriptor() const final { return socket_.number(); }

  Result<std::optional<ports::Datagram>> receive() final;

  Result<> send(const IpAddress& source,
                const IpAddress& destination,
                std::span<const std::byte> payload) final;

protected:
  [[nodiscard]] const ports::Link& link() const { return link_; }

  /// The datagram in what recvmsg(2) gave, with the link it came in by; empty when it lacks
  /// something or is no datagram of protocol 112.
  [[nodiscard]] virtual std::optional<ports::Datagram> read(
      msghdr& message, std::span<const std::byte> bytes) const = 0;

  [[nodiscard]] virtual Envelope envelope(const IpAddress& source,
                                          const IpAddress& destination) const = 0;

private:
  // 255 IPv6 addresses and a trailer take 4.1 KB; as many IPv4 addresses, options and a
  // trailer 1.2.
  static constexpr std::size_t largest_datagram = 4608;

  Descriptor socket_;
  ports::Link link_;
  std::array<std::byte, largest_datagram> buffer_{};
};

/// open_vrrp_socket() of one family; the error's message names the step alone.
Result<std::unique_ptr<ports::AdvertSocket>> open_vrrp_socket_v4(const ports::Link& link);
Result<std::unique_ptr<ports::AdvertSocket>> open_vrrp_socket_v6(const ports::Link& link);

}  // namespace havip::net
