// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/arp.hpp"

#include "sidecar/base/bytes.hpp"
#include "sidecar/base/check.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace havip::vrrp {

ArpMessage gratuitous_arp(ArpOperation form, const IpAddress& address, const MacAddress& mac) {
  return {.operation = form,
          .sender_mac = mac,
          .sender = address,
          .target_mac = broadcast_mac,
          .target = address,
          .destination = broadcast_mac};
}

std::array<std::byte, arp_frame_size> encode(const ArpMessage& message) {
  constexpr std::uint16_t ethertype_arp = 0x0806;
  constexpr std::uint16_t hardware_ethernet = 1;
  constexpr std::uint16_t protocol_ipv4 = 0x0800;
  std::vector<std::byte> bytes;
  bytes.reserve(arp_frame_size);
  ByteWriter out{bytes};
  out.bytes(std::as_bytes(std::span{message.destination.octets}));
  out.bytes(std::as_bytes(std::span{message.sender_mac.octets}));
  out.u16(ethertype_arp);
  out.u16(hardware_ethernet);
  out.u16(protocol_ipv4);
  out.u8(6);
  out.u8(4);
  out.u16(static_cast<std::uint16_t>(message.operation));
  out.bytes(std::as_bytes(std::span{message.sender_mac.octets}));
  out.bytes(message.sender.bytes());
  out.bytes(std::as_bytes(std::span{message.target_mac.octets}));
  out.bytes(message.target.bytes());
  CHECK(bytes.size() == arp_frame_size);
  std::array<std::byte, arp_frame_size> frame{};
  std::ranges::copy(bytes, frame.begin());
  return frame;
}

}  // namespace havip::vrrp
