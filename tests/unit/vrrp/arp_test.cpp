// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/arp.hpp"

#include "sidecar/vrrp/announce_plan.hpp"
#include "tests/unit/vrrp/wire.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace havip::vrrp {
namespace {

using namespace std::chrono_literals;

constexpr Instant t0 = Instant{} + 1h;
const MacAddress mac{{0x00, 0x00, 0x5e, 0x00, 0x01, 0x33}};

std::vector<std::byte> frame(const ArpMessage& message) {
  const auto bytes = encode(message);
  return {bytes.begin(), bytes.end()};
}

// C57: keepalived's frame, captured.
TEST(GratuitousRequest, IsTheGoldenFrame) {
  EXPECT_EQ(frame(gratuitous_arp(ArpOperation::request, test::ip("10.9.0.100"), mac)),
            test::from_hex(test::gratuitous_arp_frame));
}

// RFC 5944 section 4.6: the target of the reply form has the sender's MAC.
TEST(GratuitousReply, NamesItsOwnMacAsTheTarget) {
  EXPECT_EQ(frame(gratuitous_arp(ArpOperation::reply, test::ip("10.9.0.100"), mac)),
            test::from_hex("ffffffffffff00005e00013308060001080006040002"
                           "00005e0001330a09006400005e0001330a090064"));
}

TEST(GoldenArpFrame, IsReadAsItWasMeant) {
  EXPECT_EQ(decode_arp(test::from_hex(test::gratuitous_arp_frame)),
            gratuitous_arp(ArpOperation::request, test::ip("10.9.0.100"), mac));
}

TEST(ArpMessage, IsReadAsItWasWritten) {
  const ArpMessage reply{.operation = ArpOperation::reply,
                         .sender_mac = mac,
                         .sender = test::ip("10.9.0.100"),
                         .target_mac = {{2, 0, 0, 0, 0, 2}},
                         .target = test::ip("10.9.0.2"),
                         .destination = {{2, 0, 0, 0, 0, 2}}};

  EXPECT_EQ(decode_arp(frame(reply)), reply);
}

TEST(ArpFrameCutShort, IsNone) {
  for (std::size_t length = 0; length < arp_frame_size; ++length) {
    auto cut = test::from_hex(test::gratuitous_arp_frame);
    cut.resize(length);
    EXPECT_EQ(decode_arp(cut), std::nullopt) << length;
  }
}

// An Ethernet frame has 60 bytes at least.
TEST(PaddedArpFrame, IsRead) {
  auto padded = test::from_hex(test::gratuitous_arp_frame);
  padded.resize(60);

  EXPECT_EQ(decode_arp(padded), gratuitous_arp(ArpOperation::request, test::ip("10.9.0.100"), mac));
}

TEST(ArpOfAnotherKind, IsNone) {
  // EtherType, hardware, protocol, the sizes of their addresses, the operation (3 is RARP's)
  for (const std::size_t offset : {13U, 15U, 16U, 18U, 19U, 21U}) {
    auto other = test::from_hex(test::gratuitous_arp_frame);
    other[offset] = std::byte{3};
    EXPECT_EQ(decode_arp(other), std::nullopt) << offset;
  }
}

/// When the plan announces within `period`, as offsets from t0.
std::vector<Duration> rounds(AnnouncePlan& plan, Duration period) {
  std::vector<Duration> result;
  while (plan.deadline() && *plan.deadline() <= t0 + period) {
    const auto now = *plan.deadline();
    if (plan.due(now)) {
      result.push_back(now - t0);
    }
  }
  return result;
}

TEST(AnnouncePlan, IsAtRestBeforeItStarts) {
  AnnouncePlan plan;

  EXPECT_EQ(plan.deadline(), std::nullopt);
  EXPECT_FALSE(plan.due(t0));
}

TEST(AnnouncePlanThatStarts, RepeatsWithGrowingGapsAndThenEveryMinute) {
  AnnouncePlan plan;
  plan.start(t0);

  EXPECT_EQ(rounds(plan, 130s), (std::vector<Duration>{0ms, 50ms, 200ms, 1s, 5s, 65s, 125s}));
}

TEST(AnnouncePlan, IsDueOnceForEachRound) {
  AnnouncePlan plan;
  plan.start(t0);

  EXPECT_TRUE(plan.due(t0));
  EXPECT_FALSE(plan.due(t0));
  EXPECT_FALSE(plan.due(t0 + 49ms));
  EXPECT_TRUE(plan.due(t0 + 50ms));
}

TEST(SuspicionWithinTheQuietTime, ChangesNothing) {
  AnnouncePlan plan;
  plan.start(t0);
  rounds(plan, 200ms);

  plan.suspect(t0 + 499ms);

  EXPECT_EQ(rounds(plan, 6s), (std::vector<Duration>{1s, 5s}));
}

TEST(SuspicionLater, StartsANewCampaign) {
  AnnouncePlan plan;
  plan.start(t0);
  rounds(plan, 200ms);

  plan.suspect(t0 + 500ms);

  EXPECT_EQ(rounds(plan, 6s), (std::vector<Duration>{500ms, 550ms, 700ms, 1500ms, 5500ms}));
}

TEST(SuspicionWhileNothingIsHeld, AnnouncesNothing) {
  AnnouncePlan plan;
  plan.suspect(t0);
  EXPECT_EQ(plan.deadline(), std::nullopt);

  plan.start(t0);
  plan.stop();
  plan.suspect(t0 + 1s);
  EXPECT_EQ(plan.deadline(), std::nullopt);
  EXPECT_FALSE(plan.due(t0 + 1s));
}

// A forger who suspects all the time gets one campaign for each quiet time, not more.
TEST(ConstantSuspicion, IsBounded) {
  AnnouncePlan plan;
  plan.start(t0);
  std::size_t announced = 0;

  for (auto now = t0; now < t0 + 10s; now += 1ms) {
    plan.suspect(now);
    announced += plan.due(now) ? 1U : 0U;
  }

  EXPECT_EQ(announced, 20U * 3U);  // 20 campaigns; each gets as far as its third round, at 200 ms
}

}  // namespace
}  // namespace havip::vrrp
