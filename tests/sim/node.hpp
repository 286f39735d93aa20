#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A whole load balancer in the simulator: a kernel that outlives the daemon, HAProxy, and the
// daemon's engine, interpreter and health gate, which turn as in the election thread's loop.
#include "sidecar/engine/engine.hpp"
#include "sidecar/engine/health_gate.hpp"
#include "sidecar/engine/interpreter.hpp"
#include "tests/sim/mutant.hpp"
#include "tests/support/fake_address_table.hpp"
#include "tests/support/fake_advert_transport.hpp"
#include "tests/support/fake_arp_socket.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace havip::sim {

inline constexpr ports::LinkIndex eth0{2};

/// The fakes with a planted bug, if any.
class Kernel : public test::FakeAddressTable {
public:
  Mutant mutant = Mutant::none;

  Result<> add(ports::LinkIndex link,
               const Prefix& address,
               std::optional<std::chrono::seconds> lease) override;
  Result<> remove(ports::LinkIndex link, const Prefix& address) override;
};

class Node {
public:
  Node(engine::Settings settings, const IpAddress& own_address, Mutant mutant);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() = default;

  /// What it sends and announces goes here.
  std::function<void(const ports::Datagram&)> on_send = [](const ports::Datagram&) {
  };
  std::function<void(const IpAddress&)> on_announce = [](const IpAddress&) {
  };

  /// HAProxy's state is known so much later.
  void boot(Instant now, Duration facts_after);
  void crash();
  /// Ends the daemon in good order.
  void stop(Instant now);

  void pause(Instant until) { paused_until_ = until; }

  void set_haproxy(bool up, bool backend_up, Instant now);
  void set_drained(bool drained);

  /// As the daemon does before it ends: not remembered.
  void give_away() { process_->commands.emplace_back(engine::DrainChanged{true}); }

  void set_carrier(bool carrier);

  void set_refusal(bool refuse) { kernel_.refusal = transport_.open_refusal = refuse ? 1 : 0; }

  void remove_addresses_by_hand();
  void receive(const ports::Datagram& datagram);

  /// The kernel's clock goes on, whether the daemon runs or not.
  void pass_to(Instant now);

  /// One or more turns of the election thread, if it runs: commands, the kernel's news, datagrams,
  /// timers.
  void wake(Instant now);

  /// When wake() has something to do by itself.
  [[nodiscard]] std::optional<Instant> next_wake() const;
  /// When the kernel will take something off.
  [[nodiscard]] std::optional<Instant> next_expiry() const;

  [[nodiscard]] bool runs() const { return process_ != nullptr; }

  [[nodiscard]] bool paused(Instant now) const { return now < paused_until_; }

  [[nodiscard]] Instant paused_until() const { return paused_until_; }

  [[nodiscard]] bool refuses() const { return kernel_.refusal != 0; }

  [[nodiscard]] bool has_carrier() const { return carrier_; }

  [[nodiscard]] bool drained() const { return drained_; }

  [[nodiscard]] bool haproxy_up() const { return facts_.state == haproxy::ProcessState::up; }

  [[nodiscard]] bool backend_up() const { return facts_.backends.at(0).up; }

  /// Whether all, or any, of the virtual addresses are in the kernel.
  [[nodiscard]] bool holds_all() const;

  [[nodiscard]] bool holds_any() const { return !kernel_.entries().empty(); }

  [[nodiscard]] const Kernel& kernel() const { return kernel_; }

  /// Of a process that runs.
  [[nodiscard]] ports::VirtualRouterStatus status(Instant now) const;

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
    bool facts_changed = false;
    std::optional<Instant> facts_due;
  };

  void turn(Instant now);
  void read_mail(Instant now);
  void fire(Instant now);
  void judge(Instant now);
  [[nodiscard]] ports::Link link() const;
  [[nodiscard]] bool is_heard(ports::Datagram& datagram) const;

  engine::Settings settings_;
  IpAddress own_address_;
  Mutant mutant_;
  Kernel kernel_;
  test::FakeAdvertTransport transport_;
  test::FakeArpSocket arp_;
  bool carrier_ = true;
  bool drained_ = false;
  haproxy::Facts facts_;
  Instant paused_until_;
  std::unique_ptr<Process> process_;
};

}  // namespace havip::sim
