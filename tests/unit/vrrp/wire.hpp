#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/vrrp/advert.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace havip::vrrp::test {

inline IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

inline std::vector<std::byte> from_hex(std::string_view text) {
  const auto digit = [](char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
  };
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(16 * digit(text[i]) + digit(text[i + 1])));
  }
  return bytes;
}

// Frames captured from keepalived: Ethernet, IP and VRRP; VRID 51, priority 150.
inline constexpr std::string_view v3_pseudo_header_frame =
    "01005e000012020000000001080045c0002000010000ff70d0900a090001e0000012"
    "31339601006443610a090064";
inline constexpr std::string_view v3_message_only_frame =
    "01005e000012020000000001080045c0002000010000ff70d0900a090001e0000012"
    "3133960100642dfa0a090064";
inline constexpr std::string_view v3_resignation_frame =
    "01005e000012020000000001080045c0002000060000ff70d08b0a090001e0000012"
    "313300010064d9610a090064";
inline constexpr std::string_view v3_unicast_frame =
    "020000000002020000000001080045c0002000010000ff70a6980a0900010a090002"
    "313396010032199b0a090064";
inline constexpr std::string_view v2_frame =
    "01005e000012020000000001080045c0002800010000ff70d0880a090001e0000012"
    "2133960100013e5d0a0900640000000000000000";
inline constexpr std::string_view v3_hmac_frame =
    "01005e000012020000000001080045c0003c00010000ff70d0740a090001e0000012"
    "31339601006443610a090064010100006b02e7ba51dc0000efb71c5d61b51b925d6c69facb03741e";
inline constexpr std::string_view v3_ipv6_frame =
    "33330000001202000000000186dd6c07fef7002870fffe80000000000000000000fffe000001"
    "ff0200000000000000000000000000123133960200640cfd"
    "fe80000000000000000000000000010020010db8000000000000000000000100";

/// A datagram that owns its bytes.
struct Received {
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 255;
  std::vector<std::byte> payload;

  [[nodiscard]] Packet packet() const {
    return {.source = source, .destination = destination, .ttl = ttl, .payload = payload};
  }
};

/// Takes the Ethernet and IP headers off a captured frame.
inline Received received(std::string_view hex) {
  const auto frame = from_hex(hex);
  const std::span<const std::byte> bytes{frame};
  const bool v6 = bytes[12] == std::byte{0x86};
  const auto at = [&](std::size_t offset, std::size_t size) {
    return IpAddress::from_bytes(bytes.subspan(14 + offset, size));
  };
  const auto payload = bytes.subspan(14 + (v6 ? 40U : 20U));
  return {.source = v6 ? at(8, 16) : at(12, 4),
          .destination = v6 ? at(24, 16) : at(16, 4),
          .ttl = std::to_integer<std::uint8_t>(bytes[14 + (v6 ? 7U : 8U)]),
          .payload = {payload.begin(), payload.end()}};
}

}  // namespace havip::vrrp::test
