#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/kernel.hpp"
#include "tests/sim/scenario.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace havip::sim {

/// From one node to another, by one wire.
struct Way {
  int from = 0;
  int to = 0;
  int wire = 0;

  friend auto operator<=>(const Way&, const Way&) = default;
};

/// The wires between the nodes: loses, delays, doubles, and lets nothing through where it is cut.
/// Everything about a packet follows from its number, so that a scenario that was shrunk meets much
/// the same fate.
class Network {
public:
  struct Delivery {
    Instant at;
    std::uint64_t number = 0;
    Way way;
    ports::Datagram datagram;
  };

  Network(const Scenario& scenario, Instant now);

  void send(int from, int wire, const ports::Datagram& datagram, Instant now);

  /// When the next datagram arrives.
  [[nodiscard]] std::optional<Instant> next() const {
    return deliveries_.empty() ? std::nullopt : std::optional{deliveries_.front().at};
  }

  Delivery take();

  void cut(const Way& way) { cuts_.insert(way); }

  /// Multicast no longer goes this way.
  void silence(const Way& way) { silences_.insert(way); }

  /// Everything gets through again.
  void heal(Instant now);

  /// No more loss, duplicates, or long delays.
  void calm(Instant now);

  /// Since when nothing was lost on the way.
  [[nodiscard]] Instant intact_since(const Way& way, Instant now) const;

private:
  [[nodiscard]] std::vector<int> receivers(int from, int wire, const IpAddress& destination) const;
  void carry(const Way& way, const ports::Datagram& datagram, Instant now);
  [[nodiscard]] bool is_lost(const Way& way, bool multicast) const;
  void put(Delivery delivery);

  const Scenario& scenario_;
  std::vector<Delivery> deliveries_;  ///< a heap, the earliest in front
  std::uint64_t sent_ = 0;
  std::map<Way, Instant> last_arrival_;
  std::map<Way, Instant> lost_at_;
  std::set<Way> cuts_;
  std::set<Way> silences_;
  Instant since_;
  bool calm_ = false;
};

}  // namespace havip::sim
