#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// One run of the simulator as a value: the cluster, its network, its clocks, and what befalls it.
// Everything that happens in a run follows from it.
#include "sidecar/base/time.hpp"
#include "sidecar/engine/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace havip::sim {

enum class Kind : std::uint8_t {
  faults,     ///< faults for a while, then peace and what an operator does
  migration,  ///< a cluster of version 2 is moved to version 3, a node at a time
  year,       ///< faults hours apart, and looks at the cluster in between
};

/// What befalls a cluster.
enum class Fault : std::uint8_t {
  cut,           ///< nothing goes from node to other any more, on one wire
  heal,          ///< every cut and silence ends
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
  gateway_lost,  ///< a tracked gateway does not answer: the node yields
  gateway_back,
  silence,      ///< multicast no longer goes from node to other
  suspend,      ///< as pause, and what is sent to the node meanwhile is lost
  delete_link,  ///< the interface is gone
  create_link,  ///< it is there again, with another index
  give_away,    ///< as the daemon does before it ends
  power_cycle,  ///< the machine is reset: nothing is left, and its clock begins anew
  set_wall,     ///< somebody sets the wall clock, by so many tenths of a second
  look,         ///< no fault: long after the last one, all must be well
};

inline constexpr int fault_count = 27;
/// Those that are drawn one by one; the rest come in company.
inline constexpr int drawn_faults = 23;

struct Op {
  Duration at{};
  Fault fault = Fault::heal;
  int node = 0;
  int other = 0;  ///< of a cut or silence; tenths of a second of a pause
  int wire = 0;   ///< of what is about one

  friend bool operator==(const Op&, const Op&) = default;
};

/// A virtual router of the cluster.
struct RouterPlan {
  int wire = 0;
  Family family = Family::ipv4;
  std::vector<int> priorities;  ///< one for each node

  friend bool operator==(const RouterPlan&, const RouterPlan&) = default;
};

/// How a node's clocks differ from the world's.
struct ClockPlan {
  int ppm = 0;            ///< runs faster by so much
  Duration uptime{};      ///< what it shows at the start
  Duration wall_error{};  ///< of the wall clock

  friend bool operator==(const ClockPlan&, const ClockPlan&) = default;
};

struct Scenario {
  Kind kind = Kind::faults;
  std::uint64_t seed = 0;
  std::vector<RouterPlan> routers;
  bool grouped = false;
  Duration interval{};
  bool preempt = true;
  Duration preempt_delay{};
  int addresses = 1;
  int version = 3;
  engine::Transport transport = engine::Transport::multicast;
  bool is_signed = false;  ///< HMAC, enforced
  bool attacked = false;
  int loss_permille = 0;
  int loss_back_permille = 0;  ///< from a node to one with a smaller number
  int duplicate_permille = 0;
  Duration longest_delay{};
  Duration length{};              ///< how long faults are injected
  std::vector<ClockPlan> clocks;  ///< one for each node
  std::vector<Op> ops;

  [[nodiscard]] int nodes() const { return static_cast<int>(clocks.size()); }

  [[nodiscard]] int wires() const;

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

/// Virtual routers that move together.
using Unit = std::vector<std::size_t>;
std::vector<Unit> units_of(const Scenario& scenario);

Scenario generate(std::uint64_t seed);

/// A pair, and faults a few hours apart.
Scenario generate_year(std::uint64_t seed, int days);

/// As it stands in a regression file.
std::string to_text(const Scenario& scenario);

/// Reads that again; throws std::runtime_error with the line that it does not understand.
Scenario from_text(const std::string& text);

IpAddress address_of(int node, int wire, Family family);

/// What the daemon of this node would be built from.
engine::Settings settings_of(const Scenario& scenario, int node);

}  // namespace havip::sim
