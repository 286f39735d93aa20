// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/trailer.hpp"

#include "sidecar/vrrp/advert.hpp"
#include "tests/unit/vrrp/wire.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

namespace havip::vrrp {
namespace {

using namespace std::chrono_literals;
using test::ip;
using test::received;

/// Key 1 of the golden frames: the bytes 00 to 1f.
HmacKey golden_key() {
  std::vector<std::byte> bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i);
  }
  return {.id = 1, .secret = Secret{bytes}};
}

/// As the receiver of a datagram does it.
bool is_authentic(const test::Received& datagram, const HmacKey& key = golden_key()) {
  const auto decoded = decode(datagram.packet());
  return decoded && decoded->trailer &&
         vrrp::is_authentic(std::span{datagram.payload}.first(decoded->size),
                            *decoded->trailer,
                            key,
                            datagram.source);
}

const auto golden_frames = {test::v2_hmac_frame, test::v3_hmac_frame};

TEST(GoldenFrameWithTrailer, IsAuthentic) {
  for (const auto frame : golden_frames) {
    EXPECT_TRUE(is_authentic(received(frame)));
  }
}

TEST(GoldenFrameWithTrailer, IsNotAuthenticWithAnyBitFlipped) {
  for (const auto frame : golden_frames) {
    const auto whole = received(frame);
    for (std::size_t bit = 0; bit < 8 * whole.payload.size(); ++bit) {
      auto flipped = whole;
      flipped.payload[bit / 8] ^= std::byte{1} << (bit % 8);
      EXPECT_FALSE(is_authentic(flipped)) << bit;
    }
  }
}

// The code does not rest on the checksum: that one is read as 0, and all else is covered.
TEST(MessageOfATrailer, IsCoveredByTheCodeButForItsChecksum) {
  const auto whole = received(test::v3_hmac_frame);
  const auto trailer = *decode(whole.packet())->trailer;
  for (std::size_t bit = 0; bit < 8 * 12; ++bit) {  // header and one address
    auto message = std::vector(whole.payload.begin(), whole.payload.begin() + 12);
    message[bit / 8] ^= std::byte{1} << (bit % 8);
    const bool in_checksum = bit / 8 == 6 || bit / 8 == 7;
    EXPECT_EQ(vrrp::is_authentic(message, trailer, golden_key(), whole.source), in_checksum) << bit;
  }
}

// Nobody can send what another router has sealed.
TEST(GoldenFrameFromAnotherSource, IsNotAuthentic) {
  auto datagram = received(test::v2_hmac_frame);  // whose checksum has no addresses
  datagram.source = ip("10.9.0.3");

  EXPECT_TRUE(decode(datagram.packet()));
  EXPECT_FALSE(is_authentic(datagram));
}

TEST(AnotherKey, MakesNoAuthenticMessage) {
  auto other_secret = golden_key();
  other_secret.secret = Secret{std::vector<std::byte>(32)};
  auto other_number = golden_key();
  other_number.id = 2;

  EXPECT_FALSE(is_authentic(received(test::v3_hmac_frame), other_secret));
  EXPECT_FALSE(is_authentic(received(test::v3_hmac_frame), other_number));
}

TEST(MessageShorterThanItsHeader, IsNotAuthentic) {
  for (std::size_t size = 0; size < 8; ++size) {
    EXPECT_FALSE(vrrp::is_authentic(
        std::vector<std::byte>(size), {.key_id = 1, .stamp = {}}, golden_key(), ip("10.9.0.1")));
  }
}

TEST(AppendingTheTrailer, GivesTheGoldenFrames) {
  for (const auto frame : golden_frames) {
    const auto datagram = received(frame);
    const auto decoded = *decode(datagram.packet());
    auto message = encode(decoded.advert, decoded.form, datagram.source, datagram.destination);

    append_trailer(message, golden_key(), decoded.trailer->stamp, datagram.source);

    EXPECT_EQ(message, datagram.payload);
  }
}

// keepalived has no golden frame for it; what is sent is at least what is taken.
TEST(Ipv6AdvertWithTrailer, IsAuthentic) {
  auto datagram = received(test::v3_ipv6_frame);
  append_trailer(datagram.payload, golden_key(), {.seconds = 1}, datagram.source);

  EXPECT_TRUE(is_authentic(datagram));
  datagram.payload.back() ^= std::byte{1};
  EXPECT_FALSE(is_authentic(datagram));
}

