#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A cluster under a virtual clock. First faults are injected as the scenario says, then the
// network is left in peace and the cluster is put through what an operator does to it. A unit is a
// virtual router, or a group of them.
//
// Safety holds after every step, whatever happens:
//   I1  two nodes that run, can hear each other on a wire of the unit and are not refused anything
//       by their kernels never both have an address of it for longer than one interval and the
//       delays of two packets;
//   I4  every address of ours in a kernel has a lease, and it is no longer than three intervals
//       (one second at least), so that a dead or paused daemon holds it no longer;
//   I6  after each turn of a daemon its kernel has all of a unit's addresses if the daemon is
//       Active, and none if it is not.
// In peace:
//   I2  after a crash another node has the addresses within Active_Down_Interval + one interval;
//   I3  drain, undrain, yield, recovery, planned restart and failback leave no instant without a
//       holder;
//   I5  the holder is the best there is, and a drained or yielding node only if nobody is better;
//   and nobody moves without a reason, the neighbours know the holder, and an end in good order
//   leaves nothing behind.
// What an attacker says changes nothing: a run without him has the same digest.
#include "tests/sim/attacker.hpp"
#include "tests/sim/mutant.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/node.hpp"
#include "tests/sim/random.hpp"
#include "tests/sim/scenario.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace havip::sim {

struct Failure {
  std::string what;
  Duration at{};  ///< since the start
};

class World {
public:
  World(const Scenario& scenario, Mutant mutant);

  /// The whole run; the first broken invariant, if any.
  std::optional<Failure> run();

  /// Of all that the nodes said and held, and when.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

  [[nodiscard]] Duration simulated() const { return now_ - start; }

private:
  static constexpr Instant start = Instant{} + std::chrono::hours{1};
  static constexpr std::size_t most_nodes = 5;

  /// Who has a unit's addresses, and since when two nodes both have.
  struct Holding {
    Unit unit;
    std::uint32_t all = 0;  ///< a bit for each node
    std::uint32_t any = 0;
    std::array<std::array<std::optional<Instant>, most_nodes>, most_nodes> both_since{};
  };

  // The clock (world.cpp).
  void connect(int index, Node& node);
  void advance(Duration time);
  [[nodiscard]] Instant next_event() const;
  void step();
  void deliver();
  void wake(int node);
  void note(std::uint64_t what, std::uint64_t more);
  void boot(int node);
  void stop(int node);

  // What befalls the cluster (world_faults.cpp).
  void perform(const Op& op);
  void befall(Node& subject, const Op& op);
  bool befall_process(Node& subject, const Op& op);
  bool befall_link(Node& subject, const Op& op);
  void calm();

  // What must hold (world_checks.cpp).
  void after(int node);
  void check_time();
  void check_leases(const Node& each);
  void check_pair(Holding& holding, int left, int right);
  void check_after_turn(int node);
  void check_converged();
  void check_converged(const Holding& holding);
  void check_neighbours();
  void check_steady(Duration time);
  [[nodiscard]] bool is_well(int node) const;
  [[nodiscard]] Instant well_since(int node) const;
  [[nodiscard]] Instant hear_each_other_since(const Unit& unit, int left, int right) const;
  [[nodiscard]] std::vector<std::uint64_t> moves() const;
  [[nodiscard]] std::optional<int> holder(std::size_t unit = 0) const;
  [[nodiscard]] int effective(int node, const Unit& unit) const;
  void failed(const std::string& what);

  // What an operator does in peace (world_plans.cpp).
  void play_plans();
  void make_all_fit();
  void settle();
  void drain_and_undrain();
  void yield_and_recover();
  void lose_the_same_everywhere();
  void leave_in_good_order(int subject);
  void restart_in_good_order();
  void restart_after_a_crash();
  void pause_a_backup();
  void set_a_wall_clock();
  void silence_one_way();
  void suspend_the_holder();
  void wait_to_preempt();
  void heal_a_partition();
  void lose_the_holder();
  void crash_the_holder();
  void expect_another_holder(int than, Duration within, const std::string& what);
  void migrate();

  Node& node(int index) { return *nodes_.at(static_cast<std::size_t>(index)); }

  [[nodiscard]] const Node& node(int index) const {
    return *nodes_.at(static_cast<std::size_t>(index));
  }

  /// No shorter than any node's Active_Down_Interval.
  [[nodiscard]] Duration down_interval() const { return 4 * scenario_.interval; }

  /// Until a node that starts would preempt.
  [[nodiscard]] Duration patience() const {
    return std::max(down_interval(), scenario_.preempt_delay + scenario_.interval);
  }

  [[nodiscard]] Duration longest_lease() const;

  const Scenario scenario_;
  Random random_;
  Network network_;
  std::optional<Attacker> attacker_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Holding> holdings_;
  Instant now_ = start;
  bool gap_forbidden_ = false;
  bool overlap_forbidden_ = false;
  std::array<Instant, most_nodes> well_since_{};
  std::array<bool, most_nodes> was_well_{};
  std::map<std::pair<int, IpAddress>, int> neighbours_;  ///< who announced an address last
  std::optional<Failure> failure_;
  std::uint64_t digest_ = 0;
  std::uint64_t steps_at_this_moment_ = 0;
};

/// What came of a scenario.
struct Outcome {
  std::optional<Failure> failure;
  std::uint64_t digest = 0;
  Duration simulated{};
};

/// Runs it, and where there is an attacker once more without.
Outcome play(const Scenario& scenario, Mutant mutant);

}  // namespace havip::sim
