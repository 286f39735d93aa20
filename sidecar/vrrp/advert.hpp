#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// VRRP's one message, the ADVERTISEMENT, on the wire (RFC 9568 section 5). Version 3 of both
// families; the IPv4 checksum has had three readings, which are told apart here.
#include "sidecar/base/ip.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/vrrp/types.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace havip::vrrp {

/// The Max Advertise Interval has 12 bits (RFC 9568 section 5.2.7).
inline constexpr Centiseconds longest_interval{4095};

struct Advert {
  Vrid vrid;
  Priority priority;
  Centiseconds interval{100};
  std::vector<IpAddress> addresses;

  friend bool operator==(const Advert&, const Advert&) = default;
};

/// What the checksum covers. For IPv6 it is always the message and its pseudo-header.
enum class ChecksumForm : std::uint8_t {
  message,        ///< RFC 9568 section 5.2.8: from Version to the last address
  pseudo_header,  ///< the usual reading of RFC 5798: keepalived, FRR
};

/// A received IP datagram of protocol 112. The payload must outlive it.
struct Packet {
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 0;
  std::span<const std::byte> payload;
};

struct DecodedAdvert {
  Advert advert;
  ChecksumForm form = ChecksumForm::message;

  friend bool operator==(const DecodedAdvert&, const DecodedAdvert&) = default;
};

/// 224.0.0.18 or ff02::12 (RFC 9568 sections 5.1.1.2, 5.1.2.2).
IpAddress vrrp_group(Family family);

/// Reads an advertisement and makes the checks of RFC 9568 section 7.1 that need no configuration:
/// TTL, version, type, length, checksum. The reserved bits are ignored.
boost::system::result<DecodedAdvert, Rejection> decode(const Packet& packet);

/// The VRID a packet claims to be for, even when decode() refuses the rest; 0 when too short.
Vrid claimed_vrid(std::span<const std::byte> payload);

/// The message as it goes from `source` to `destination`. The interval must fit 12 bits and there
/// must be 1 to 255 addresses of the family of `source`.
std::vector<std::byte> encode(const Advert& advert,
                              ChecksumForm form,
                              const IpAddress& source,
                              const IpAddress& destination);

}  // namespace havip::vrrp
