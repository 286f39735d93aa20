#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "tests/conformance/golden.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
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

/// The digits of a frame of tests/conformance/golden, for as long as the program runs.
inline std::string_view golden(const std::string& name) {
  static std::map<std::string, std::string> frames;
  const auto [frame, fresh] = frames.try_emplace(name);
  if (fresh) {
    frame->second = havip::test::golden_frame(name);
  }
  return frame->second;
}

// What keepalived sent, see there.
inline const auto v2_frame = golden("v2");
inline const auto v2_resignation_frame = golden("v2_resignation");
inline const auto v2_password_frame = golden("v2_password");
inline const auto v3_pseudo_header_frame = golden("v3_pseudo_header");
inline const auto v3_message_only_frame = golden("v3_message_only");
inline const auto v3_resignation_frame = golden("v3_resignation");
inline const auto v3_unicast_frame = golden("v3_unicast");
inline const auto v3_virtual_mac_frame = golden("v3_virtual_mac");
inline const auto v3_ipv6_frame = golden("v3_ipv6");
inline const auto v2_hmac_frame = golden("v2_hmac");
inline const auto v3_hmac_frame = golden("v3_hmac");
inline const auto gratuitous_arp_frame = golden("gratuitous_arp");

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
