// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/hook_queue.hpp"

#include <gtest/gtest.h>

namespace havip::app {
namespace {

using namespace std::chrono_literals;
using vrrp::State;

constexpr Instant t0{100s};

Transition to(const std::string& router, State state) {
  return {.router = router, .state = state, .reason = "a reason", .at = t0};
}

Notice first_of(const std::string& router, State state, State previous = State::init) {
  return {.transition = to(router, state), .previous = previous};
}

TEST(AHookQueue, GivesTransitionsInOrderEachWithWhatWasToldBefore) {
  HookQueue queue{{}};
  queue.add(to("public", State::backup));
  queue.add(to("back", State::backup));
  queue.add(to("public", State::active));

  EXPECT_EQ(queue.deadline(), Instant{});  // at once
  EXPECT_EQ(queue.next(t0), first_of("public", State::backup));
  EXPECT_EQ(queue.next(t0), first_of("back", State::backup));
  EXPECT_EQ(queue.next(t0), first_of("public", State::active, State::backup));
  EXPECT_EQ(queue.next(t0), std::nullopt);
  EXPECT_EQ(queue.deadline(), std::nullopt);
}

TEST(AFailedRun, IsTriedAgainAfterPausesThatDoubleUpToTheLongest) {
  HookQueue queue{{.first = 1s, .longest = 5s}};
  queue.add(to("public", State::active));

  auto now = t0;
  for (const auto pause : {1s, 2s, 4s, 5s, 5s}) {
    auto notice = queue.next(now);
    ASSERT_TRUE(notice);
    EXPECT_EQ(queue.failed(*notice, now), pause);
    EXPECT_EQ(queue.deadline(), now + pause);
    EXPECT_EQ(queue.next(now + pause - 1ns), std::nullopt);
    now += pause;
  }
  // The fifth failure changes nothing of what is told.
  EXPECT_EQ(queue.next(now),
            (Notice{.transition = to("public", State::active),
                    .previous = State::init,
                    .failures = 5,
                    .due = now}));
}

TEST(AFailedRun, HoldsUpNoOtherRouter) {
  HookQueue queue{{}};
  queue.add(to("public", State::active));
  queue.add(to("back", State::active));
  queue.failed(*queue.next(t0), t0);

  EXPECT_EQ(queue.next(t0), first_of("back", State::active));
  EXPECT_EQ(queue.deadline(), t0 + 1s);
}

TEST(AFailedRun, IsNotTriedAgainWhenANewerTransitionWaits) {
  HookQueue queue{{}};
  queue.add(to("public", State::active));
  const auto running = queue.next(t0);
  queue.add(to("public", State::fault));

  EXPECT_EQ(queue.failed(*running, t0), std::nullopt);
  EXPECT_EQ(queue.waiting(), (std::vector{to("public", State::fault)}));
}

TEST(AFailedRun, GivesItsPlaceToANewerTransition) {
  HookQueue queue{{}};
  queue.add(to("public", State::active));
  queue.failed(*queue.next(t0), t0);

  queue.add(to("public", State::backup));

  EXPECT_EQ(queue.next(t0), first_of("public", State::backup, State::active));
  EXPECT_EQ(queue.deadline(), std::nullopt);
}

TEST(ALongHookQueue, KeepsTheLatestOfEachRouterInOrder) {
  HookQueue queue{{}};
  queue.add(to("early", State::backup));
  for (std::size_t i = 0; i + 1 < HookQueue::most_waiting; ++i) {
    queue.add(to("flapping", i % 2 == 0 ? State::active : State::backup));
  }
  EXPECT_EQ(queue.waiting().size(), HookQueue::most_waiting);

  queue.add(to("late", State::fault));

  // 15 of "flapping" began and ended with active.
  EXPECT_EQ(
      queue.waiting(),
      (std::vector{
          to("early", State::backup), to("flapping", State::active), to("late", State::fault)}));
}

}  // namespace
}  // namespace havip::app
