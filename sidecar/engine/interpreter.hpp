#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/engine.hpp"
#include "sidecar/engine/events.hpp"
#include "sidecar/ports/kernel.hpp"
#include "sidecar/ports/transport.hpp"

#include <functional>

namespace havip::engine {

/// Performs what the engine decides through the ports, and reports how each action ended. The
/// daemon and the simulator share it; they differ in the ports.
class Interpreter {
public:
  struct Ports {
    ports::AddressTable* addresses = nullptr;
    ports::AdvertTransport* adverts = nullptr;
    ports::NeighbourSocket* neighbours = nullptr;
  };

  /// `tell` is called with each sentence for the log, in order.
  Interpreter(Engine& engine, const Ports& ports, std::function<void(const Tell&)> tell);

  /// Hands the event to the engine and performs what it answers. Timers do not fire here: first
  /// everything that waits is handed in, then expire() is called.
  void handle(const Event& event, Instant now);

  /// Fires what is due, and performs all that follows from it at this moment.
  void expire(Instant now);

private:
  void perform(const Action& action, Instant now);
  [[nodiscard]] Result<> run(const Action& action) const;

  Engine* engine_;
  Ports ports_;
  std::function<void(const Tell&)> tell_;
};

}  // namespace havip::engine
