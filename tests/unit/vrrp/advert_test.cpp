// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/advert.hpp"

#include "tests/unit/vrrp/wire.hpp"

#include <gtest/gtest.h>

#include <random>
#include <utility>

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

/// Changes the message and makes its checksum right again.
test::Received altered(std::size_t offset, std::uint8_t value) {
  auto datagram = received(test::v3_message_only_frame);
  auto& payload = datagram.payload;
  const auto word = [&](std::size_t at) {
    return std::to_integer<unsigned>(payload[at]) << 8U |
           std::to_integer<unsigned>(payload[at + 1]);
  };
  payload.at(offset) = static_cast<std::byte>(value);
  payload[6] = payload[7] = std::byte{};
  unsigned sum = 0;
  for (std::size_t i = 0; i + 1 < payload.size(); i += 2) {
    sum += word(i);
  }
  sum = (sum & 0xffffU) + (sum >> 16U);
  payload[6] = static_cast<std::byte>(~sum >> 8U);
  payload[7] = static_cast<std::byte>(~sum);
  return datagram;
}

// C19: RFC 5798's reading, which keepalived and FRR send.
TEST(GoldenFrameWithPseudoHeader, IsUnderstood) {
  EXPECT_EQ(*decode(received(test::v3_pseudo_header_frame)),
            (DecodedAdvert{golden, ChecksumForm::pseudo_header}));
}

// C17
TEST(GoldenFrameWithMessageOnlyChecksum, IsUnderstood) {
  EXPECT_EQ(*decode(received(test::v3_message_only_frame)),
            (DecodedAdvert{golden, ChecksumForm::message}));
}

// C60, C71: priority 0 is an advertisement like any other.
TEST(GoldenResignation, HasPriorityZero) {
  auto expected = golden;
  expected.priority = resign_priority;

  EXPECT_EQ(*decode(received(test::v3_resignation_frame)),
            (DecodedAdvert{expected, ChecksumForm::pseudo_header}));
}

TEST(GoldenUnicastFrame, HasThePeerInItsChecksum) {
  auto expected = golden;
  expected.interval = Centiseconds{50};

  EXPECT_EQ(*decode(received(test::v3_unicast_frame)),
            (DecodedAdvert{expected, ChecksumForm::pseudo_header}));
}

// C18
TEST(GoldenIpv6Frame, IsUnderstood) {
  EXPECT_EQ(*decode(received(test::v3_ipv6_frame)),
            (DecodedAdvert{{.vrid = {51},
                            .priority = {150},
                            .interval = Centiseconds{100},
                            .addresses = {ip("fe80::100"), ip("2001:db8::100")}},
                           ChecksumForm::pseudo_header}));
}

TEST(UnicastFrameOfAnOldKeepalived, MayHaveTheGroupInItsChecksum) {
  auto datagram = received(test::v3_pseudo_header_frame);
  datagram.destination = ip("10.9.0.2");

  EXPECT_EQ(*decode(datagram), (DecodedAdvert{golden, ChecksumForm::pseudo_header}));
}

// C09, C10, C15, C16, C17: byte for byte what keepalived sends.
TEST(Encoding, GivesTheGoldenFrames) {
  const auto source = ip("10.9.0.1");
  const auto group = vrrp_group(Family::ipv4);

  EXPECT_EQ(encode(golden, ChecksumForm::message, source, group),
            received(test::v3_message_only_frame).payload);
  EXPECT_EQ(encode(golden, ChecksumForm::pseudo_header, source, group),
            received(test::v3_pseudo_header_frame).payload);

  auto resignation = golden;
  resignation.priority = resign_priority;
  EXPECT_EQ(encode(resignation, ChecksumForm::pseudo_header, source, group),
            received(test::v3_resignation_frame).payload);

  auto half_a_second = golden;
  half_a_second.interval = Centiseconds{50};
  EXPECT_EQ(encode(half_a_second, ChecksumForm::pseudo_header, source, ip("10.9.0.2")),
            received(test::v3_unicast_frame).payload);
}

