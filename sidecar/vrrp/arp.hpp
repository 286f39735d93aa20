#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace havip::vrrp {

enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };

/// One ARP message for Ethernet and IPv4 (RFC 826) and the Ethernet address it goes to.
struct ArpMessage {
  ArpOperation operation = ArpOperation::request;
  MacAddress sender_mac;
  IpAddress sender;
  MacAddress target_mac;
  IpAddress target;
  MacAddress destination = broadcast_mac;

  friend bool operator==(const ArpMessage&, const ArpMessage&) = default;
};

/// The two gratuitous forms (RFC 5944 section 4.6): neighbours differ in which one they believe.
/// The request's target is broadcast, which means nothing there; the reply's is the sender.
ArpMessage gratuitous_arp(ArpOperation form, const IpAddress& address, const MacAddress& mac);

inline constexpr std::size_t arp_frame_size = 42;

/// The whole Ethernet frame, without padding.
std::array<std::byte, arp_frame_size> encode(const ArpMessage& message);

/// An ARP message for Ethernet and IPv4 from its Ethernet frame; empty when it is anything else or
/// incomplete. Padding behind it is ignored.
std::optional<ArpMessage> decode_arp(std::span<const std::byte> frame);

}  // namespace havip::vrrp
