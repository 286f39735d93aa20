#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"
#include "sidecar/engine/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace havip::sim {

/// What befalls a cluster.
enum class Fault : std::uint8_t {
  cut,           ///< nothing goes from node to other any more
  heal,          ///< every cut ends
  crash,         ///< the process is gone, its addresses stay until their lease ends
  boot,          ///< a process that is not there starts
  stop,          ///< the daemon ends in good order
  pause,         ///< the process stands still for a while
  haproxy_down,  ///<
  haproxy_up,
  unplug,
  plug,
  remove_address,  ///< by hand
  drain,
  undrain,
  refuse,  ///< netlink refuses everything
  permit,
  backend_down,  ///< the tracked backend: the node yields
  backend_up,
};

inline constexpr int fault_count = 17;

struct Op {
  Duration at{};
  Fault fault = Fault::heal;
  int node = 0;
  int other = 0;  ///< of a cut; tenths of a second of a pause
};

/// One run. Everything that happens in it follows from these values.
struct Scenario {
  std::uint64_t seed = 0;
  std::vector<int> priorities;  ///< one for each node
  Duration interval{};
  bool preempt = true;
  int addresses = 1;
  int loss_permille = 0;
  int duplicate_permille = 0;
  Duration longest_delay{};
  std::vector<Op> ops;

  [[nodiscard]] int nodes() const { return static_cast<int>(priorities.size()); }
};

/// How long faults are injected before the network is left in peace.
inline constexpr Duration chaos = std::chrono::seconds{12};

Scenario generate(std::uint64_t seed);

/// For people: what to put into a regression test.
std::string describe(const Scenario& scenario);

IpAddress address_of(int node);

/// What the daemon of this node would be built from.
engine::Settings settings_of(const Scenario& scenario, int node);

}  // namespace havip::sim
