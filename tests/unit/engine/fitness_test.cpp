// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/fitness.hpp"

#include <gtest/gtest.h>

#include <random>

namespace havip::engine {
namespace {

constexpr vrrp::Priority configured{150};

Fitness fit() {
  return {.verdict = Verdict::fit, .why = {}, .scales = {}, .lowers = {}};
}

TEST(PriorityOfAWellNode, IsTheConfiguredOne) {
  EXPECT_EQ(effective_priority(configured, fit(), false), (EffectivePriority{{150}, {}}));
}

TEST(PriorityWithAHalfHealthyBackend, IsHalf) {
  auto fitness = fit();
  fitness.scales = {{"backend web", 0.5}};

  EXPECT_EQ(effective_priority(configured, fitness, false),
            (EffectivePriority{{75}, {{"backend web", -75}}}));
}

TEST(PriorityWithAHealthyBackend, NamesItWithoutChange) {
  auto fitness = fit();
  fitness.scales = {{"backend web", 1.0}};

  EXPECT_EQ(effective_priority(configured, fitness, false),
            (EffectivePriority{{150}, {{"backend web", 0}}}));
}

// 150 x 1/3 x 1/2 is 25; rounding after the first step would make it 25 too, but 100 x 2/3 x 2/3
// is 44.4, and 45 when rounded to 67 in between.
TEST(SeveralShares, AreMultipliedBeforeRounding) {
  auto fitness = fit();
  fitness.scales = {{"backend web", 2.0 / 3}, {"backend api", 2.0 / 3}};

  EXPECT_EQ(effective_priority({100}, fitness, false),
            (EffectivePriority{{44}, {{"backend web", -33}, {"backend api", -23}}}));
}

TEST(LoweredPriority, IsBelowTheScaledOne) {
  auto fitness = fit();
  fitness.scales = {{"backend web", 0.5}};
  fitness.lowers = {{"command /usr/local/bin/check", 20}};

  EXPECT_EQ(
      effective_priority(configured, fitness, false),
      (EffectivePriority{{55}, {{"backend web", -75}, {"command /usr/local/bin/check", -20}}}));
}

TEST(Priority, NeverFallsBelowOne) {
  auto fitness = fit();
  fitness.scales = {{"backend web", 0.0}};
  fitness.lowers = {{"gateway 192.0.2.1", 40}};

  EXPECT_EQ(effective_priority(configured, fitness, false),
            (EffectivePriority{{1}, {{"backend web", -149}, {"gateway 192.0.2.1", 0}}}));
}

TEST(NodeThatYields, HasPriorityOne) {
  const Fitness fitness{
      .verdict = Verdict::yield, .why = "backend api", .scales = {}, .lowers = {}};

  EXPECT_EQ(effective_priority(configured, fitness, false),
            (EffectivePriority{{1}, {{"backend api", -149}}}));
}

TEST(DrainedNode, HasPriorityOne) {
  EXPECT_EQ(effective_priority(configured, fit(), true),
            (EffectivePriority{{1}, {{"drained", -149}}}));
}

TEST(ShareOutOfRange, IsBounded) {
  auto fitness = fit();
  fitness.scales = {{"backend web", 1.5}, {"backend api", -0.5}};

  EXPECT_EQ(effective_priority(configured, fitness, false).value, vrrp::Priority{1});
}

TEST(ReasonsOfAnyPriority, AddUpToTheChange) {
  std::mt19937 random{51};  // always the same sequence
  for (int i = 0; i < 5000; ++i) {
    const vrrp::Priority start{static_cast<std::uint8_t>(1 + random() % 254)};
    Fitness fitness{
        .verdict = static_cast<Verdict>(random() % 4), .why = "w", .scales = {}, .lowers = {}};
    for (unsigned n = random() % 4; n > 0; --n) {
      fitness.scales.push_back({"s", static_cast<double>(random() % 11) / 10});
    }
    for (unsigned n = random() % 4; n > 0; --n) {
      fitness.lowers.push_back({"l", static_cast<int>(random() % 60)});
    }

    const auto effective = effective_priority(start, fitness, random() % 5 == 0);

    int sum = start.value;
    for (const auto& reason : effective.reasons) {
      sum += reason.change;
      EXPECT_LE(reason.change, 0);
    }
    EXPECT_EQ(sum, effective.value.value);
    EXPECT_GE(effective.value, vrrp::yield_priority);
    EXPECT_LE(effective.value, start);
  }
}

}  // namespace
}  // namespace havip::engine
