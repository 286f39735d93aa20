#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What happens to the engine, and what it wants done: plain values on both sides. The engine
// decides; interpreter.hpp performs.
#include "sidecar/base/log.hpp"
#include "sidecar/engine/fitness.hpp"
#include "sidecar/ports/kernel.hpp"
#include "sidecar/vrrp/arp.hpp"
#include "sidecar/vrrp/neighbour_advert.hpp"
#include "sidecar/vrrp/types.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace havip::engine {

/// The deadline may have come.
struct Tick {};

/// The operator gave the node's addresses away (true), or takes part again.
struct DrainChanged {
  bool drained = false;
};

/// Announce what is held, now.
struct AnnounceRequested {};

/// The daemon is told to end: give everything back.
struct StopRequested {};

using Event = std::variant<Tick,
                           ports::KernelEvent,
                           ports::Datagram,
                           Fitness,
                           DrainChanged,
                           AnnounceRequested,
                           StopRequested>;

/// Which virtual router of the settings an action is for; for counting failures.
struct RouterNumber {
  std::size_t value = 0;

  friend auto operator<=>(const RouterNumber&, const RouterNumber&) = default;
};

struct OpenTransport {
  ports::Link link;
  Family family = Family::ipv4;

  friend bool operator==(const OpenTransport&, const OpenTransport&) = default;
};

struct CloseTransport {
  ports::LinkIndex link;
  Family family = Family::ipv4;

  friend bool operator==(const CloseTransport&, const CloseTransport&) = default;
};

struct SendDatagram {
  RouterNumber router;
  ports::LinkIndex link;
  IpAddress source;
  IpAddress destination;
  std::vector<std::byte> payload;

  friend bool operator==(const SendDatagram&, const SendDatagram&) = default;
};

struct SendArp {
  RouterNumber router;
  ports::LinkIndex link;
  vrrp::ArpMessage message;

  friend bool operator==(const SendArp&, const SendArp&) = default;
};

struct SendNeighbourAdvert {
  RouterNumber router;
  ports::LinkIndex link;
  vrrp::NeighbourAdvert message;

  friend bool operator==(const SendNeighbourAdvert&, const SendNeighbourAdvert&) = default;
};

struct AddAddress {
  ports::LinkIndex link;
  Prefix prefix;
  std::optional<std::chrono::seconds> lease;

  friend bool operator==(const AddAddress&, const AddAddress&) = default;
};

struct RemoveAddress {
  ports::LinkIndex link;
  Prefix prefix;

  friend bool operator==(const RemoveAddress&, const RemoveAddress&) = default;
};

/// A sentence for the log. `router` is empty when it is about the whole node.
struct Tell {
  Severity severity = Severity::info;
  std::string router;
  std::string text;

  friend bool operator==(const Tell&, const Tell&) = default;
};

using Action = std::variant<OpenTransport,
                            CloseTransport,
                            SendDatagram,
                            SendArp,
                            SendNeighbourAdvert,
                            AddAddress,
                            RemoveAddress,
                            Tell>;
using Actions = std::vector<Action>;

inline void append(Actions& actions, Actions more) {
  std::ranges::move(more, std::back_inserter(actions));
}

}  // namespace havip::engine
