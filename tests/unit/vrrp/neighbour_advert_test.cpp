// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/neighbour_advert.hpp"

#include "sidecar/base/checksum.hpp"
#include "tests/unit/vrrp/wire.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace havip::vrrp {
namespace {

constexpr std::size_t icmp = 14 + 40;  // behind the headers of Ethernet and IPv6

const NeighbourAdvert advert{.target = test::ip("2001:db8::100"),
                             .mac = {{0x00, 0x00, 0x5e, 0x00, 0x02, 0x33}}};

std::vector<std::byte> frame() {
  const auto bytes = encode(advert);
  return {bytes.begin(), bytes.end()};
}

/// Makes length and checksum right again (RFC 4443 section 2.3).
std::vector<std::byte> corrected(std::vector<std::byte> bytes) {
  const auto write = [&](std::size_t at, std::size_t value) {
    bytes[at] = static_cast<std::byte>(value >> 8U);
    bytes[at + 1] = static_cast<std::byte>(value & 0xffU);
  };
  const auto length = bytes.size() - icmp;
  write(18, length);
  write(icmp + 2, 0);
  const std::span<const std::byte> all{bytes};
  Checksum sum;
  sum.add(all.subspan(22, 32)).add_u16(static_cast<std::uint16_t>(length)).add_u16(58);
  write(icmp + 2, sum.add(all.subspan(icmp)).value());
  return bytes;
}

std::vector<std::byte> altered(std::size_t offset, std::uint8_t value) {
  auto bytes = frame();
  bytes[offset] = static_cast<std::byte>(value);
  return corrected(bytes);
}

// C59: R = 1, S = 0, O = 1, the address as target, the MAC as option; RFC 9568 section 6.4.2.
TEST(NeighbourAdvert, IsThisFrame) {
  constexpr std::string_view expected =
      "33330000000100005e00023386dd"      // to all nodes
      "6000000000203aff"                  // 32 bytes of ICMPv6, Hop Limit 255
      "20010db8000000000000000000000100"  // from the target
      "ff020000000000000000000000000001"  // to ff02::1
      "880018faa0000000"                  // type, code, checksum, R and O
      "20010db8000000000000000000000100"  // the target
      "020100005e000233";                 // is at this MAC

  EXPECT_EQ(frame(), test::from_hex(expected));
  EXPECT_EQ(frame(), corrected(frame()));
}

TEST(NeighbourAdvert, IsReadAsItWasWritten) {
  EXPECT_EQ(decode_neighbour_advert(frame()), advert);
}

TEST(NeighbourAdvertForIpv4DeathTest, IsABug) {
  EXPECT_DEATH(encode(NeighbourAdvert{.target = test::ip("10.9.0.100"), .mac = {}}), "bug: ");
}

TEST(NeighbourAdvertCutShort, IsNone) {
  for (std::size_t length = 0; length < frame().size(); ++length) {
    auto cut = frame();
    cut.resize(length);
    EXPECT_EQ(decode_neighbour_advert(cut), std::nullopt) << length;
    if (length > icmp + 4) {
      EXPECT_EQ(decode_neighbour_advert(corrected(cut)), std::nullopt) << length;
    }
  }
}

TEST(NeighbourAdvertInAPaddedFrame, IsRead) {
  auto padded = frame();
  padded.resize(padded.size() + 10);

  EXPECT_EQ(decode_neighbour_advert(padded), advert);
}

// A host that is no router says R = 0, one that must not override says O = 0.
TEST(NeighbourAdvertWithOtherFlags, IsReadUnlessItIsAnAnswer) {
  for (const int flags : {0x00, 0x20, 0x80, 0xa0}) {
    const auto value = static_cast<std::uint8_t>(flags);
    EXPECT_EQ(decode_neighbour_advert(altered(icmp + 4, value)), advert);
    EXPECT_EQ(decode_neighbour_advert(altered(icmp + 4, value | 0x40U)), std::nullopt);
  }
}

// RFC 4861 section 7.1.2, rule by rule.
TEST(NeighbourAdvertAgainstTheRules, IsNone) {
  EXPECT_EQ(decode_neighbour_advert(altered(21, 254)), std::nullopt) << "Hop Limit";
  EXPECT_EQ(decode_neighbour_advert(altered(icmp, 135)), std::nullopt) << "Type";
  EXPECT_EQ(decode_neighbour_advert(altered(icmp + 1, 1)), std::nullopt) << "Code";
  EXPECT_EQ(decode_neighbour_advert(altered(icmp + 8, 0xff)), std::nullopt) << "multicast target";
  EXPECT_EQ(decode_neighbour_advert(altered(icmp + 25, 0)), std::nullopt)
      << "option without length";
  EXPECT_EQ(decode_neighbour_advert(altered(icmp + 25, 2)), std::nullopt) << "option too long";
  EXPECT_EQ(decode_neighbour_advert(altered(icmp + 24, 1)), std::nullopt) << "another option";
  EXPECT_EQ(decode_neighbour_advert(altered(13, 0xdc)), std::nullopt) << "EtherType";
  EXPECT_EQ(decode_neighbour_advert(altered(14, 0x40)), std::nullopt) << "version of IP";
  EXPECT_EQ(decode_neighbour_advert(altered(20, 0)), std::nullopt) << "Hop-by-Hop header";
}

TEST(NeighbourAdvertWithOneFlippedBit, IsNoneFromItsAddressesOn) {
  for (std::size_t bit = 8 * 22; bit < 8 * frame().size(); ++bit) {
    auto flipped = frame();
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_EQ(decode_neighbour_advert(flipped), std::nullopt) << bit;
  }
}

// Options that are not known are skipped, in front of the one that is and behind.
TEST(NeighbourAdvertWithFurtherOptions, IsRead) {
  const auto nonce = test::from_hex("0e01010203040506");
  auto behind = frame();
  behind.insert(behind.end(), nonce.begin(), nonce.end());
  auto before = frame();
  before.insert(before.begin() + icmp + 24, nonce.begin(), nonce.end());

  EXPECT_EQ(decode_neighbour_advert(corrected(behind)), advert);
  EXPECT_EQ(decode_neighbour_advert(corrected(before)), advert);
}

TEST(NeighbourAdvertWithABadOptionBehindTheGoodOne, IsNone) {
  auto bytes = frame();
  bytes.resize(bytes.size() + 8);  // type 0, length 0

  EXPECT_EQ(decode_neighbour_advert(corrected(bytes)), std::nullopt);
}

TEST(NeighbourAdvertWithoutTheMac, IsNone) {
  auto bytes = frame();
  bytes.resize(icmp + 24);

  EXPECT_EQ(decode_neighbour_advert(corrected(bytes)), std::nullopt);
}

}  // namespace
}  // namespace havip::vrrp
