// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/arp.hpp"

#include "sidecar/base/bytes.hpp"
#include "sidecar/base/check.hpp"
#include "sidecar/vrrp/ethernet.hpp"

#include <algorithm>
#include <vector>

namespace havip::vrrp {
namespace {

constexpr std::uint16_t hardware_ethernet = 1;
constexpr std::uint8_t mac_size = 6;
constexpr std::uint8_t address_size = 4;

/// Takes the four fields that say which kinds of addresses follow.
bool is_for_ethernet_and_ipv4(ByteReader& in) {
  const auto hardware = in.u16();
  const auto protocol = in.u16();
  const auto hardware_size = in.u8();
  const auto protocol_size = in.u8();
  return hardware == hardware_ethernet && protocol == ethertype_ipv4 && hardware_size == mac_size &&
         protocol_size == address_size;
}

std::optional<ArpOperation> read_operation(ByteReader& in) {
  const auto number = in.u16();
  if (number == static_cast<std::uint16_t>(ArpOperation::request)) {
    return ArpOperation::request;
  }
  if (number == static_cast<std::uint16_t>(ArpOperation::reply)) {
    return ArpOperation::reply;
  }
  return std::nullopt;
}

}  // namespace

ArpMessage gratuitous_arp(ArpOperation form, const IpAddress& address, const MacAddress& mac) {
  return {.operation = form,
          .sender_mac = mac,
          .sender = address,
          .target_mac = form == ArpOperation::reply ? mac : broadcast_mac,
          .target = address,
          .destination = broadcast_mac};
}

std::array<std::byte, arp_frame_size> encode(const ArpMessage& message) {
  std::vector<std::byte> bytes;
  bytes.reserve(arp_frame_size);
  ByteWriter out{bytes};
  write_ethernet_header(out, {message.destination, message.sender_mac, ethertype_arp});
  out.u16(hardware_ethernet);
  out.u16(ethertype_ipv4);
  out.u8(mac_size);
  out.u8(address_size);
  out.u16(static_cast<std::uint16_t>(message.operation));
  write_mac(out, message.sender_mac);
  out.bytes(message.sender.bytes());
  write_mac(out, message.target_mac);
  out.bytes(message.target.bytes());
  CHECK(bytes.size() == arp_frame_size);
  std::array<std::byte, arp_frame_size> frame{};
  std::ranges::copy(bytes, frame.begin());
  return frame;
}

std::optional<ArpMessage> decode_arp(std::span<const std::byte> frame) {
  ByteReader in{frame};
  const auto ethernet = read_ethernet_header(in);
  if (!ethernet || ethernet->ethertype != ethertype_arp || !is_for_ethernet_and_ipv4(in)) {
    return std::nullopt;
  }
  const auto operation = read_operation(in);
  const auto sender_mac = read_mac(in);
  const auto sender = in.take(address_size);
  const auto target_mac = read_mac(in);
  const auto target = in.take(address_size);
  if (!operation || !target) {
    return std::nullopt;
  }
  return ArpMessage{.operation = *operation,
                    .sender_mac = *sender_mac,
                    .sender = IpAddress::from_bytes(*sender),
                    .target_mac = *target_mac,
                    .target = IpAddress::from_bytes(*target),
                    .destination = ethernet->destination};
}

}  // namespace havip::vrrp
