#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace havip::net {

/// What a raw socket needs of an IPv4 packet (RFC 791 section 3.1).
struct Ipv4Packet {
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 0;
  std::uint8_t protocol = 0;
  std::span<const std::byte> payload;  ///< points into the bytes that were parsed
};

/// Empty when the header is no IPv4 header, when it promises more than there is, or when the packet
/// is a fragment. Bytes behind the total length are padding and left out. The header's checksum was
/// the kernel's to check.
std::optional<Ipv4Packet> parse_ipv4(std::span<const std::byte> bytes);

}  // namespace havip::net
