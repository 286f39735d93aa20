// SPDX-License-Identifier: Apache-2.0
#include "haproxy/pace.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;

constexpr Instant t0{};

TEST(ReadingIntervalOfASmallHaproxy, IsTheConfiguredOneWithoutEventsAndASecondWithThem) {
  EXPECT_EQ(reading_interval({.configured = 200ms, .events = false, .servers = 100}), 200ms);
  EXPECT_EQ(reading_interval({.configured = 200ms, .events = true, .servers = 100}), 1s);
  EXPECT_EQ(reading_interval({.configured = 5s, .events = true, .servers = 100}), 5s);
}

TEST(ReadingIntervalWhileFirstChecksAreUnderWay, IsTheConfiguredOne) {
  // That a server became known to be well is not announced.
  EXPECT_EQ(reading_interval({.configured = 200ms, .events = true, .unchecked = true}), 200ms);
}

TEST(ReadingIntervalOfALargeHaproxy, GrowsWithItsServers) {
  // 360 ns of HAProxy's time for each of 10,000 servers are 3.6 ms: 0.5 ms a second.
  EXPECT_EQ(reading_interval({.configured = 200ms, .servers = 10'000}), 7200ms);
  EXPECT_EQ(reading_interval({.configured = 200ms, .events = true, .servers = 10'000}), 7200ms);
  EXPECT_EQ(reading_interval({.configured = 200ms, .servers = 277}), 200ms);
  EXPECT_EQ(reading_interval({.configured = 200ms, .servers = 1'000}), 720ms);
}

TEST(FullReadingInterval, IsAMinuteAndGrowsWithTheServers) {
  EXPECT_EQ(full_reading_interval(0), 60s);
  EXPECT_EQ(full_reading_interval(1'000), 60s);
  EXPECT_EQ(full_reading_interval(10'000), 420s);  // for 70 ms each
}

TEST(Heartbeat, IsATenthOfASecondUnlessThereAreThousandsOfServers) {
  EXPECT_EQ(heartbeat(0), 100ms);
  EXPECT_EQ(heartbeat(2'000), 100ms);
  EXPECT_EQ(heartbeat(10'000), 500ms);
  EXPECT_EQ(heartbeat(1'000'000), 1s);
}

TEST(EarliestReading, IsTenMillisecondsAfterTheLastBeganAndLeavesHalfOfTheTime) {
  EXPECT_EQ(earliest_reading(t0, t0 + 1ms), t0 + 10ms);
  EXPECT_EQ(earliest_reading(t0, t0 + 5ms), t0 + 10ms);
  EXPECT_EQ(earliest_reading(t0, t0 + 30ms), t0 + 60ms);
}

}  // namespace
}  // namespace havip::haproxy
