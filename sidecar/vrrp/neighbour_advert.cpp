// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/neighbour_advert.hpp"

#include "sidecar/base/bytes.hpp"
#include "sidecar/base/check.hpp"
#include "sidecar/vrrp/ethernet.hpp"
#include "sidecar/vrrp/pseudo_header.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace havip::vrrp {
namespace {

constexpr unsigned ip_version = 6;
constexpr std::uint8_t required_hop_limit = 255;
constexpr std::size_t address_size = 16;
constexpr std::size_t ipv6_header_size = 40;
/// RFC 4861 section 4.4: type, code, checksum, flags and the target.
constexpr std::size_t smallest_advert = 24;
constexpr std::size_t checksum_offset = 2;
constexpr std::uint8_t type_neighbour_advert = 136;
constexpr std::uint8_t code_neighbour_advert = 0;
constexpr std::uint8_t flag_router = 0x80;
constexpr std::uint8_t flag_solicited = 0x40;
constexpr std::uint8_t flag_override = 0x20;
/// RFC 4861 section 4.6.1. Lengths of options count 8 bytes.
constexpr std::uint8_t option_target_link_layer_address = 2;
constexpr std::size_t option_unit = 8;
constexpr std::uint8_t units_of_mac_option = 1;

/// 33:33:00:00:00:01, for ff02::1 (RFC 2464 section 7).
constexpr MacAddress all_nodes_mac{{0x33, 0x33, 0, 0, 0, 1}};

/// ff02::1.
IpAddress all_nodes() {
  std::array<std::byte, address_size> bytes{};
  bytes[0] = std::byte{0xff};
  bytes[1] = std::byte{0x02};
  bytes[address_size - 1] = std::byte{0x01};
  return IpAddress::from_bytes(bytes);
}

struct Ipv6Packet {
  IpAddress source;
  IpAddress destination;
  std::span<const std::byte> payload;
};

/// An IPv6 packet that carries ICMPv6 right behind its header and comes from this very link.
std::optional<Ipv6Packet> read_icmpv6_of_this_link(ByteReader& in) {
  const auto version_and_class = in.u8();
  const auto rest_of_flow = in.take(3);
  const auto length = in.u16();
  const auto next_header = in.u8();
  const auto hop_limit = in.u8();
  const auto source = in.take(address_size);
  const auto destination = in.take(address_size);
  if (!rest_of_flow || !destination) {
    return std::nullopt;
  }
  const auto payload = in.take(*length);
  if (!payload || *version_and_class >> 4U != ip_version || next_header != protocol_icmpv6 ||
      hop_limit != required_hop_limit) {
    return std::nullopt;
  }
  return Ipv6Packet{IpAddress::from_bytes(*source), IpAddress::from_bytes(*destination), *payload};
}

/// Goes through all options, for a malformed one spoils the message even behind the one that is
/// looked for (RFC 4861 section 7.1.2).
std::optional<MacAddress> read_target_mac(ByteReader& options) {
  std::optional<MacAddress> mac;
  while (options.left() > 0) {
    const auto type = options.u8();
    const auto units = options.u8();
    if (!units || *units == 0) {
      return std::nullopt;
    }
    const auto body = options.take(option_unit * *units - 2);
    if (!body) {
      return std::nullopt;
    }
    if (type == option_target_link_layer_address && units == units_of_mac_option && !mac) {
      ByteReader in{*body};
      mac = read_mac(in);
    }
  }
  return mac;
}

}  // namespace

std::array<std::byte, neighbour_advert_frame_size> encode(const NeighbourAdvert& advert) {
  CHECK(advert.target.family() == Family::ipv6);
  constexpr std::size_t message_offset = ethernet_header_size + ipv6_header_size;
  constexpr std::size_t message_size = smallest_advert + option_unit * units_of_mac_option;
  const auto destination = all_nodes();
  std::vector<std::byte> bytes;
  bytes.reserve(neighbour_advert_frame_size);
  ByteWriter out{bytes};
  write_ethernet_header(out, {all_nodes_mac, advert.mac, ethertype_ipv6});
  out.u16(ip_version << 12U);
  out.u16(0);
  out.u16(message_size);
  out.u8(protocol_icmpv6);
  out.u8(required_hop_limit);
  out.bytes(advert.target.bytes());
  out.bytes(destination.bytes());
  out.u8(type_neighbour_advert);
  out.u8(code_neighbour_advert);
  out.u16(0);
  out.u16((flag_router | flag_override) << 8U);
  out.u16(0);
  out.bytes(advert.target.bytes());
  out.u8(option_target_link_layer_address);
  out.u8(units_of_mac_option);
  write_mac(out, advert.mac);
  CHECK(bytes.size() == neighbour_advert_frame_size);
  std::array<std::byte, neighbour_advert_frame_size> frame{};
  std::ranges::copy(bytes, frame.begin());

  const auto message = std::span{frame}.subspan(message_offset);
  const auto checksum =
      pseudo_header(advert.target, destination, message_size, protocol_icmpv6).add(message).value();
  message[checksum_offset] = static_cast<std::byte>(checksum >> 8U);
  message[checksum_offset + 1] = static_cast<std::byte>(checksum & 0xffU);
  return frame;
}

std::optional<NeighbourAdvert> decode_neighbour_advert(std::span<const std::byte> frame) {
  ByteReader in{frame};
  const auto ethernet = read_ethernet_header(in);
  if (!ethernet || ethernet->ethertype != ethertype_ipv6) {
    return std::nullopt;
  }
  const auto packet = read_icmpv6_of_this_link(in);
  if (!packet) {
    return std::nullopt;
  }
  const auto length = packet->payload.size();
  if (pseudo_header(packet->source, packet->destination, length, protocol_icmpv6)
          .add(packet->payload)
          .value() != 0) {
    return std::nullopt;
  }
  ByteReader message{packet->payload};
  const auto type = message.u8();
  const auto code = message.u8();
  const auto checksum = message.u16();
  const auto flags = message.u8();
  const auto reserved = message.take(3);
  const auto target_bytes = message.take(address_size);
  if (!checksum || !reserved || !target_bytes || type != type_neighbour_advert ||
      code != code_neighbour_advert || (*flags & flag_solicited) != 0) {
    return std::nullopt;
  }
  const auto target = IpAddress::from_bytes(*target_bytes);
  const auto mac = read_target_mac(message);
  if (target.is_multicast() || !mac) {
    return std::nullopt;
  }
  return NeighbourAdvert{.target = target, .mac = *mac};
}

}  // namespace havip::vrrp
