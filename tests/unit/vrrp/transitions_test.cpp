// SPDX-License-Identifier: Apache-2.0
//
// Every row of the table is walked through Router: from the row's state, by an input that is
// classified as the row's stimulus, to the row's next state with the row's effect.
#include "sidecar/vrrp/transitions.hpp"

#include "tests/unit/vrrp/router_fixture.hpp"

#include <string>

namespace havip::vrrp::test {
namespace {

/// A router in `state` that knows 10.9.0.3 as the one it obeyed, if it takes part.
Router router_in(State state, const RouterSettings& settings) {
  Router router{settings};
  switch (state) {
    case State::init:
      break;
    case State::backup:
      router.start(t0);
      router.receive(heard(200), t0);
      break;
    case State::active:
      router.resume(t0);
      break;
    case State::fault:
      router.fail(t0);
      break;
  }
  return router;
}

/// What a router must be for this to be taken for the stimulus.
RouterSettings settings_for(Stimulus stimulus) {
  switch (stimulus) {
    case Stimulus::bequest:
    case Stimulus::yielding:
      return heir_settings();
    case Stimulus::ready:
      return grouped_settings();
    default:
      return settings();
  }
}

RouterActions apply(Router& router, Stimulus stimulus, Instant now) {
  switch (stimulus) {
    case Stimulus::start_as_holder:
      return router.resume(now);
    case Stimulus::start:
      return router.start(now);
    case Stimulus::stop:
      return router.stop(now);
    case Stimulus::fail:
      return router.fail(now);
    case Stimulus::cede:
      return router.cede(now);
    case Stimulus::timer:
      return router.expire(router.deadline().value_or(now));
    case Stimulus::resignation:
    case Stimulus::bequest:
      return router.receive(heard(0), now);
    case Stimulus::superior:
      return router.receive(heard(200), now);
    case Stimulus::ready:
      return router.state() == State::backup ? router.expire(router.deadline().value_or(now))
                                             : nothing;
    case Stimulus::gap:
      return router.pause(now);
    case Stimulus::relief:
      router.set_priority(yield_priority, now);
      return router.receive(heard(200), now);
    case Stimulus::unheeded:
      router.set_priority(owner_priority, now);
      return router.receive(heard(200), now);
    case Stimulus::inferior:
    case Stimulus::yielding:
      return router.receive(heard(1), now);
  }
  return {};
}

RouterActions actions_of(Effect effect) {
  switch (effect) {
    case Effect::ignore:
    case Effect::enter_backup:
    case Effect::leave:
    case Effect::renew_wait:
    case Effect::shorten_wait:
    case Effect::hold_back:
      return nothing;
    case Effect::enter_active:
      return claims;
    case Effect::resign:
    case Effect::step_back:
      return resigns;
    case Effect::give_way:
      return gives_way;
    case Effect::fall_silent:
      return falls_silent;
    case Effect::advertise:
      return {SendAdvert{{128}}};
    case Effect::insist:
      return insists;
  }
  return {};
}

TEST(EachRowOfTheTable, IsWhatTheRouterDoes) {
  for (const auto& row : transitions) {
    const auto label =
        std::string{to_string(row.in)} + " on stimulus " + std::to_string(static_cast<int>(row.on));
    auto router = router_in(row.in, settings_for(row.on));
    ASSERT_EQ(router.state(), row.in) << label;

    const auto actions = apply(router, row.on, t0 + 100ms);

    EXPECT_EQ(router.state(), row.next) << label;
    EXPECT_EQ(actions, actions_of(row.effect)) << label;
    const bool takes_part = row.next == State::backup || row.next == State::active;
    EXPECT_EQ(router.deadline().has_value(), takes_part && row.effect != Effect::hold_back)
        << label;
    EXPECT_EQ(router.is_ready(), row.effect == Effect::hold_back) << label;
  }
}

TEST(EachPairOfStateAndStimulus, HasItsRow) {
  for (std::size_t state = 0; state < state_count; ++state) {
    for (std::size_t on = 0; on < stimulus_count; ++on) {
      const auto& row = transition(static_cast<State>(state), static_cast<Stimulus>(on));
      EXPECT_EQ(static_cast<std::size_t>(row.in), state);
      EXPECT_EQ(static_cast<std::size_t>(row.on), on);
    }
  }
}

}  // namespace
}  // namespace havip::vrrp::test
