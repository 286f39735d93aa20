#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The state machine of RFC 9568 section 6.4 as a table without guards. classify() of router.cpp
// turns what happened into a stimulus; the row for (state, stimulus) says the rest. The RFC's
// Initialize stands here twice: `init` before the node has decided to take part and `fault` when
// it must not, which differ only in what the operator is told.
#include "sidecar/vrrp/types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace havip::vrrp {

enum class Stimulus : std::uint8_t {
  start_as_holder,  ///< may take part, and holds the address: as its owner or from an earlier run
  start,            ///< may take part
  stop,             ///< leaves for good (RFC: Shutdown)
  fail,             ///< must not take part: HAProxy or the link does not work
  cede,             ///< gives its addresses away but stays as a backup
  timer,            ///< Adver_Timer or Active_Down_Timer fired
  ready,            ///< would claim, but the rest of its group may not yet
  gap,              ///< the process stood still for longer than Active_Down_Interval
  resignation,      ///< advertisement of priority 0
  bequest,          ///< the same, and this node alone is next in line
  superior,         ///< advertisement this node gives way to
  relief,           ///< the same, and it asked to be replaced
  inferior,         ///< advertisement this node does not give way to
  yielding,         ///< inferior by the router it obeyed so far, and this node is next in line
  unheeded,         ///< advertisement that is none of this node's business: it owns the addresses
};

enum class Effect : std::uint8_t {
  ignore,
  enter_backup,  ///< wait out Active_Down_Interval
  enter_active,  ///< advertise, claim the addresses, announce them
  leave,         ///< cancel the timer
  resign,        ///< advertise priority 0, release the addresses
  step_back,     ///< the same, then wait as a backup
  give_way,      ///< the same for the sender's interval: it announces once more when it hears of it
  fall_silent,   ///< release the addresses, wait as a backup
  hold_back,     ///< stop the timer until the group may claim
  renew_wait,    ///< a whole Active_Down_Interval from now
  shorten_wait,  ///< Skew_Time from now
  advertise,     ///< now, and again after Advertisement_Interval
  insist,        ///< the same, and announce: the sender may have claimed the addresses
};

inline constexpr std::size_t stimulus_count = 15;

struct Transition {
  State in;
  Stimulus on;
  State next;
  Effect effect;
};

// clang-format off
inline constexpr std::array transitions = [] {
  using enum State;
  using enum Stimulus;
  using enum Effect;
  return std::to_array<Transition>({
    // in   on               next    effect
    {init,   start_as_holder, active, enter_active},        // 6.4.1
    {init,   start,           backup, enter_backup},        // 6.4.1
    {init,   stop,            init,   ignore},
    {init,   fail,            fault,  ignore},
    {init,   cede,            init,   ignore},
    {init,   timer,           init,   ignore},
    {init,   ready,           init,   ignore},
    {init,   gap,             init,   ignore},
    {init,   resignation,     init,   ignore},
    {init,   bequest,         init,   ignore},
    {init,   superior,        init,   ignore},
    {init,   relief,          init,   ignore},
    {init,   inferior,        init,   ignore},
    {init,   yielding,        init,   ignore},
    {init,   unheeded,        init,   ignore},
    {backup, start_as_holder, backup, ignore},
    {backup, start,           backup, ignore},
    {backup, stop,            init,   leave},               // 6.4.2, Shutdown: no advertisement
    {backup, fail,            fault,  leave},
    {backup, cede,            backup, ignore},
    {backup, timer,           active, enter_active},        // 6.4.2
    {backup, ready,           backup, hold_back},
    {backup, gap,             backup, renew_wait},          // listen before you speak
    {backup, resignation,     backup, shorten_wait},        // 6.4.2
    {backup, bequest,         active, enter_active},        // as a Skew_Time of 0
    {backup, superior,        backup, renew_wait},          // 6.4.2
    {backup, relief,          backup, renew_wait},
    {backup, inferior,        backup, ignore},              // 6.4.2: the timer runs on
    {backup, yielding,        active, enter_active},        // need not wait for the timer
    {backup, unheeded,        backup, ignore},
    {active, start_as_holder, active, ignore},
    {active, start,           active, ignore},
    {active, stop,            init,   resign},              // 6.4.3
    {active, fail,            fault,  resign},
    {active, cede,            backup, step_back},
    {active, timer,           active, advertise},           // 6.4.3
    {active, ready,           active, ignore},
    {active, gap,             backup, fall_silent},         // listen before you speak
    {active, resignation,     active, insist},              // 6.4.3: advertise at once
    {active, bequest,         active, insist},
    {active, superior,        backup, give_way},            // 6.4.3
    {active, relief,          backup, fall_silent},         // 6.4.3
    {active, inferior,        active, insist},              // 6.4.3, new in RFC 9568
    {active, yielding,        active, insist},
    {active, unheeded,        active, ignore},
    {fault,  start_as_holder, active, enter_active},
    {fault,  start,           backup, enter_backup},
    {fault,  stop,            init,   ignore},
    {fault,  fail,            fault,  ignore},
    {fault,  cede,            fault,  ignore},
    {fault,  timer,           fault,  ignore},
    {fault,  ready,           fault,  ignore},
    {fault,  gap,             fault,  ignore},
    {fault,  resignation,     fault,  ignore},
    {fault,  bequest,         fault,  ignore},
    {fault,  superior,        fault,  ignore},
    {fault,  relief,          fault,  ignore},
    {fault,  inferior,        fault,  ignore},
    {fault,  yielding,        fault,  ignore},
    {fault,  unheeded,        fault,  ignore},
  });
}();

// clang-format on

constexpr const Transition& transition(State in, Stimulus on) {
  return transitions.at(static_cast<std::size_t>(in) * stimulus_count +
                        static_cast<std::size_t>(on));
}

// Every (state, stimulus) pair has exactly one row, at the index transition() computes.
static_assert(transitions.size() == state_count * stimulus_count);
static_assert([] {
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    if (static_cast<std::size_t>(transitions.at(i).in) != i / stimulus_count ||
        static_cast<std::size_t>(transitions.at(i).on) != i % stimulus_count) {
      return false;
    }
  }
  return true;
}());

}  // namespace havip::vrrp
