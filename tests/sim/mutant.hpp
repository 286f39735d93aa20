#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

namespace havip::sim {

/// A bug planted between the engine and its surroundings. The simulator is worth something only if
/// it finds each of them.
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
};

inline constexpr int mutant_count = 12;

inline constexpr std::array<const char*, mutant_count> mutant_names{"none",
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
                                                                    "never_yields"};

}  // namespace havip::sim
