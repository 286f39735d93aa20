#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/checksum.hpp"
#include "sidecar/base/ip.hpp"

#include <cstddef>
#include <cstdint>

namespace havip::vrrp {

inline constexpr std::uint8_t protocol_vrrp = 112;
inline constexpr std::uint8_t protocol_icmpv6 = 58;

/// The beginning of a checksum over `length` bytes that go between these addresses: RFC 8200
/// section 8.1, and its IPv4 counterpart of RFC 9293 section 3.1. The sum of the fields is the same
/// in whatever order and width they stand.
inline Checksum pseudo_header(const IpAddress& source,
                              const IpAddress& destination,
                              std::size_t length,
                              std::uint8_t protocol) {
  Checksum sum;
  sum.add(source.bytes()).add(destination.bytes());
  sum.add_u16(static_cast<std::uint16_t>(length)).add_u16(protocol);
  return sum;
}

}  // namespace havip::vrrp