TEST(TrailerOfTheGoldenFrame, IsReadFieldByField) {
  const auto bytes = test::from_hex("010100006b02e7ba51dc0000efb71c5d61b51b925d6c69facb03741e");

  const auto trailer = read_trailer(bytes).value();

  EXPECT_EQ(trailer.key_id, 1);
  EXPECT_EQ(trailer.stamp, (Stamp{.seconds = 0x6b02e7ba, .fraction = 0x51dc, .counter = 0}));
  EXPECT_TRUE(std::ranges::equal(trailer.code, std::span{bytes}.last(16)));
}

TEST(BytesOfAnotherSizeTypeOrWithReservedBits, AreNoTrailer) {
  const auto good = test::from_hex("010100006b02e7ba51dc0000efb71c5d61b51b925d6c69facb03741e");
  for (std::size_t size = 0; size < 2 * trailer_size; ++size) {
    auto bytes = good;
    bytes.resize(size);
    EXPECT_EQ(read_trailer(bytes).has_value(), size == trailer_size) << size;
  }
  for (const std::size_t offset : {0U, 2U, 3U}) {  // the type; two bytes reserved
    auto bytes = good;
    bytes[offset] ^= std::byte{2};
    EXPECT_EQ(read_trailer(bytes), std::nullopt) << offset;
  }
}

TEST(Stamp, IsOrderedBySecondsThenFractionThenCounter) {
  const Stamp stamp{.seconds = 5, .fraction = 5, .counter = 5};

  EXPECT_FALSE(stamp.after(stamp));
  EXPECT_TRUE(stamp.after({5, 5, 4}));
  EXPECT_TRUE(stamp.after({5, 4, 9}));
  EXPECT_TRUE(stamp.after({4, 9, 9}));
  EXPECT_FALSE(stamp.after({5, 5, 6}));
}

// RFC 1982: 2^32 s are over in February 2106.
TEST(StampAfterTheWrap, IsAfterThoseBefore) {
  const Stamp before{.seconds = std::numeric_limits<std::uint32_t>::max()};
  const Stamp behind{.seconds = 0};

  EXPECT_TRUE(behind.after(before));
  EXPECT_FALSE(before.after(behind));
}

