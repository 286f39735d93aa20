#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>

namespace havip::vrrp {

/// IPv6's way to say "this address is at that MAC" (RFC 4861 section 4.4), unasked for and to all
/// nodes, as RFC 9568 section 6.4.2 wants it: R = 1, S = 0, O = 1, with the Target Link-Layer
/// Address option.
struct NeighbourAdvert {
  IpAddress target;
  MacAddress mac;

  friend bool operator==(const NeighbourAdvert&, const NeighbourAdvert&) = default;
};

inline constexpr std::size_t neighbour_advert_frame_size = 86;

/// The whole Ethernet frame, from the target itself to ff02::1 with hop limit 255.
std::array<std::byte, neighbour_advert_frame_size> encode(const NeighbourAdvert& advert);

/// An unsolicited neighbour advertisement that somebody sent, from its Ethernet frame; empty when
/// it is anything else or malformed (RFC 4861 section 7.1.2).
std::optional<NeighbourAdvert> decode_neighbour_advert(std::span<const std::byte> frame);

}  // namespace havip::vrrp
