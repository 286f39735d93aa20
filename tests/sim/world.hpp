#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A cluster under a virtual clock. First faults are injected as the scenario says, then the
// network is left in peace and the cluster is put through what an operator does to it.
//
// Safety holds after every step, whatever happens:
//   I1  two nodes that run, can hear each other and are not refused anything by their kernels
//       never both have an address for longer than one interval and the delays of two packets;
//   I4  every address of ours in a kernel has a lease, and it is no longer than three intervals
//       (one second at least), so that a dead or paused daemon holds it no longer;
//   I6  after each turn of a daemon its kernel has the addresses exactly if the daemon is Active.
// In peace:
//   I2  after a crash another node has the addresses within Active_Down_Interval + one interval;
//   I3  drain, undrain, yield, recovery, planned restart and failback leave no instant without a
//       holder;
//   I5  the holder is the best there is, and a drained or yielding node only if nobody is better;
//   and nobody moves without a reason, the neighbours know the holder, and an end in good order
//   leaves nothing behind.
#include "tests/sim/mutant.hpp"
#include "tests/sim/node.hpp"
#include "tests/sim/random.hpp"
#include "tests/sim/scenario.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace havip::sim {

struct Failure {
  std::string what;
  Instant at;
};

class World {
public:
  World(const Scenario& scenario, Mutant mutant);

  /// The whole run; the first broken invariant, if any.
  std::optional<Failure> run();

  /// Of all that happened.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

  [[nodiscard]] Duration simulated() const { return now_ - start; }

private:
  static constexpr Instant start = Instant{} + std::chrono::hours{1};
  static constexpr std::size_t most_nodes = 4;

  struct Delivery {
    Instant at;
    std::uint64_t number = 0;
    int to = 0;
    ports::Datagram datagram;

    friend bool operator>(const Delivery& left, const Delivery& right) {
      return std::pair{left.at, left.number} > std::pair{right.at, right.number};
    }
  };

  // The clock and the network (world.cpp).
  void advance(Duration time);
  [[nodiscard]] std::optional<Instant> next_event() const;
  void step();
  void send(int from, const ports::Datagram& datagram);
  void perform(const Op& op);
  void boot(int node);
  void stop(int node);
  void calm();

  // What must hold (world_checks.cpp).
  void check_always();
  void check_leases(const Node& each);
  void check_pair(int left, int right);
  void check_after_turn(int node);
  void check_converged();
  void check_neighbours();
  void check_steady(Duration time);
  [[nodiscard]] std::vector<std::uint64_t> moves() const;
  [[nodiscard]] std::optional<int> holder() const;
  [[nodiscard]] int effective(int node) const;
  void failed(const std::string& what);

  // What an operator does in peace (world_plans.cpp).
  void make_all_fit();
  void settle();
  void play_plans();
  void drain_and_undrain();
  void yield_and_recover();
  void restart_in_good_order();
  void restart_after_a_crash();
  void pause_a_backup();
  void lose_the_holder();
  void expect_another_holder(int than, Duration within, const std::string& what);

  Node& node(int index) { return *nodes_.at(static_cast<std::size_t>(index)); }

  [[nodiscard]] const Node& node(int index) const {
    return *nodes_.at(static_cast<std::size_t>(index));
  }

  [[nodiscard]] Duration down_interval() const { return 4 * scenario_.interval; }

  [[nodiscard]] Duration longest_lease() const;

  const Scenario& scenario_;
  Random random_;
  std::vector<std::unique_ptr<Node>> nodes_;
  Instant now_ = start;
  std::priority_queue<Delivery, std::vector<Delivery>, std::greater<>> deliveries_;
  std::uint64_t sent_ = 0;
  std::map<std::pair<int, int>, Instant> last_arrival_;
  std::set<std::pair<int, int>> cuts_;
  bool peace_ = false;
  bool gap_forbidden_ = false;

  std::array<Instant, most_nodes> healthy_since_{};  ///< runs, is not paused, refused or unplugged
  std::array<std::array<Instant, most_nodes>, most_nodes> heard_since_{};  ///< no packet was lost
  std::array<std::array<std::optional<Instant>, most_nodes>, most_nodes> both_since_{};
  std::map<IpAddress, int> neighbours_;  ///< who announced an address last
  std::optional<Failure> failure_;
  std::uint64_t digest_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace havip::sim
