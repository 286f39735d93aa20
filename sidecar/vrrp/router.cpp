// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/router.hpp"

#include "sidecar/base/check.hpp"

#include <utility>

namespace havip::vrrp {

Duration Router::skew_time() const {
  return active_interval_ * (256 - settings_.priority.value) / 256;
}

Duration Router::active_down_interval() const {
  return 3 * active_interval_ + skew_time();
}

/// The order of succession is that of the configured priorities: a node that yields has left its
/// place in it, unless there is nobody else.
bool Router::is_next_after(const IpAddress& sender) const {
  const auto& succession = settings_.succession;
  return succession.of_anyone ||
         (settings_.priority > yield_priority && succession.of.contains(sender));
}

Stimulus Router::classify(const Heard& advert, Instant now) const {
  const bool next_in_line = is_next_after(advert.sender);
  if (advert.priority == resign_priority) {
    // One that was never obeyed has nothing to bequeath: it gave up addresses that others hold.
    return next_in_line && obeyed_ == advert.sender ? Stimulus::bequest : Stimulus::resignation;
  }
  if (state_ == State::active) {
    // Preempt_Mode is not considered here (section 6.4.3).
    const auto theirs = std::pair{advert.priority, advert.sender};
    const auto ours = std::pair{settings_.priority, settings_.own_address};
    return theirs > ours ? Stimulus::superior : Stimulus::inferior;
  }
  // Who yields asks to be replaced, whatever Preempt_Mode says; who yields as well does not.
  const bool preempts =
      (settings_.preempt && now >= preempt_from_) || advert.priority == yield_priority;
  if (!preempts || advert.priority >= settings_.priority) {
    return Stimulus::superior;
  }
  return next_in_line && obeyed_ == advert.sender ? Stimulus::yielding : Stimulus::inferior;
}

void Router::forget_others(Instant now) {
  if (state_ == State::init || state_ == State::fault) {
    preempt_from_ = now + settings_.preempt_delay;
    active_interval_ = settings_.interval;
    obeyed_.reset();
  }
}

RouterActions Router::start(Instant now) {
  forget_others(now);
  const bool owner = settings_.priority == owner_priority;
  return apply(owner ? Stimulus::start_as_holder : Stimulus::start, now);
}

RouterActions Router::resume(Instant now) {
  forget_others(now);
  return apply(Stimulus::start_as_holder, now);
}

RouterActions Router::receive(const Heard& advert, Instant now) {
  const auto stimulus = classify(advert, now);
  if (stimulus == Stimulus::superior) {
    // An interval of 0 would end every wait at once; keepalived before 2.3.2 sent it for 40.958 s.
    active_interval_ = advert.interval > Duration{} ? advert.interval : settings_.interval;
    obeyed_ = advert.sender;
  }
  return apply(stimulus, now);
}

RouterActions Router::expire(Instant now) {
  if (!deadline_ || now < *deadline_) {
    return {};
  }
  return apply(Stimulus::timer, now);
}

RouterActions Router::set_priority(Priority priority, Instant now) {
  if (priority == settings_.priority) {
    return {};
  }
  settings_.priority = priority;
  if (state_ == State::active) {
    deadline_ = now + settings_.interval;
    return {SendAdvert{priority}};
  }
  if (waiting_since_) {
    deadline_ = *waiting_since_ + active_down_interval();
  }
  return {};
}

void Router::wait(Instant now) {
  waiting_since_ = now;
  deadline_ = now + active_down_interval();
}

RouterActions Router::apply(Stimulus stimulus, Instant now) {
  last_stimulus_ = stimulus;
  const auto& row = transition(state_, stimulus);
  state_ = row.next;
  switch (row.effect) {
    case Effect::ignore:
      return {};
    case Effect::enter_backup:
    case Effect::renew_wait:
      wait(now);
      return {};
    case Effect::enter_active:
      waiting_since_.reset();
      obeyed_.reset();
      deadline_ = now + settings_.interval;
      return {SendAdvert{settings_.priority}, ClaimAddresses{}, Announce{}};
    case Effect::leave:
      waiting_since_.reset();
      deadline_.reset();
      return {};
    case Effect::resign:
      deadline_.reset();
      return {SendAdvert{resign_priority}, ReleaseAddresses{}};
    case Effect::step_back:
      active_interval_ = settings_.interval;
      wait(now);
      return {SendAdvert{resign_priority}, ReleaseAddresses{}};
    case Effect::give_way:
      wait(now);
      return {ReleaseAddresses{}};
    case Effect::shorten_wait:
      waiting_since_.reset();
      deadline_ = now + skew_time();
      return {};
    case Effect::advertise:
      deadline_ = now + settings_.interval;
      return {SendAdvert{settings_.priority}};
    case Effect::insist:
      deadline_ = now + settings_.interval;
      return {SendAdvert{settings_.priority}, Announce{}};
  }
  check_failed("effect is in the table", __FILE__, __LINE__);
}

}  // namespace havip::vrrp
