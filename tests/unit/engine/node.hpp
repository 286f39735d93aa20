#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A node of havip for dialogues: the engine and the interpreter with fakes of the kernel, and a
// journal of all that was done. This node is lb1, 10.0.0.11, with priority 150; the other one is
// lb2, 10.0.0.12, with 100. The interval is 100 ms: this node's Skew_Time is 106/256 of it,
// 41.40625 ms, and its Active_Down_Interval 341.40625 ms.
#include "sidecar/engine/engine.hpp"
#include "sidecar/engine/interpreter.hpp"
#include "tests/support/fake_address_table.hpp"
#include "tests/support/fake_advert_transport.hpp"
#include "tests/support/fake_neighbour_socket.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace havip::engine::test {

using namespace std::chrono_literals;
using Journal = std::vector<std::string>;

inline constexpr Instant t0 = Instant{} + 1h;
inline constexpr Duration down_interval = 341406250ns;

inline IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

inline Prefix prefix(const char* text) {
  return Prefix::parse(text).value();
}

inline const IpAddress lb1 = ip("10.0.0.11");
inline const IpAddress lb2 = ip("10.0.0.12");
inline const IpAddress group = ip("224.0.0.18");
inline const Prefix vip = prefix("192.0.2.10/24");

inline ports::Link eth0() {
  return {
      .index = {2}, .name = "eth0", .mac = {{2, 0, 0, 0, 0, 0x11}}, .up = true, .carrier = true};
}

inline Place vip_on_eth0() {
  return {eth0().index, vip};
}

/// The pair of the product's example: lb2 is a node of ours.
inline Settings pair_settings() {
  Settings settings;
  settings.node_names = {{lb1, "lb1"}, {lb2, "lb2"}};
  settings.own_name = "lb1";
  settings.only_peer = "lb2";
  settings.virtual_routers.push_back({.name = "public",
                                      .interface = "eth0",
                                      .vrid = {51},
                                      .family = Family::ipv4,
                                      .addresses = {vip},
                                      .priority = {150},
                                      .advert_interval = 100ms,
                                      .preempt = true,
                                      .preempt_delay = {},
                                      .succession = {.of_anyone = true, .of = {}},
                                      .peers_relieve = true});
  return settings;
}

/// Beside routers that are not ours.
inline Settings foreign_settings() {
  auto settings = pair_settings();
  settings.node_names.clear();
  settings.own_name.clear();
  settings.only_peer.clear();
  settings.first_form = vrrp::ChecksumForm::pseudo_header;
  settings.virtual_routers[0].succession = {};
  settings.virtual_routers[0].peers_relieve = false;
  return settings;
}

inline Fitness fit() {
  return {.verdict = Verdict::fit, .why = {}, .scales = {}, .lowers = {}};
}

inline Fitness verdict(Verdict value, std::string why) {
  return {.verdict = value, .why = std::move(why), .scales = {}, .lowers = {}};
}

class Node {
public:
  explicit Node(const Settings& settings = pair_settings())
      : engine_{settings},
        interpreter_{engine_, {&addresses, &transport, &neighbours}, told_by_engine()} {
    addresses.add_link(eth0().index);
    addresses.now = now_;
    addresses.tell = [this](const auto& event) {
      waiting_.push_back(event);
    };
    addresses.did = [this](const char* what, const Prefix& prefix) {
      journal_.push_back(what + (" " + prefix.to_string()));
    };
    transport.did = [this](const char* what, ports::LinkIndex link) {
      journal_.push_back(what + (" " + std::to_string(link.value)));
    };
    transport.carry = [this](const ports::Datagram& datagram) {
      sent.push_back(datagram);
      journal_.push_back("advertise " +
                         std::to_string(std::to_integer<int>(datagram.payload.at(2))));
    };
    neighbours.carry = [this](ports::LinkIndex, const vrrp::ArpMessage& message) {
      announced.push_back(message);
      journal_.push_back("announce " + message.sender.to_string());
    };
  }

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() = default;

  /// Hands in an event, then what the kernel has to say, and lets time stand still.
  void handle(const Event& event) {
    interpreter_.handle(event, now_);
    settle();
  }

