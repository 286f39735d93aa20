// SPDX-License-Identifier: Apache-2.0
//
// Every frame of golden/, from the Ethernet header on: read as it came from the wire, and written
// again byte for byte.
#include "sidecar/base/bytes.hpp"
#include "sidecar/base/checksum.hpp"
#include "sidecar/net/ipv4_packet.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/arp.hpp"
#include "sidecar/vrrp/ethernet.hpp"
#include "sidecar/vrrp/pseudo_header.hpp"
#include "sidecar/vrrp/trailer.hpp"
#include "tests/conformance/golden.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace havip::conformance {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t ipv4_header_size = 20;
constexpr std::size_t ipv6_header_size = 40;

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

Bytes frame_of(const std::string& name) {
  const auto digits = test::golden_frame(name);
  Bytes frame;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    frame.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return frame;
}

std::vector<std::string> all_adverts() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{HAVIP_GOLDEN_FRAMES}) {
    const auto name = entry.path().stem().string();
    if (name.starts_with('v')) {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  return names;
}

/// What is behind an Ethernet header, when it is IPv6 that carries VRRP.
std::optional<vrrp::Packet> read_ipv6(std::span<const std::byte> bytes) {
  if (bytes.size() < ipv6_header_size || (bytes[0] >> 4U) != std::byte{6} ||
      bytes[6] != std::byte{vrrp::protocol_vrrp}) {
    return std::nullopt;
  }
  return vrrp::Packet{.source = IpAddress::from_bytes(bytes.subspan(8, 16)),
                      .destination = IpAddress::from_bytes(bytes.subspan(24, 16)),
                      .ttl = std::to_integer<std::uint8_t>(bytes[7]),
                      .payload = bytes.subspan(ipv6_header_size)};
}

std::optional<vrrp::Packet> read_ipv4(std::span<const std::byte> bytes) {
  const auto packet = net::parse_ipv4(bytes);
  const bool whole = packet && packet->protocol == vrrp::protocol_vrrp &&
                     Checksum{}.add(bytes.first(ipv4_header_size)).value() == 0;
  return whole ? std::optional{vrrp::Packet{.source = packet->source,
                                            .destination = packet->destination,
                                            .ttl = packet->ttl,
                                            .payload = packet->payload}}
               : std::nullopt;
}

std::optional<vrrp::Packet> read_packet(const Bytes& frame) {
  ByteReader in{frame};
  const auto ethernet = vrrp::read_ethernet_header(in);
  const auto rest = std::span{frame}.subspan(vrrp::ethernet_header_size);
  return ethernet->ethertype == vrrp::ethertype_ipv6 ? read_ipv6(rest) : read_ipv4(rest);
}

/// The key that the signed frames were made with.
vrrp::HmacKey key() {
  constexpr std::size_t size = 32;
  Bytes secret;
  for (std::size_t i = 0; i < size; ++i) {
    secret.push_back(static_cast<std::byte>(i));
  }
  return {.id = 1, .secret = Secret{secret}};
}

/// What the sender of `decoded` must have put behind its IP header.
Bytes written(const vrrp::DecodedAdvert& decoded, const vrrp::Packet& packet) {
  const bool has_password = decoded.auth_type == vrrp::auth_password;
  auto message = vrrp::encode(decoded.advert,
                              decoded.form,
                              packet.source,
                              packet.destination,
                              has_password ? std::optional{decoded.auth_data} : std::nullopt);
  if (decoded.trailer) {
    vrrp::append_trailer(message, key(), decoded.trailer->stamp, packet.source);
  }
  return message;
}

class GoldenFrame : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Keepalived,
                         GoldenFrame,
                         testing::ValuesIn(all_adverts()),
                         [](const auto& frame) { return frame.param; });

// C09, C10, C14, C15, C17 - C19, C26 - C28: whatever was not understood could not be written again.
TEST_P(GoldenFrame, IsReadAndWrittenAgainByteForByte) {
  const auto frame = frame_of(GetParam());
  const auto packet = read_packet(frame);
  ASSERT_TRUE(packet);

  const auto decoded = vrrp::decode(*packet);

  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(decoded->advert.vrid, vrrp::Vrid{51});
  EXPECT_TRUE(decoded->advert.priority == vrrp::Priority{150} ||
              decoded->advert.priority == vrrp::resign_priority);
  EXPECT_EQ(written(*decoded, *packet), Bytes(packet->payload.begin(), packet->payload.end()));
}

TEST(GoldenArpFrame, IsReadAndWrittenAgainByteForByte) {
  const auto frame = frame_of("gratuitous_arp");

  const auto message = vrrp::decode_arp(frame);

  ASSERT_TRUE(message);
  EXPECT_EQ(message->target, ip("10.9.0.100"));
  const auto again = vrrp::encode(*message);
  EXPECT_EQ(Bytes(again.begin(), again.end()), frame);
}

TEST(GoldenFrames, AreAllThere) {
  EXPECT_EQ(all_adverts().size(), 11U);
}

}  // namespace
}  // namespace havip::conformance
