// SPDX-License-Identifier: Apache-2.0
//
// The advertisements that keepalived really sent, read and written byte for byte.
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/trailer.hpp"
#include "tests/unit/vrrp/wire.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>

namespace havip::vrrp {
namespace {

using test::ip;
using test::received;

constexpr std::size_t v2_size = 20;  // header, one address, authentication data
constexpr std::size_t v3_size = 12;  // header, one address

Advert golden(Version version, Priority priority = {150}) {
  return {.version = version,
          .vrid = {51},
          .priority = priority,
          .interval = Centiseconds{100},
          .addresses = {ip("10.9.0.100")}};
}

Advert golden_unicast() {
  auto advert = golden(Version::v3);
  advert.interval = Centiseconds{50};
  return advert;
}

Advert golden_ipv6() {
  auto advert = golden(Version::v3);
  advert.addresses = {ip("fe80::100"), ip("2001:db8::100")};
  return advert;
}

AuthData auth_data(std::string_view text) {
  AuthData data{};
  std::ranges::transform(text, data.begin(), [](char c) { return static_cast<std::byte>(c); });
  return data;
}

struct Golden {
  std::string name;
  std::string_view frame;
  DecodedAdvert expected;

  // NOLINTNEXTLINE(readability-identifier-naming): GoogleTest's name.
  friend void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }
};

class GoldenAdvert : public testing::TestWithParam<Golden> {};

TEST_P(GoldenAdvert, IsReadAsItWasMeant) {
  const auto datagram = received(GetParam().frame);

  EXPECT_EQ(*decode(datagram.packet()), GetParam().expected);
}

TEST_P(GoldenAdvert, IsWrittenByteForByte) {
  const auto datagram = received(GetParam().frame);
  const auto& [advert, form, auth_type, password, size, trailer] = GetParam().expected;

  const auto message = encode(advert,
                              form,
                              datagram.source,
                              datagram.destination,
                              auth_type == auth_password ? std::optional{password} : std::nullopt);

  EXPECT_TRUE(std::ranges::equal(message, std::span{datagram.payload}.first(size)));
}

// C32: whatever is missing, be it of the trailer, makes it another message that does not add up.
// Where the trailer begins the message is whole.
TEST_P(GoldenAdvert, IsDiscardedWhenCutShort) {
  const auto whole = received(GetParam().frame);
  for (std::size_t length = 0; length < whole.payload.size(); ++length) {
    auto cut = whole;
    cut.payload.resize(length);
    const auto decoded = decode(cut.packet());
    if (length == GetParam().expected.size) {
      EXPECT_EQ(decoded->trailer, std::nullopt);
    } else {
      EXPECT_EQ(decoded.error(), Rejection::length) << length;
    }
  }
}

// C32: one that fits no field is too long. 18 bytes are what fills an Ethernet frame of version 3,
// which the kernel takes off by the length in the IP header.
TEST_P(GoldenAdvert, IsDiscardedWithAnythingBehindIt) {
  for (const std::size_t excess : {1U, 2U, 4U, 16U, 18U, 27U, 28U, 29U, 56U}) {
    auto datagram = received(GetParam().frame);
    datagram.payload.resize(datagram.payload.size() + excess);
    EXPECT_EQ(decode(datagram.packet()).error(), Rejection::length) << excess;
  }
}

// C33: every single flipped bit of the message is noticed; the trailer is not covered by the sum.
TEST_P(GoldenAdvert, IsDiscardedWithAnyBitFlipped) {
  const auto whole = received(GetParam().frame);
  for (std::size_t bit = 0; bit < 8 * GetParam().expected.size; ++bit) {
    auto flipped = whole;
    flipped.payload[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(decode(flipped.packet())) << bit;
  }
}

const Trailer v2_trailer =
    *read_trailer(test::from_hex("010100006b02e7c1e41600006956bfcdc007b17c31fcc82d05ab4012"));
const Trailer v3_trailer =
    *read_trailer(test::from_hex("010100006b02e7ba51dc0000efb71c5d61b51b925d6c69facb03741e"));

// C09, C10, C17 - C19, C26 - C28
INSTANTIATE_TEST_SUITE_P(
    Keepalived,
    GoldenAdvert,
    testing::Values(
        Golden{"v2", test::v2_frame, {.advert = golden(Version::v2), .size = v2_size}},
        Golden{"v2_resignation",
               test::v2_resignation_frame,
               {.advert = golden(Version::v2, resign_priority), .size = v2_size}},
        Golden{"v2_password",
               test::v2_password_frame,
               {.advert = golden(Version::v2),
                .auth_type = auth_password,
                .auth_data = auth_data("secret12"),
                .size = v2_size}},
        Golden{"v2_hmac",
               test::v2_hmac_frame,
               {.advert = golden(Version::v2), .size = v2_size, .trailer = v2_trailer}},
        Golden{
            "v3_pseudo_header",
            test::v3_pseudo_header_frame,
            {.advert = golden(Version::v3), .form = ChecksumForm::pseudo_header, .size = v3_size}},
        Golden{"v3_message_only",
               test::v3_message_only_frame,
               {.advert = golden(Version::v3), .size = v3_size}},
        Golden{"v3_resignation",
               test::v3_resignation_frame,
               {.advert = golden(Version::v3, resign_priority),
                .form = ChecksumForm::pseudo_header,
                .size = v3_size}},
        Golden{"v3_unicast",
               test::v3_unicast_frame,
               {.advert = golden_unicast(), .form = ChecksumForm::pseudo_header, .size = v3_size}},
        Golden{
            "v3_virtual_mac",
            test::v3_virtual_mac_frame,
            {.advert = golden(Version::v3), .form = ChecksumForm::pseudo_header, .size = v3_size}},
        Golden{"v3_ipv6",
               test::v3_ipv6_frame,
               {.advert = golden_ipv6(), .form = ChecksumForm::pseudo_header, .size = 40}},
        Golden{"v3_hmac",
               test::v3_hmac_frame,
               {.advert = golden(Version::v3),
                .form = ChecksumForm::pseudo_header,
                .size = v3_size,
                .trailer = v3_trailer}}),
    [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace havip::vrrp