  /// The interfaces and addresses at the start of the daemon.
  void see_kernel(const std::vector<ports::KernelAddress>& also = {}) {
    ports::KernelState state{.links = {eth0()}, .addresses = {own(lb1)}};
    state.addresses.insert(state.addresses.end(), also.begin(), also.end());
    handle(ports::KernelEvent{state});
  }

  void see_link(const ports::Link& link) { handle(ports::KernelEvent{link}); }

  static ports::KernelAddress own(const IpAddress& address) {
    return {.link = eth0().index, .prefix = {address, 24}, .ours = false};
  }

  /// An advertisement of VRID 51.
  void hear(int priority, const IpAddress& from = lb2, vrrp::ChecksumForm form = {}) {
    const vrrp::Advert advert{.vrid = {51},
                              .priority = {static_cast<std::uint8_t>(priority)},
                              .interval = Centiseconds{10},
                              .addresses = {vip.address}};
    handle(datagram(vrrp::encode(advert, form, from, group), from));
  }

  static ports::Datagram datagram(std::vector<std::byte> payload, const IpAddress& from = lb2) {
    return {.link = eth0().index,
            .source = from,
            .destination = group,
            .ttl = 255,
            .payload = std::move(payload)};
  }

  /// Lets time pass; every deadline is met.
  void pass(Duration time) {
    const auto end = now_ + time;
    settle();
    while (engine_.deadline() && *engine_.deadline() <= end) {
      at(std::max(now_, *engine_.deadline()));
      settle();
    }
    at(end);
  }

  /// The process sleeps, and what comes next finds it late.
  void sleep(Duration time) { at(now_ + time); }

  /// The process sleeps, and all deadlines of that time are late.
  void stand_still(Duration time) {
    at(now_ + time);
    settle();
  }

  /// Up, fit and Active, with the campaign's first round sent; the journal is empty.
  void become_active() {
    see_kernel();
    handle(fit());
    pass(down_interval);
    take_journal();
  }

  /// Up, fit and a backup of lb2.
  void become_backup() {
    see_kernel();
    handle(fit());
    hear(200);
    take_journal();
  }

  /// The wall clock shows this now.
  void see_wall_clock(vrrp::WallTime wall) { engine_.see_wall_clock(wall, now_); }

  Journal take_journal() { return std::exchange(journal_, {}); }

  Journal take_log() { return std::exchange(log_, {}); }

  [[nodiscard]] ports::VirtualRouterStatus status() const {
    return engine_.status(now_).virtual_routers.at(0);
  }

  [[nodiscard]] vrrp::State state() const { return status().state; }

  [[nodiscard]] ports::ElectionStatus whole_status() const { return engine_.status(now_); }

  [[nodiscard]] std::optional<Instant> deadline() const { return engine_.deadline(); }

  [[nodiscard]] Instant now() const { return now_; }

  [[nodiscard]] std::uint64_t rejected(vrrp::Rejection why) const {
    return status().counters.rejected.at(static_cast<std::size_t>(why));
  }

  havip::test::FakeAddressTable addresses;
  havip::test::FakeAdvertTransport transport;
  havip::test::FakeNeighbourSocket neighbours;
  std::vector<ports::Datagram> sent;
  std::vector<vrrp::ArpMessage> announced;

private:
  std::function<void(const Tell&)> told_by_engine() {
    return [this](const Tell& tell) {
      log_.push_back(tell.text);
    };
  }

  void at(Instant moment) {
    now_ = moment;
    addresses.now = moment;
  }

  void settle() {
    for (auto events = std::exchange(waiting_, {}); !events.empty();
         events = std::exchange(waiting_, {})) {
      for (const auto& event : events) {
        interpreter_.handle(event, now_);
      }
    }
    interpreter_.expire(now_);
    for (const auto& event : std::exchange(waiting_, {})) {
      interpreter_.handle(event, now_);
    }
  }

  Engine engine_;
  Interpreter interpreter_;
  std::vector<ports::KernelEvent> waiting_;
  Journal journal_;
  Journal log_;
  Instant now_ = t0;
};

}  // namespace havip::engine::test