constexpr WallTime noon{1'800'000'000s};

TEST(StampMaker, StampsTheTimeOfTheWallClock) {
  StampMaker maker;

  EXPECT_EQ(maker.next(noon + 500ms),
            (Stamp{.seconds = 1'800'000'000, .fraction = 0x8000, .counter = 0}));
  EXPECT_EQ(maker.next(noon + 1250ms),
            (Stamp{.seconds = 1'800'000'001, .fraction = 0x4000, .counter = 0}));
}

TEST(StampMakerWhileTheClockStands, CountsOn) {
  StampMaker maker;
  maker.next(noon);

  EXPECT_EQ(maker.next(noon), (Stamp{.seconds = 1'800'000'000, .fraction = 0, .counter = 1}));
  EXPECT_EQ(maker.next(noon), (Stamp{.seconds = 1'800'000'000, .fraction = 0, .counter = 2}));
}

TEST(StampMakerWhoseClockIsSetBack, GoesOnFromItsLastStamp) {
  StampMaker maker;
  maker.next(noon);

  EXPECT_EQ(maker.next(noon - 2s), (Stamp{.seconds = 1'800'000'000, .fraction = 0, .counter = 1}));
  EXPECT_EQ(maker.next(noon - 1s), (Stamp{.seconds = 1'800'000'000, .fraction = 0, .counter = 2}));
  EXPECT_EQ(maker.next(noon + 1s), (Stamp{.seconds = 1'800'000'001}));  // caught up
}

// 65536 messages of one moment carry into the fraction.
TEST(StampMaker, NeverRepeatsItself) {
  StampMaker maker;
  auto last = maker.next(noon);
  for (int i = 0; i < 70'000; ++i) {
    const auto next = maker.next(noon);
    ASSERT_TRUE(next.after(last)) << i;
    last = next;
  }
  EXPECT_EQ(last, (Stamp{.seconds = 1'800'000'000, .fraction = 1, .counter = 70'000 - 65'536}));
}

Stamp stamp_of(WallTime time) {
  return StampMaker{}.next(time);
}

class ReplayGuardOfFiveSeconds : public testing::Test {
protected:
  bool take(const Stamp& stamp, WallTime now = noon) {
    return guard_.take(ip("10.9.0.1"), stamp, now, 5s);
  }

  ReplayGuard guard_;
};

TEST_F(ReplayGuardOfFiveSeconds, TakesWhatGrows) {
  EXPECT_TRUE(take(stamp_of(noon - 1s)));
  EXPECT_TRUE(take(stamp_of(noon)));
  EXPECT_TRUE(take({.seconds = 1'800'000'000, .fraction = 0, .counter = 1}));
}

TEST_F(ReplayGuardOfFiveSeconds, RefusesTheSameAndTheOlder) {
  EXPECT_TRUE(take(stamp_of(noon)));

  EXPECT_FALSE(take(stamp_of(noon)));
  EXPECT_FALSE(take(stamp_of(noon - 1s)));
}

// Up to the window itself, both ways: clocks differ.
TEST_F(ReplayGuardOfFiveSeconds, TakesNothingFromOutsideTheWindow) {
  EXPECT_FALSE(take(stamp_of(noon - 5001ms)));
  EXPECT_FALSE(take(stamp_of(noon + 5001ms)));
  EXPECT_TRUE(take(stamp_of(noon - 5s)));
  EXPECT_TRUE(take(stamp_of(noon + 5s)));
}

// What was refused is not remembered: one stamp of the far future would shut the sender out.
TEST_F(ReplayGuardOfFiveSeconds, IsNotSpoiltByWhatItRefuses) {
  EXPECT_FALSE(take(stamp_of(noon + 1h)));

  EXPECT_TRUE(take(stamp_of(noon)));
}

TEST_F(ReplayGuardOfFiveSeconds, WorksAcrossTheWrapOfTheSeconds) {
  constexpr WallTime wrap{std::chrono::seconds{std::int64_t{1} << 32U}};

  EXPECT_TRUE(take(stamp_of(wrap - 1s), wrap));
  EXPECT_TRUE(take(stamp_of(wrap + 1s), wrap));
  EXPECT_FALSE(take(stamp_of(wrap), wrap));
  EXPECT_FALSE(take(stamp_of(wrap + 6s), wrap));
}

// Half the circle away is as far as it gets.
TEST_F(ReplayGuardOfFiveSeconds, RefusesTheOppositeOfNow) {
  auto stamp = stamp_of(noon);
  stamp.seconds ^= 0x80000000U;

  EXPECT_FALSE(take(stamp));
}

IpAddress sender(std::uint32_t number) {
  return IpAddress::v4(0x0a090000U + number);
}

TEST(ReplayGuard, KnowsSendersApart) {
  ReplayGuard guard;

  EXPECT_TRUE(guard.take(sender(1), stamp_of(noon), noon, 5s));
  EXPECT_TRUE(guard.take(sender(2), stamp_of(noon), noon, 5s));
  EXPECT_FALSE(guard.take(sender(1), stamp_of(noon), noon, 5s));
}

TEST(FullReplayGuard, ForgetsWhoWasSilentTheLongest) {
  ReplayGuard guard;
  for (std::uint32_t n = 0; n < ReplayGuard::most_senders; ++n) {
    EXPECT_TRUE(guard.take(sender(n), stamp_of(noon), noon + n * 1ms, 5s));
  }
  EXPECT_TRUE(guard.take(sender(0), stamp_of(noon + 1ms), noon + 100ms, 5s));  // not silent

  EXPECT_TRUE(guard.take(sender(99), stamp_of(noon), noon + 101ms, 5s));

  EXPECT_FALSE(guard.take(sender(0), stamp_of(noon + 1ms), noon + 102ms, 5s));
  EXPECT_FALSE(guard.take(sender(2), stamp_of(noon), noon + 102ms, 5s));
  EXPECT_FALSE(guard.take(sender(99), stamp_of(noon), noon + 102ms, 5s));
  EXPECT_TRUE(guard.take(sender(1), stamp_of(noon), noon + 102ms, 5s));  // forgotten
}

}  // namespace
}  // namespace havip::vrrp
