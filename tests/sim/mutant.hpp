#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

namespace havip::sim {

/// A bug planted between the engine and its surroundings, or in what it is built from. The
/// simulator is worth something only if it finds each of them.
enum class Mutant : std::uint8_t {
  none,
  keeps_addresses,        ///< removing an address does nothing
  ignores_resignations,   ///< advertisements of priority 0 are not heard
  resigns_silently,       ///< advertisements of priority 0 are not sent
  wins_every_tie,         ///< an equal router's address always seems smaller
  forgets_to_rearm,       ///< a deadline is met only when something else happens too
  fires_before_reading,   ///< after a pause timers fire before the mail is read
  never_renews,           ///< what is on the link is not added again
  adds_without_lease,     ///< the kernel never takes an address off by itself
  trusts_haproxy_always,  ///< the node's health is believed once and for all
  announces_nothing,      ///< no gratuitous ARP
  never_yields,           ///< a priority of 1 is not heard of
  announces_once,         ///< a campaign after a claim, and never again
  believes_unsigned,      ///< an advertisement without a signature is as good as one with
  believes_replays,       ///< a signature is never too old
  believes_any_ttl,       ///< so that routers far away are heard
  obeys_one_way,          ///< of two ways only multicast is listened to
  claims_alone,           ///< virtual routers of a group do not wait for each other
  forgets_gaps,           ///< timers that fired in a pause are made up for one by one
  uses_the_wall_clock,    ///< for the election
  misses_link_news,       ///< interfaces come and go unseen
  always_preempts,        ///< whatever is configured
  preempts_at_once,       ///< whatever delay is configured
};

inline constexpr std::array<const char*, 23> mutant_names{"none",
                                                          "keeps_addresses",
                                                          "ignores_resignations",
                                                          "resigns_silently",
                                                          "wins_every_tie",
                                                          "forgets_to_rearm",
                                                          "fires_before_reading",
                                                          "never_renews",
                                                          "adds_without_lease",
                                                          "trusts_haproxy_always",
                                                          "announces_nothing",
                                                          "never_yields",
                                                          "announces_once",
                                                          "believes_unsigned",
                                                          "believes_replays",
                                                          "believes_any_ttl",
                                                          "obeys_one_way",
                                                          "claims_alone",
                                                          "forgets_gaps",
                                                          "uses_the_wall_clock",
                                                          "misses_link_news",
                                                          "always_preempts",
                                                          "preempts_at_once"};

inline constexpr int mutant_count = mutant_names.size();

}  // namespace havip::sim
