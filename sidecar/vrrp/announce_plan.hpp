#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace havip::vrrp {

/// When the addresses of one virtual router are announced to the neighbours.
///
/// A campaign starts at once and repeats with growing gaps, because a single gratuitous ARP may be
/// lost or fall into a neighbour's locktime of one second. Between campaigns the addresses are
/// announced every minute, below the 300 s after which switches forget a MAC address.
class AnnouncePlan {
public:
  static constexpr std::array<Duration, 5> campaign{Duration{},
                                                    std::chrono::milliseconds{50},
                                                    std::chrono::milliseconds{200},
                                                    std::chrono::seconds{1},
                                                    std::chrono::seconds{5}};
  static constexpr Duration refresh = std::chrono::minutes{1};
  /// A campaign is not started anew within this time, whatever a neighbour or a forger sends.
  static constexpr Duration quiet_time = std::chrono::milliseconds{500};

  /// The addresses were claimed: a campaign from now on.
  void start(Instant now);

  /// Something suggests that neighbours were misled: a campaign, unless one started just now.
  void suspect(Instant now);

  /// The addresses are held no more.
  void stop() { next_.reset(); }

  /// Whether to announce now; true once for each round.
  bool due(Instant now);

  [[nodiscard]] std::optional<Instant> deadline() const { return next_; }

private:
  Instant started_;
  std::size_t round_ = 0;
  std::optional<Instant> next_;
};

}  // namespace havip::vrrp
