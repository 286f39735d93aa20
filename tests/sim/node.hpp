#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A whole load balancer in the simulator: a kernel that outlives the daemon, HAProxy, and the
// daemon's engine, interpreter and health gate, which turn as in the election thread's loop.
//
// The node's clock is not the world's. Moments that come from the world are converted here, at its
// border; kernel and daemon only know the node's clock.
#include "sidecar/engine/engine.hpp"
#include "sidecar/engine/health_gate.hpp"
#include "sidecar/engine/interpreter.hpp"
#include "tests/sim/clock.hpp"
#include "tests/sim/kernel.hpp"
#include "tests/sim/mutant.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/support/fake_advert_transport.hpp"
#include "tests/support/fake_neighbour_socket.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace havip::sim {

class Node {
public:
  Node(const Scenario& scenario, int number, Instant now, Mutant mutant);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() = default;

  /// What it sends and announces on a wire goes here.
  std::function<void(int wire, const ports::Datagram&)> on_send;
  std::function<void(int wire, const IpAddress&)> on_announce;

  /// HAProxy's state is known so much later.
  void boot(Instant now, Duration facts_after);
  void crash();
  /// Ends the daemon in good order.
  void stop(Instant now);
  /// The machine starts anew: its kernel has no address of ours, its clock counts from there.
  void power_cycle(Instant now);
  /// Another configuration; for a daemon that does not run.
  void configure(const Scenario& scenario);

  /// With `deaf` also what arrives meanwhile is lost.
  void pause(Instant until, bool deaf);

  void set_haproxy(bool up, bool backend_up, Instant now);
  /// Whether the gateway that is tracked answers.
  void set_gateway(bool answers, Instant now);
  void set_drained(bool drained);

  /// As the daemon does before it ends: not remembered.
  void give_away();

  void set_carrier(int wire, bool carrier);
  void delete_link(int wire);
  void create_link(int wire);
  void set_refusal(bool refuse);
  void remove_addresses_by_hand();

  void set_wall(Duration error);

  /// Whether the daemon will get it.
  bool receive(int wire, const ports::Datagram& datagram, Instant now);

  /// All that is due: the kernel takes off what was not renewed, and the election thread turns
  /// (datagrams, the kernel's news, commands, timers) if it runs and has anything to do.
  void wake(Instant now);

  /// When wake() has something to do.
  [[nodiscard]] std::optional<Instant> due() const;

  [[nodiscard]] bool runs() const { return process_ != nullptr; }

  /// How many daemons have run here.
  [[nodiscard]] int life() const { return life_; }

  [[nodiscard]] bool paused(Instant now) const { return now < paused_until_; }

  [[nodiscard]] Instant paused_until() const { return paused_until_; }

  [[nodiscard]] bool refuses() const { return kernel_.refusal != 0; }

  [[nodiscard]] bool has_link(int wire) const {
    const auto& port = ports_.at(static_cast<std::size_t>(wire));
    return port.exists && port.carrier;
  }

  /// Whether all its links work.
  [[nodiscard]] bool has_links() const;

  [[nodiscard]] bool drained() const { return drained_; }

  [[nodiscard]] bool haproxy_up() const { return facts_.state == haproxy::ProcessState::up; }

  [[nodiscard]] bool backend_up() const { return facts_.backends.at(0).up; }

  [[nodiscard]] bool gateway_answers() const { return gateway_answers_; }

  /// Whether all, or any, of a unit's addresses are in the kernel.
  [[nodiscard]] bool holds_all(const Unit& unit) const;
  [[nodiscard]] bool holds_any(const Unit& unit) const;

  [[nodiscard]] bool holds_any() const { return !kernel_.entries().empty(); }

  [[nodiscard]] const Kernel& kernel() const { return kernel_; }

  /// How often an address was asked for.
  [[nodiscard]] std::uint64_t adds() const { return kernel_.adds; }

  /// What its clock shows.
  [[nodiscard]] Instant local(Instant now) const { return clock_.at(now); }

  /// Of a process that runs.
  [[nodiscard]] ports::ElectionStatus status(Instant now) const;

  [[nodiscard]] vrrp::State state(std::size_t router) const { return states_.at(router); }

  /// Whether its addresses or states changed since the last call.
  bool take_changed() { return std::exchange(changed_, false); }

private:
  struct Process {
    explicit Process(const engine::Settings& settings);

    engine::Engine engine;
    engine::HealthGate gate;
    std::unique_ptr<engine::Interpreter> interpreter;
    std::vector<engine::Event> commands;
    std::vector<ports::KernelEvent> news;
    std::vector<ports::Datagram> mail;
    std::optional<engine::Fitness> told;
    bool facts_changed = true;
    std::optional<Instant> facts_due;
  };

  /// A network interface.
  struct Port {
    ports::LinkIndex index;
    bool exists = true;
    bool carrier = true;
  };

  void connect();
  void turn(Instant local);
  void wake_process(Instant now);
  void read_mail(Instant local);
  void make_up_for(Instant local);
  void judge(Instant local);
  void look();
  void tell(const ports::KernelEvent& event);
  [[nodiscard]] vrrp::WallTime wall(Instant now) const;
  [[nodiscard]] bool is_gate_due(Instant local) const;
  [[nodiscard]] std::optional<Instant> process_due() const;
  void renew_signature(ports::Datagram& datagram);
  [[nodiscard]] int wire_of(ports::LinkIndex link) const;
  [[nodiscard]] ports::LinkIndex link_of(std::size_t router) const;
  [[nodiscard]] ports::Link link(int wire) const;
  [[nodiscard]] std::vector<ports::KernelAddress> own_addresses(int wire) const;
  [[nodiscard]] bool is_heard(ports::Datagram& datagram);

  const ClockPlan plan_;
  int number_;
  Mutant mutant_;
  engine::Settings settings_;
  Clock clock_;
  Duration wall_error_;
  vrrp::WallTime wall_now_;
  bool needs_wall_;
  Kernel kernel_;
  test::FakeAdvertTransport transport_;
  test::FakeNeighbourSocket neighbours_;
  std::vector<Port> ports_;
  int next_index_ = 2;
  bool drained_ = false;
  haproxy::Facts facts_;
  bool gateway_answers_ = true;
  Instant paused_until_;
  bool deaf_ = false;
  int life_ = 0;
  int rounds_ = 0;                  ///< of announcements since the last claim
  vrrp::StampMaker forged_stamps_;  ///< of the mutant that believes replays
  std::unique_ptr<Process> process_;
  std::vector<vrrp::State> states_;
  bool has_told_ = false;  ///< of a virtual router, as it does of each of its transitions
  bool changed_ = true;
  mutable bool due_known_ = false;
  mutable std::optional<Instant> due_;
};

}  // namespace havip::sim
