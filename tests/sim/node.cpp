// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/node.hpp"

#include "sidecar/base/check.hpp"

#include <algorithm>
#include <utility>

namespace havip::sim {
namespace {

constexpr std::size_t priority_offset = 2;
constexpr vrrp::WallTime wall_at_start{std::chrono::seconds{1'800'000'000}};

int priority_in(const ports::Datagram& datagram) {
  return std::to_integer<int>(datagram.payload.at(priority_offset));
}

std::vector<engine::BackendTrack> tracks() {
  return {{.pattern = "web",
           .at_least = engine::AtLeastServers{1},
           .otherwise = engine::OtherwiseYield{},
           .recover_after = std::chrono::milliseconds{500}}};
}

std::vector<engine::ConditionTrack> conditions() {
  return {{.what = "gateway 192.0.2.1",
           .otherwise = engine::OtherwiseYield{},
           .recover_after = std::chrono::milliseconds{500}}};
}

/// Bugs that are mistakes in what the daemon is built from.
engine::Settings mutated(engine::Settings settings, Mutant mutant) {
  for (auto& router : settings.virtual_routers) {
    auto* const hmac = std::get_if<engine::HmacAuth>(&router.auth);
    if (mutant == Mutant::believes_unsigned && hmac != nullptr) {
      hmac->mode = engine::HmacMode::permissive;
    } else if (mutant == Mutant::claims_alone) {
      router.group.reset();
    } else if (mutant == Mutant::always_preempts) {
      router.preempt = true;
    } else if (mutant == Mutant::preempts_at_once) {
      router.preempt_delay = {};
    }
  }
  return settings;
}

}  // namespace

Node::Process::Process(const engine::Settings& settings)
    : engine{settings}, gate{tracks(), conditions()} {}

Node::Node(const Scenario& scenario, int number, Instant now, Mutant mutant)
    : plan_{scenario.clocks.at(static_cast<std::size_t>(number))},
      number_{number},
      mutant_{mutant},
      settings_{mutated(settings_of(scenario, number), mutant)},
      clock_{now, Instant{} + plan_.uptime, plan_.ppm},
      wall_error_{plan_.wall_error},
      needs_wall_{scenario.is_signed},
      states_(settings_.virtual_routers.size()) {
  kernel_.mutant = mutant;
  for (int wire = 0; wire < scenario.wires(); ++wire) {
    ports_.push_back({.index = {next_index_++}});
    kernel_.add_link(ports_.back().index);
  }
  connect();
  facts_.state = haproxy::ProcessState::up;
  facts_.backends.push_back(
      {.name = "web", .up = true, .servers_up = 1, .servers_total = 1, .healthy_share = 1.0});
}

void Node::connect() {
  kernel_.tell = [this](const ports::KernelEvent& event) {
    changed_ = true;
    tell(event);
  };
  transport_.carry = [this](const ports::Datagram& datagram) {
    if (mutant_ != Mutant::resigns_silently || priority_in(datagram) != 0) {
      on_send(wire_of(datagram.link), datagram);
    }
  };
  const auto announce = [this](ports::LinkIndex link, const IpAddress& address) {
    constexpr int most_rounds = 10;  // a campaign has five, and ARP says each twice
    const bool is_silent = mutant_ == Mutant::announces_nothing ||
                           (mutant_ == Mutant::announces_once && rounds_++ >= most_rounds);
    if (!is_silent) {
      on_announce(wire_of(link), address);
    }
  };
  neighbours_.carry = [announce](ports::LinkIndex link, const vrrp::ArpMessage& message) {
    announce(link, message.sender);
  };
  neighbours_.carry_advert = [announce](ports::LinkIndex link, const vrrp::NeighbourAdvert& said) {
    announce(link, said.target);
  };
}

void Node::tell(const ports::KernelEvent& event) {
  due_known_ = false;
  const bool is_address = std::holds_alternative<ports::KernelAddress>(event) ||
                          std::holds_alternative<ports::KernelAddressGone>(event);
  if (process_ && (is_address || mutant_ != Mutant::misses_link_news)) {
    process_->news.push_back(event);
  }
}

int Node::wire_of(ports::LinkIndex link) const {
  const auto port = std::ranges::find(ports_, link, &Port::index);
  return port == ports_.end() ? -1 : static_cast<int>(port - ports_.begin());
}

ports::Link Node::link(int wire) const {
  const auto& port = ports_.at(static_cast<std::size_t>(wire));
  return {
      .index = port.index,
      .name = "eth" + std::to_string(wire),
      .mac =
          {{2, 0, 0, 0, static_cast<std::uint8_t>(wire), static_cast<std::uint8_t>(number_ + 1)}},
      .up = true,
      .carrier = port.carrier};
}

std::vector<ports::KernelAddress> Node::own_addresses(int wire) const {
  const auto index = ports_.at(static_cast<std::size_t>(wire)).index;
  return {{.link = index, .prefix = {address_of(number_, wire, Family::ipv4), 24}, .ours = false},
          {.link = index, .prefix = {address_of(number_, wire, Family::ipv6), 64}, .ours = false}};
}

void Node::boot(Instant now, Duration facts_after) {
  CHECK(!process_);
  ++life_;
  due_known_ = false;
  process_ = std::make_unique<Process>(settings_);
  process_->interpreter = std::make_unique<engine::Interpreter>(
      process_->engine,
      engine::Interpreter::Ports{
          .addresses = &kernel_, .adverts = &transport_, .neighbours = &neighbours_},
      [this](const engine::Tell& tell) { has_told_ = has_told_ || !tell.router.empty(); });
  ports::KernelState state;
  for (std::size_t wire = 0; wire < ports_.size(); ++wire) {
    transport_.close(ports_[wire].index, Family::ipv4);
    transport_.close(ports_[wire].index, Family::ipv6);
    if (ports_[wire].exists) {
      state.links.push_back(link(static_cast<int>(wire)));
      std::ranges::copy(own_addresses(static_cast<int>(wire)), std::back_inserter(state.addresses));
    }
  }
  std::ranges::copy(kernel_.list(), std::back_inserter(state.addresses));
  process_->news.emplace_back(std::move(state));
  if (drained_) {
    process_->commands.emplace_back(engine::DrainChanged{true});
  }
  process_->facts_due = local(now) + facts_after;
}

void Node::crash() {
  process_.reset();
  paused_until_ = {};
  deaf_ = false;
  due_known_ = false;
  look();
}

void Node::stop(Instant now) {
  if (process_) {
    paused_until_ = {};
    process_->commands.emplace_back(engine::StopRequested{});
    kernel_.now = local(now);
    turn(local(now));
    crash();
  }
}

void Node::power_cycle(Instant now) {
  constexpr Duration since_power_on = std::chrono::seconds{10};
  crash();
  for (const auto& [place, entry] : std::map{kernel_.entries()}) {
    kernel_.take_off(place);
  }
  clock_ = Clock{now, Instant{} + since_power_on, plan_.ppm};
  kernel_.now = local(now);
}

void Node::configure(const Scenario& scenario) {
  CHECK(!process_);
  settings_ = mutated(settings_of(scenario, number_), mutant_);
}

void Node::pause(Instant until, bool deaf) {
  paused_until_ = until;
  deaf_ = deaf;
  due_known_ = false;
}

void Node::set_haproxy(bool up, bool backend_up, Instant now) {
  due_known_ = false;
  facts_.state = up ? haproxy::ProcessState::up : haproxy::ProcessState::down;
  facts_.detail = up ? "" : "nobody listens";
  facts_.backends.at(0).up = backend_up;
  facts_.backends.at(0).servers_up = backend_up ? 1 : 0;
  facts_.backends.at(0).healthy_share = backend_up ? 1.0 : 0.0;
  if (process_ && !process_->facts_due) {
    process_->gate.observe(facts_, local(now));
    process_->facts_changed = true;
  }
}

void Node::set_gateway(bool answers, Instant now) {
  due_known_ = false;
  gateway_answers_ = answers;
  if (process_ && !process_->facts_due) {
    process_->gate.observe_condition(0, answers, "does not answer", local(now));
    process_->facts_changed = true;
  }
}

void Node::set_drained(bool drained) {
  due_known_ = false;
  drained_ = drained;
  if (process_) {
    process_->commands.emplace_back(engine::DrainChanged{drained});
  }
}

void Node::give_away() {
  due_known_ = false;
  if (process_) {
    process_->commands.emplace_back(engine::DrainChanged{true});
  }
}

void Node::set_carrier(int wire, bool carrier) {
  auto& port = ports_.at(static_cast<std::size_t>(wire));
  if (port.exists) {
    port.carrier = carrier;
    tell(link(wire));
  }
}

void Node::delete_link(int wire) {
  auto& port = ports_.at(static_cast<std::size_t>(wire));
  if (port.exists) {
    port.exists = false;
    changed_ = true;
    kernel_.remove_link(port.index);
    tell(ports::LinkGone{port.index});
  }
}

void Node::create_link(int wire) {
  auto& port = ports_.at(static_cast<std::size_t>(wire));
  if (!port.exists) {
    port = {.index = {next_index_++}};
    kernel_.add_link(port.index);
    tell(link(wire));
    for (const auto& address : own_addresses(wire)) {
      tell(address);
    }
  }
}

void Node::set_refusal(bool refuse) {
  kernel_.refusal = transport_.open_refusal = refuse ? 1 : 0;
}

void Node::remove_addresses_by_hand() {
  const auto there = kernel_.entries();
  for (const auto& [place, entry] : there) {
    kernel_.take_off(place);
  }
}

/// Only those who need the wall clock see it, and one that is set: the mutant that lives by it.
void Node::set_wall(Duration error) {
  if (mutant_ == Mutant::uses_the_wall_clock) {
    clock_ = Clock{Instant{}, clock_.at(Instant{}) + (error - wall_error_), plan_.ppm};
  }
  wall_error_ = error;
  due_known_ = false;
}

bool Node::receive(int wire, const ports::Datagram& datagram, Instant now) {
  const auto& port = ports_.at(static_cast<std::size_t>(wire));
  if (!process_ || !has_link(wire) || (deaf_ && paused(now)) ||
      !transport_.is_open(port.index, datagram.source.family())) {
    return false;
  }
  process_->mail.push_back(datagram);
  process_->mail.back().link = port.index;
  due_known_ = false;
  return true;
}

vrrp::WallTime Node::wall(Instant now) const {
  return wall_at_start + now.time_since_epoch() + wall_error_;
}

bool Node::has_links() const {
  return std::ranges::all_of(ports_, [](const auto& port) { return port.exists && port.carrier; });
}

ports::LinkIndex Node::link_of(std::size_t router) const {
  const auto& interface = settings_.virtual_routers.at(router).interface;
  return ports_.at(static_cast<std::size_t>(interface.back() - '0')).index;
}

bool Node::holds_all(const Unit& unit) const {
  return std::ranges::all_of(unit, [&](std::size_t router) {
    return std::ranges::all_of(settings_.virtual_routers.at(router).addresses,
                               [&](const Prefix& prefix) {
                                 return kernel_.entries().contains({link_of(router), prefix});
                               });
  });
}

bool Node::holds_any(const Unit& unit) const {
  return std::ranges::any_of(unit, [&](std::size_t router) {
    return std::ranges::any_of(settings_.virtual_routers.at(router).addresses,
                               [&](const Prefix& prefix) {
                                 return kernel_.entries().contains({link_of(router), prefix});
                               });
  });
}

ports::ElectionStatus Node::status(Instant now) const {
  CHECK(process_);
  return process_->engine.status(local(now));
}

/// The engine is asked only when it told of something: its status is long.
void Node::look() {
  changed_ = true;
  if (!process_) {
    std::ranges::fill(states_, vrrp::State::init);
    return;
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto before = states_[i];
    states_[i] = process_->engine.status(kernel_.now).virtual_routers.at(i).state;
    if (before != states_[i] && states_[i] == vrrp::State::active) {
      rounds_ = 0;
    }
  }
}

}  // namespace havip::sim
