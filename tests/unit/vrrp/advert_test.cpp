// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/advert.hpp"

#include "sidecar/base/checksum.hpp"
#include "tests/unit/vrrp/wire.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

namespace havip::vrrp {
namespace {

using test::ip;
using test::received;

const Advert golden{.vrid = {51},
                    .priority = {150},
                    .interval = Centiseconds{100},
                    .addresses = {ip("10.9.0.100")}};

boost::system::result<DecodedAdvert, Rejection> decode(const test::Received& datagram) {
  return vrrp::decode(datagram.packet());
}

/// Makes the checksum over the message right again.
void correct_checksum(std::vector<std::byte>& message) {
  message[6] = message[7] = std::byte{};
  const auto sum = Checksum{}.add(message).value();
  message[6] = static_cast<std::byte>(sum >> 8U);
  message[7] = static_cast<std::byte>(sum & 0xffU);
}

test::Received altered(std::string_view frame, std::size_t offset, std::uint8_t value) {
  auto datagram = received(frame);
  datagram.payload.at(offset) = static_cast<std::byte>(value);
  correct_checksum(datagram.payload);
  return datagram;
}

test::Received altered(std::size_t offset, std::uint8_t value) {
  return altered(test::v3_message_only_frame, offset, value);
}

test::Received sent(const Advert& advert,
                    ChecksumForm form,
                    std::string_view from,
                    std::string_view to) {
  const auto source = ip(from);
  const auto destination = ip(to);
  return {.source = source,
          .destination = destination,
          .payload = encode(advert, form, source, destination)};
}

// C19: keepalived before 1.3.7 sums 224.0.0.18 in unicast too.
TEST(UnicastAdvert, IsUnderstoodInAllFormsAndTheyAreToldApart) {
  for (const auto form :
       {ChecksumForm::message, ChecksumForm::pseudo_header, ChecksumForm::group_pseudo_header}) {
    const auto datagram = sent(golden, form, "10.9.0.1", "10.9.0.2");

    EXPECT_EQ(*decode(datagram), (DecodedAdvert{.advert = golden, .form = form, .size = 12}));
  }
}

TEST(UnicastAdvertWithTheGroupInItsSum, HasTheBytesOfTheMulticastOne) {
  const auto datagram = sent(golden, ChecksumForm::group_pseudo_header, "10.9.0.1", "10.9.0.2");

  EXPECT_EQ(datagram.payload, received(test::v3_pseudo_header_frame).payload);
}

// To the group the two are one form.
TEST(MulticastAdvertInTheGroupForm, IsAnOrdinaryPseudoHeader) {
  const auto datagram = sent(golden, ChecksumForm::group_pseudo_header, "10.9.0.1", "224.0.0.18");

  EXPECT_EQ(decode(datagram)->form, ChecksumForm::pseudo_header);
}

// C18: in every form, in multicast and unicast.
TEST(Ipv6Advert, AlwaysHasTheRealPseudoHeader) {
  const Advert advert{.vrid = {51}, .priority = {150}, .addresses = {ip("fe80::100")}};
  for (const auto* to : {"ff02::12", "fe80::2"}) {
    const auto expected = sent(advert, ChecksumForm::pseudo_header, "fe80::1", to);
    EXPECT_EQ(decode(expected)->form, ChecksumForm::pseudo_header);
    for (const auto form : {ChecksumForm::message, ChecksumForm::group_pseudo_header}) {
      EXPECT_EQ(sent(advert, form, "fe80::1", to).payload, expected.payload);
    }
  }
}

// C02, C06
TEST(Group, IsTheOneOfTheFamily) {
  EXPECT_EQ(vrrp_group(Family::ipv4), ip("224.0.0.18"));
  EXPECT_EQ(vrrp_group(Family::ipv6), ip("ff02::12"));
}

// C29
TEST(TtlBelow255, IsDiscarded) {
  auto datagram = received(test::v3_message_only_frame);
  for (const int ttl : {0, 1, 64, 254}) {
    datagram.ttl = static_cast<std::uint8_t>(ttl);
    EXPECT_EQ(decode(datagram).error(), Rejection::ttl) << ttl;
  }
}

// C30: neither version takes the other's place, and there is none but the two.
TEST(UnknownVersion, IsDiscarded) {
  for (const int version : {0, 1, 4, 15}) {
    EXPECT_EQ(decode(altered(0, static_cast<std::uint8_t>(version << 4 | 1))).error(),
              Rejection::version);
  }
}

// The order of the checks: the version says how long a message is and what its sum covers.
TEST(Version3MessageThatSaysVersion2, IsTooShort) {
  EXPECT_EQ(decode(altered(0, 0x21)).error(), Rejection::length);
}

// RFC 3768 section 5.3 knows IPv4 alone.
TEST(Version2OverIpv6, IsDiscarded) {
  auto datagram = received(test::v3_ipv6_frame);
  datagram.payload[0] = std::byte{0x21};

  EXPECT_EQ(decode(datagram).error(), Rejection::version);
}

// C31
TEST(AnotherType, IsDiscarded) {
  for (const int type : {0, 2, 15}) {
    EXPECT_EQ(decode(altered(0, static_cast<std::uint8_t>(0x30 | type))).error(), Rejection::type);
    EXPECT_EQ(decode(altered(test::v2_frame, 0, static_cast<std::uint8_t>(0x20 | type))).error(),
              Rejection::type);
  }
}

// C14, C37
TEST(NoAddressAtAll, IsDiscarded) {
  for (const auto frame : {test::v3_message_only_frame, test::v2_frame}) {
    auto datagram = altered(frame, 3, 0);
    EXPECT_EQ(decode(datagram).error(), Rejection::length);
    datagram.payload.erase(datagram.payload.begin() + 8, datagram.payload.begin() + 12);
    EXPECT_EQ(decode(datagram).error(), Rejection::length);
  }
}

// C32
TEST(CountThatDoesNotFitTheLength, IsDiscarded) {
  for (const int count : {2, 3, 255}) {
    const auto value = static_cast<std::uint8_t>(count);
    EXPECT_EQ(decode(altered(3, value)).error(), Rejection::length);
    EXPECT_EQ(decode(altered(test::v2_frame, 3, value)).error(), Rejection::length);
  }
}

// C33: an address in the pseudo-header is covered too.
TEST(AnotherSource, BreaksThePseudoHeaderForm) {
  auto datagram = received(test::v3_pseudo_header_frame);
  datagram.source = ip("10.9.0.3");

  EXPECT_EQ(decode(datagram).error(), Rejection::checksum);
}

// C18: a checksum over the message alone is none for IPv6.
TEST(Ipv6WithMessageOnlyChecksum, IsDiscarded) {
  auto datagram = received(test::v3_ipv6_frame);
  datagram.destination = ip("ff02::13");

  EXPECT_EQ(decode(datagram).error(), Rejection::checksum);
}

// C15
TEST(ReservedBits, AreIgnored) {
  const auto decoded = decode(altered(4, 0xf0));  // the interval's low byte stays 100

  EXPECT_EQ(decoded->advert, golden);
}

// C26: whether an Auth Type is the right one is a question of the configuration, and so is what
// lies in the Authentication Data.
TEST(AuthenticationOfVersion2, IsHandedOnAsItIs) {
  AuthData data{};
  data[7] = std::byte{'x'};
  for (const int type : {0, 1, 2, 254}) {
    auto datagram = altered(test::v2_frame, 4, static_cast<std::uint8_t>(type));
    datagram.payload[19] = data[7];
    correct_checksum(datagram.payload);

    const auto decoded = decode(datagram);

    EXPECT_EQ(decoded->auth_type, type);
    EXPECT_EQ(decoded->auth_data, data);
  }
}

// C27: the Authentication Data is in the sum.
TEST(AuthenticationDataOfVersion2, IsCoveredByTheChecksum) {
  auto datagram = received(test::v2_password_frame);
  datagram.payload[19] ^= std::byte{1};

  EXPECT_EQ(decode(datagram).error(), Rejection::checksum);
}

// C27: and no address of the IP header is.
TEST(ChecksumOfVersion2, IsTheSameForEveryDestination) {
  auto advert = golden;
  advert.version = Version::v2;
  for (const auto form :
       {ChecksumForm::message, ChecksumForm::pseudo_header, ChecksumForm::group_pseudo_header}) {
    const auto datagram = sent(advert, form, "192.0.2.1", "192.0.2.2");

    EXPECT_EQ(datagram.payload, received(test::v2_frame).payload);
    EXPECT_EQ(decode(datagram)->form, ChecksumForm::message);
  }
}

// C16, C28: 40.95 s and 255 s.
TEST(LongestInterval, GoesThroughTheWire) {
  for (const auto version : {Version::v2, Version::v3}) {
    auto advert = golden;
    advert.version = version;
    advert.interval = version == Version::v2 ? longest_interval_v2 : longest_interval;

    EXPECT_EQ(decode(sent(advert, ChecksumForm::message, "10.9.0.1", "224.0.0.18"))->advert,
              advert);
  }
}

// keepalived before 2.3.2 sent it for 40.958 s; the election knows what to do with it.
TEST(IntervalOfZero, IsHandedOn) {
  EXPECT_EQ(decode(altered(5, 0))->advert.interval, Centiseconds{0});
  EXPECT_EQ(decode(altered(test::v2_frame, 5, 0))->advert.interval, Centiseconds{0});
}

void expect_bug(const Advert& advert,
                const char* source = "10.9.0.1",
                std::optional<AuthData> password = std::nullopt) {
  const auto from = ip(source);
  EXPECT_DEATH(encode(advert, ChecksumForm::message, from, vrrp_group(from.family()), password),
               "bug: ");
}

// C14, C16, C21, C28, C87
TEST(WhatCannotBeSentDeathTest, IsABug) {
  for (const int interval : {0, 4096}) {
    auto advert = golden;
    advert.interval = Centiseconds{interval};
    expect_bug(advert);
  }
  for (const int interval : {0, 50, 101, 25600}) {  // version 2 counts whole seconds
    auto advert = golden;
    advert.version = Version::v2;
    advert.interval = Centiseconds{interval};
    expect_bug(advert);
  }
  auto nothing = golden;
  nothing.addresses.clear();
  expect_bug(nothing);
  auto too_many = golden;
  too_many.addresses.resize(256, ip("10.9.0.100"));
  expect_bug(too_many);
  expect_bug(golden, "fe80::1");               // an IPv4 address over IPv6
  expect_bug(golden, "10.9.0.1", AuthData{});  // version 3 has no authentication
  auto v2_over_ipv6 = golden;
  v2_over_ipv6.version = Version::v2;
  v2_over_ipv6.addresses = {ip("fe80::100")};
  expect_bug(v2_over_ipv6, "fe80::1");
}

TEST(ClaimedVrid, IsReadFromWhatDecodingRefuses) {
  EXPECT_EQ(claimed_vrid(received(test::v2_frame).payload), Vrid{51});
  EXPECT_EQ(claimed_vrid(test::from_hex("31")), Vrid{0});
  EXPECT_EQ(claimed_vrid({}), Vrid{0});
}

/// Anything that can be sent; always the same sequence.
class Dice {
public:
  unsigned number(unsigned low, unsigned high) {
    return low + static_cast<unsigned>(random_() % (high - low + 1));
  }

