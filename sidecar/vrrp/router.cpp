// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/router.hpp"

#include "sidecar/base/check.hpp"

#include <algorithm>
#include <utility>

namespace havip::vrrp {

Duration Router::skew_time() const {
  constexpr Duration of_version_2 = std::chrono::seconds{1};
  const auto whole = settings_.version == Version::v2 ? of_version_2 : active_interval_;
  return whole * (256 - settings_.priority.value) / 256;
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

/// Whether the sender of an inferior advertisement was Active and this node is to replace it. Of
/// two nodes the other one's word is enough even if it is the first that is heard.
bool Router::is_asked_by(const Heard& advert) const {
  const bool first_word = !obeyed_ && advert.priority == yield_priority;
  const bool was_active =
      obeyed_ == advert.sender || (first_word && settings_.succession.of_anyone);
  return was_active && is_next_after(advert.sender);
}

Stimulus Router::classify_as_active(const Heard& advert) const {
  // Preempt_Mode is not considered here (section 6.4.3).
  const auto theirs = std::pair{advert.priority, advert.sender};
  const auto ours = std::pair{settings_.priority, settings_.own_address};
  if (theirs <= ours) {
    return Stimulus::inferior;
  }
  return settings_.priority == yield_priority ? Stimulus::relief : Stimulus::superior;
}

Stimulus Router::classify_as_owner(const Heard& advert) const {
  const bool answers = advert.priority == resign_priority && state_ == State::active;
  return answers ? Stimulus::resignation : Stimulus::unheeded;
}

Stimulus Router::classify_resignation(const Heard& advert) const {
  // Who is obeyed lives on when another router resigns: that one gave up what others hold.
  if (state_ == State::backup && obeyed_ && obeyed_ != advert.sender) {
    return Stimulus::inferior;
  }
  const bool bequeathed = obeyed_ == advert.sender && is_next_after(advert.sender);
  return bequeathed ? Stimulus::bequest : Stimulus::resignation;
}

Stimulus Router::classify(const Heard& advert, Instant now) const {
  // An owner heeds nobody (section 7.1), but for another owner, or both would stay Active for ever.
  if (settings_.priority == owner_priority &&
      (settings_.strict || advert.priority != owner_priority)) {
    return classify_as_owner(advert);
  }
  if (advert.priority == resign_priority) {
    return classify_resignation(advert);
  }
  if (state_ == State::active) {
    return classify_as_active(advert);
  }
  // Who yields asks to be replaced, whatever Preempt_Mode says; who yields as well does not.
  const bool preempts =
      (settings_.preempt && now >= preempt_from_) || advert.priority == yield_priority;
  if (!preempts || advert.priority >= settings_.priority) {
    return Stimulus::superior;
  }
  return is_asked_by(advert) ? Stimulus::yielding : Stimulus::inferior;
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
  if (stimulus == Stimulus::superior || stimulus == Stimulus::relief) {
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

RouterActions Router::claim(Instant now) {
  CHECK(ready_);
  ready_ = false;
  return perform(Stimulus::timer, now);
}

RouterActions Router::set_priority(Priority priority, Instant now) {
  if (priority == settings_.priority) {
    return {};
  }
  settings_.priority = priority;
  if (state_ == State::active) {
    return advertise(now);
  }
  if (waiting_since_) {
    deadline_ = std::max(*waiting_since_ + active_down_interval(), listens_until_);
  }
  return {};
}

void Router::wait(Instant now) {
  ready_ = false;
  waiting_since_ = now;
  deadline_ = std::max(now + active_down_interval(), listens_until_);
}

void Router::leave() {
  ready_ = false;
  waiting_since_.reset();
  deadline_.reset();
}

RouterActions Router::advertise(Instant now) {
  deadline_ = now + settings_.interval;
  return {SendAdvert{settings_.priority}};
}

RouterActions Router::apply(Stimulus stimulus, Instant now) {
  const bool claims = stimulus == Stimulus::timer || stimulus == Stimulus::bequest ||
                      stimulus == Stimulus::yielding;
  const bool held_back = settings_.grouped && state_ == State::backup && claims;
  return perform(held_back ? Stimulus::ready : stimulus, now);
}

RouterActions Router::perform(Stimulus stimulus, Instant now) {
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
      leave();
      obeyed_.reset();
      return {advertise(now).front(), ClaimAddresses{}, Announce{}};
    case Effect::leave:
      leave();
      return {};
    case Effect::hold_back:
      leave();
      ready_ = true;
      return {};
    case Effect::resign:
      leave();
      return {SendAdvert{resign_priority}, ReleaseAddresses{}};
    case Effect::step_back:
      active_interval_ = settings_.interval;
      wait(now);
      return {SendAdvert{resign_priority}, ReleaseAddresses{}};
    case Effect::give_way:
      wait(now);
      return {SendAdvert{resign_priority}, ReleaseAddresses{}};
    case Effect::fall_silent:
      wait(now);
      return {ReleaseAddresses{}};
    case Effect::shorten_wait:
      if (!ready_) {
        waiting_since_.reset();
        deadline_ = std::max(now + skew_time(), listens_until_);
      }
      return {};
    case Effect::advertise:
      return advertise(now);
    case Effect::insist:
      return {advertise(now).front(), Announce{}};
  }
  check_failed("effect is in the table", __FILE__, __LINE__);
}

}  // namespace havip::vrrp