// C18: with either form.
TEST(EncodingForIpv6, AlwaysHasThePseudoHeader) {
  const auto frame = received(test::v3_ipv6_frame);
  const auto advert = decode(frame)->advert;

  for (const auto form : {ChecksumForm::message, ChecksumForm::pseudo_header}) {
    EXPECT_EQ(encode(advert, form, frame.source, frame.destination), frame.payload);
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

// C30
TEST(AnotherVersion, IsDiscarded) {
  EXPECT_EQ(decode(received(test::v2_frame)).error(), Rejection::version);
  for (const int version : {0, 1, 2, 4, 15}) {
    EXPECT_EQ(decode(altered(0, static_cast<std::uint8_t>(version << 4 | 1))).error(),
              Rejection::version);
  }
}

// C31
TEST(AnotherType, IsDiscarded) {
  for (const int type : {0, 2, 15}) {
    EXPECT_EQ(decode(altered(0, static_cast<std::uint8_t>(0x30 | type))).error(), Rejection::type);
  }
}

// C14, C37
TEST(NoAddressAtAll, IsDiscarded) {
  auto datagram = altered(3, 0);
  EXPECT_EQ(decode(datagram).error(), Rejection::length);
  datagram.payload.resize(8);
  EXPECT_EQ(decode(datagram).error(), Rejection::length);
}

// C32
TEST(CountThatDoesNotFitTheLength, IsDiscarded) {
  for (const int count : {2, 3, 255}) {
    EXPECT_EQ(decode(altered(3, static_cast<std::uint8_t>(count))).error(), Rejection::length);
  }
}

// C32
TEST(TruncatedAtAnyLength, IsDiscarded) {
  for (const auto frame : {test::v3_message_only_frame, test::v3_ipv6_frame}) {
    const auto whole = received(frame);
    for (std::size_t length = 0; length < whole.payload.size(); ++length) {
      auto cut = whole;
      cut.payload.resize(length);
      EXPECT_EQ(decode(cut).error(), Rejection::length) << length;
    }
  }
}

// Facts E4: an extra trailer is dropped by anything that does not know it.
TEST(TrailingBytes, AreDiscarded) {
  EXPECT_EQ(decode(received(test::v3_hmac_frame)).error(), Rejection::length);
}

// C33: every single flipped bit of the message is noticed.
TEST(OneFlippedBit, IsDiscarded) {
  for (const auto frame : {test::v3_message_only_frame, test::v3_pseudo_header_frame}) {
    const auto whole = received(frame);
    for (std::size_t bit = 0; bit < 8 * whole.payload.size(); ++bit) {
      auto flipped = whole;
      flipped.payload[bit / 8] ^= std::byte{1} << (bit % 8);
      EXPECT_FALSE(decode(flipped)) << bit;
    }
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

// C16
TEST(LongestInterval, GoesThroughTheWire) {
  auto advert = golden;
  advert.interval = longest_interval;
  const auto source = ip("10.9.0.1");
  const auto group = vrrp_group(Family::ipv4);
  const auto payload = encode(advert, ChecksumForm::message, source, group);

  const auto decoded =
      vrrp::decode({.source = source, .destination = group, .ttl = 255, .payload = payload});

  EXPECT_EQ(decoded->advert, advert);  // 40.95 s
}

TEST(IntervalThatDoesNotFitDeathTest, IsABug) {
  const auto group = vrrp_group(Family::ipv4);
  for (const int interval : {0, 4096}) {
    auto advert = golden;
    advert.interval = Centiseconds{interval};
    EXPECT_DEATH(encode(advert, ChecksumForm::message, ip("10.9.0.1"), group), "bug: ");
  }
}

TEST(ClaimedVrid, IsReadFromWhatDecodingRefuses) {
  EXPECT_EQ(claimed_vrid(received(test::v2_frame).payload), Vrid{51});
  EXPECT_EQ(claimed_vrid(test::from_hex("31")), Vrid{0});
  EXPECT_EQ(claimed_vrid({}), Vrid{0});
}

// Whatever can be sent is understood as it was meant, in both forms and families.
TEST(AnyAdvert, IsDecodedAsItWasEncoded) {
  std::mt19937 random{9568};  // always the same sequence
  const auto number = [&](unsigned low, unsigned high) {
    return low + random() % (high - low + 1);
  };
  for (int i = 0; i < 2000; ++i) {
    const bool v6 = number(0, 1) == 1;
    const auto any_address = [&] {
      std::vector<std::byte> bytes(v6 ? 16 : 4);
      for (auto& byte : bytes) {
        byte = static_cast<std::byte>(number(0, 255));
      }
      return IpAddress::from_bytes(bytes);
    };
    Advert advert{.vrid = {static_cast<std::uint8_t>(number(1, 255))},
                  .priority = {static_cast<std::uint8_t>(number(0, 255))},
                  .interval = Centiseconds{static_cast<int>(number(1, 4095))},
                  .addresses = {}};
    const auto count = i % 100 == 0 ? 255U : number(1, 8);
    for (unsigned n = 0; n < count; ++n) {
      advert.addresses.push_back(any_address());
    }
    const auto source = any_address();
    const auto group = vrrp_group(source.family());
    const auto form = number(0, 1) == 0 ? ChecksumForm::message : ChecksumForm::pseudo_header;
    const auto payload = encode(advert, form, source, group);

    const auto decoded =
        vrrp::decode({.source = source, .destination = group, .ttl = 255, .payload = payload});

    ASSERT_TRUE(decoded) << i;
    EXPECT_EQ(decoded->advert, advert);
    EXPECT_EQ(decoded->form, v6 ? ChecksumForm::pseudo_header : form);
  }
}

}  // namespace
}  // namespace havip::vrrp