  std::uint8_t octet(unsigned low) { return static_cast<std::uint8_t>(number(low, 255)); }

  IpAddress address(Family family) {
    std::vector<std::byte> bytes(family == Family::ipv6 ? 16 : 4);
    for (auto& byte : bytes) {
      byte = static_cast<std::byte>(octet(0));
    }
    return IpAddress::from_bytes(bytes);
  }

  Advert advert(Version version, Family family, unsigned count) {
    const int interval = static_cast<int>(number(1, version == Version::v2 ? 255 : 4095));
    Advert advert{.version = version,
                  .vrid = {octet(1)},
                  .priority = {octet(0)},
                  .interval = Centiseconds{version == Version::v2 ? 100 * interval : interval},
                  .addresses = {}};
    for (unsigned n = 0; n < count; ++n) {
      advert.addresses.push_back(address(family));
    }
    return advert;
  }

private:
  std::mt19937 random_{9568};
};

// Whatever can be sent is understood as it was meant, in all versions, forms and families.
TEST(AnyAdvert, IsDecodedAsItWasEncoded) {
  constexpr std::array forms{
      ChecksumForm::message, ChecksumForm::pseudo_header, ChecksumForm::group_pseudo_header};
  Dice dice;
  for (unsigned i = 0; i < 2000; ++i) {
    const auto family = dice.number(0, 2) == 0 ? Family::ipv6 : Family::ipv4;
    const auto version =
        family == Family::ipv4 && dice.number(0, 1) == 0 ? Version::v2 : Version::v3;
    const auto advert = dice.advert(version, family, i % 100 == 0 ? 255U : dice.number(1, 8));
    const auto form = forms.at(dice.number(0, 2));
    const auto source = dice.address(family);
    const auto destination = dice.address(family);
    const auto payload = encode(advert, form, source, destination);

    const auto decoded = vrrp::decode(
        {.source = source, .destination = destination, .ttl = 255, .payload = payload});

    ASSERT_TRUE(decoded) << i;
    EXPECT_EQ(decoded->advert, advert);
    EXPECT_EQ(decoded->size, payload.size());
    EXPECT_EQ(decoded->form,
              version == Version::v2   ? ChecksumForm::message
              : family == Family::ipv6 ? ChecksumForm::pseudo_header
                                       : form);
  }
}

}  // namespace
}  // namespace havip::vrrp
