#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What ARP messages and neighbour advertisements have in common: the Ethernet header in front of
// them, and MAC addresses within them.
#include "sidecar/base/bytes.hpp"
#include "sidecar/base/ip.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace havip::vrrp {

inline constexpr std::size_t ethernet_header_size = 14;
inline constexpr std::uint16_t ethertype_ipv4 = 0x0800;
inline constexpr std::uint16_t ethertype_arp = 0x0806;
inline constexpr std::uint16_t ethertype_ipv6 = 0x86dd;

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  std::uint16_t ethertype = 0;
};

inline std::optional<MacAddress> read_mac(ByteReader& in) {
  MacAddress mac;
  const auto bytes = in.take(mac.octets.size());
  if (!bytes) {
    return std::nullopt;
  }
  std::ranges::transform(*bytes, mac.octets.begin(), std::to_integer<std::uint8_t>);
  return mac;
}

inline std::optional<EthernetHeader> read_ethernet_header(ByteReader& in) {
  const auto destination = read_mac(in);
  const auto source = read_mac(in);
  const auto ethertype = in.u16();
  if (!ethertype) {
    return std::nullopt;
  }
  return EthernetHeader{*destination, *source, *ethertype};
}

template <class Container>
void write_mac(ByteWriter<Container>& out, const MacAddress& mac) {
  out.bytes(std::as_bytes(std::span{mac.octets}));
}

template <class Container>
void write_ethernet_header(ByteWriter<Container>& out, const EthernetHeader& header) {
  write_mac(out, header.destination);
  write_mac(out, header.source);
  out.u16(header.ethertype);
}

}  // namespace havip::vrrp
