// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/ipv4_packet.hpp"

#include "sidecar/base/bytes.hpp"

namespace havip::net {
namespace {

constexpr std::size_t shortest_header = 20;
constexpr std::size_t address_size = 4;
constexpr unsigned more_fragments_or_offset = 0x3fff;

}  // namespace

std::optional<Ipv4Packet> parse_ipv4(std::span<const std::byte> bytes) {
  if (bytes.size() < shortest_header) {
    return std::nullopt;
  }
  // The fixed part is all there: nothing below reads past the end of it.
  ByteReader header{bytes};
  const unsigned version_and_length = *header.u8();
  header.u8();  // type of service
  const std::size_t total_length = *header.u16();
  header.u16();  // identification
  const unsigned fragment = *header.u16();
  Ipv4Packet packet;
  packet.ttl = *header.u8();
  packet.protocol = *header.u8();
  header.u16();  // header checksum
  packet.source = IpAddress::from_bytes(*header.take(address_size));
  packet.destination = IpAddress::from_bytes(*header.take(address_size));

  const std::size_t header_length = std::size_t{4} * (version_and_length & 0x0fU);
  const bool plausible = (version_and_length >> 4U) == 4 && header_length >= shortest_header &&
                         header_length <= total_length && total_length <= bytes.size() &&
                         (fragment & more_fragments_or_offset) == 0;
  if (!plausible) {
    return std::nullopt;
  }
  packet.payload = bytes.first(total_length).subspan(header_length);
  return packet;
}

}  // namespace havip::net
