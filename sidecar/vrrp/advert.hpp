#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// VRRP's one message, the ADVERTISEMENT, on the wire: version 3 of both families (RFC 9568
// section 5) and version 2 (RFC 3768 section 5). The checksum of version 3 over IPv4 has had three
// readings, which are told apart here.
#include "sidecar/base/ip.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/vrrp/trailer.hpp"
#include "sidecar/vrrp/types.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace havip::vrrp {

/// The Max Advertise Interval has 12 bits (RFC 9568 section 5.2.7).
inline constexpr Centiseconds longest_interval{4095};

/// The Adver Int of version 2 has 8 bits and counts seconds (RFC 3768 section 5.3.7).
inline constexpr Centiseconds longest_interval_v2{25500};

struct Advert {
  Version version = Version::v3;
  Vrid vrid;
  Priority priority;
  Centiseconds interval{100};  ///< whole seconds in version 2
  std::vector<IpAddress> addresses;

  friend bool operator==(const Advert&, const Advert&) = default;
};

/// What the checksum covers. For IPv6 it is always the message and its pseudo-header, for version
/// 2 always the message with its authentication data.
enum class ChecksumForm : std::uint8_t {
  message,              ///< RFC 9568 section 5.2.8: from Version to the last address
  pseudo_header,        ///< the usual reading of RFC 5798: keepalived, FRR
  group_pseudo_header,  ///< the same with 224.0.0.18 even in unicast: keepalived before 1.3.7
};

/// Version 2's Auth Type (RFC 2338 section 5.3.6): 0 is none, 1 a simple password.
using AuthType = std::uint8_t;
inline constexpr AuthType auth_none = 0;
inline constexpr AuthType auth_password = 1;

/// Version 2's Authentication Data: a password of at most 8 characters, padded with zeros.
using AuthData = std::array<std::byte, 8>;

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
  AuthType auth_type = auth_none;  ///< of version 2; version 3 has none (RFC 9568 section 9)
  AuthData auth_data{};            ///< of version 2
  std::size_t size = 0;            ///< of the message in the payload, without a trailer behind it
  std::optional<Trailer> trailer = std::nullopt;  ///< not verified yet

  friend bool operator==(const DecodedAdvert&, const DecodedAdvert&) = default;
};

/// 224.0.0.18 or ff02::12 (RFC 9568 sections 5.1.1.2, 5.1.2.2).
IpAddress vrrp_group(Family family);

/// Reads an advertisement of either version and makes the checks of RFC 9568 section 7.1 (RFC 3768
/// section 7.1) that need no configuration: TTL, version, type, length, checksum. The reserved bits
/// are ignored. Behind the message there may be nothing or one trailer, which the checksum does not
/// cover.
boost::system::result<DecodedAdvert, Rejection> decode(const Packet& packet);

/// The VRID a packet claims to be for, even when decode() refuses the rest; 0 when too short.
Vrid claimed_vrid(std::span<const std::byte> payload);

/// The message as it goes from `source` to `destination`. There must be 1 to 255 addresses of the
/// family of `source`, and the interval must fit its field; version 2 takes IPv4 and whole seconds.
/// `password` is for version 2 alone: Auth Type 1.
std::vector<std::byte> encode(const Advert& advert,
                              ChecksumForm form,
                              const IpAddress& source,
                              const IpAddress& destination,
                              const std::optional<AuthData>& password = std::nullopt);

}  // namespace havip::vrrp
