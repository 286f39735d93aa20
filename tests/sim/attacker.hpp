#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/network.hpp"
#include "tests/sim/random.hpp"

#include <deque>
#include <functional>
#include <optional>

namespace havip::sim {

/// Somebody on the wires who hears everything and says what must not be believed: adverts from
/// afar, mangled ones, those of virtual routers that are not configured; where the nodes sign, also
/// forged and recorded ones. A cluster must do exactly what it would do without.
class Attacker {
public:
  explicit Attacker(const Scenario& scenario);

  /// Which daemon of a node runs, 0 for none.
  std::function<int(int node)> life_of;
  /// When it reads what arrives now.
  std::function<Instant(int node)> read_at;

  /// A datagram that was delivered.
  void hear(const Network::Delivery& delivery, Instant now);

  [[nodiscard]] std::optional<Instant> next() const;

  /// What it says now, if it can think of anything.
  std::optional<Network::Delivery> speak(Instant now);

private:
  struct Record {
    Network::Delivery delivery;
    int life = 0;  ///< of the receiver
    Instant read_at;
  };

  [[nodiscard]] std::optional<Network::Delivery> forge(Instant now);
  void replay(Network::Delivery& delivery, const Record& record, Instant now);
  [[nodiscard]] bool is_outdated(const Record& record, Instant now) const;
  void mangle(ports::Datagram& datagram);
  static void give_foreign_vrid(ports::Datagram& datagram);

  const Scenario& scenario_;
  Random random_;
  std::deque<Record> heard_;
  Instant next_;
};

}  // namespace havip::sim
