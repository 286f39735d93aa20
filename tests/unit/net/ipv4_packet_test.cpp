// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/ipv4_packet.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace havip::net {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
  }
  return bytes;
}

/// keepalived's advertisement of VRID 51, as it was seen on the wire, from 10.9.0.1.
Bytes advertisement() {
  return bytes_of("45c0002000010000ff70d0900a090001e00000123133960100642dfa0a090064");
}

Bytes payload_of(const Ipv4Packet& packet) {
  return {packet.payload.begin(), packet.payload.end()};
}

TEST(Ipv4Packet, GivesWhatTheHeaderSays) {
  const auto bytes = advertisement();

  const auto packet = parse_ipv4(bytes);

  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, IpAddress::parse("10.9.0.1"));
  EXPECT_EQ(packet->destination, IpAddress::parse("224.0.0.18"));
  EXPECT_EQ(packet->ttl, 255);
  EXPECT_EQ(packet->protocol, 112);
  EXPECT_EQ(payload_of(*packet), bytes_of("3133960100642dfa0a090064"));
}

TEST(Ipv4Packet, LeavesPaddingOut) {
  auto bytes = advertisement();
  bytes.resize(46);  // Ethernet's shortest payload

  const auto packet = parse_ipv4(bytes);

  ASSERT_TRUE(packet);
  EXPECT_EQ(payload_of(*packet), bytes_of("3133960100642dfa0a090064"));
}

TEST(Ipv4Packet, SkipsOptions) {
  // IHL 6, total length 24 + 2: one word of options (router alert), then the payload.
  const auto bytes = bytes_of("46c0001a00010000ff7000000a090001e000001294040000abcd");

  const auto packet = parse_ipv4(bytes);

  ASSERT_TRUE(packet);
  EXPECT_EQ(payload_of(*packet), bytes_of("abcd"));
}

TEST(Ipv4Packet, MayCarryNothing) {
  const auto bytes = bytes_of("45c0001400010000ff7000000a090001e0000012");

  const auto packet = parse_ipv4(bytes);

  ASSERT_TRUE(packet);
  EXPECT_EQ(payload_of(*packet), Bytes{});
}

TEST(Ipv4Packet, IsRefusedWhenCutShortAnywhere) {
  const auto whole = advertisement();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
    EXPECT_FALSE(parse_ipv4(cut)) << size << " bytes";
  }
}

struct Odd {
  const char* what;
  std::size_t offset;
  std::byte value;
};

TEST(Ipv4Packet, IsRefusedWhenItsHeaderContradictsItself) {
  const std::vector<Odd> cases{
      {"version 6", 0, std::byte{0x65}},
      {"header of 16 bytes", 0, std::byte{0x44}},
      {"header of 60 bytes in a packet of 32", 0, std::byte{0x4f}},
      {"total length shorter than the header", 3, std::byte{19}},
      {"total length beyond what came", 3, std::byte{33}},
      {"more fragments", 6, std::byte{0x20}},
      {"a later fragment", 7, std::byte{0x01}},
  };
  for (const auto& [what, offset, value] : cases) {
    auto bytes = advertisement();
    bytes[offset] = value;
    EXPECT_FALSE(parse_ipv4(bytes)) << what;
  }
}

TEST(Ipv4Packet, MayForbidFragments) {
  auto bytes = advertisement();
  bytes[6] = std::byte{0x40};  // DF says nothing about this packet being one

  EXPECT_TRUE(parse_ipv4(bytes));
}

}  // namespace
}  // namespace havip::net
