// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/node.hpp"

#include "sidecar/base/check.hpp"

#include <algorithm>
#include <utility>

namespace havip::sim {
namespace {

constexpr std::size_t priority_offset = 2;

int priority_in(const ports::Datagram& datagram) {
  return std::to_integer<int>(datagram.payload.at(priority_offset));
}

std::vector<engine::BackendTrack> tracks() {
  return {{.pattern = "web",
           .at_least = engine::AtLeastServers{1},
           .otherwise = engine::OtherwiseYield{},
           .recover_after = std::chrono::milliseconds{500}}};
}

}  // namespace

Result<> Kernel::add(ports::LinkIndex link,
                     const Prefix& address,
                     std::optional<std::chrono::seconds> lease) {
  if (mutant == Mutant::never_renews && entries().contains({link, address})) {
    return {};
  }
  return FakeAddressTable::add(
      link, address, mutant == Mutant::adds_without_lease ? std::nullopt : lease);
}

Result<> Kernel::remove(ports::LinkIndex link, const Prefix& address) {
  if (mutant == Mutant::keeps_addresses) {
    return {};
  }
  return FakeAddressTable::remove(link, address);
}

Node::Process::Process(const engine::Settings& settings) : engine{settings}, gate{tracks()} {}

Node::Node(engine::Settings settings, const IpAddress& own_address, Mutant mutant)
    : settings_{std::move(settings)}, own_address_{own_address}, mutant_{mutant} {
  kernel_.mutant = mutant;
  kernel_.add_link(eth0);
  kernel_.tell = [this](const ports::KernelEvent& event) {
    if (process_) {
      process_->news.push_back(event);
    }
  };
  transport_.carry = [this](const ports::Datagram& datagram) {
    if (mutant_ != Mutant::resigns_silently || priority_in(datagram) != 0) {
      on_send(datagram);
    }
  };
  arp_.carry = [this](ports::LinkIndex, const vrrp::ArpMessage& message) {
    if (mutant_ != Mutant::announces_nothing) {
      on_announce(message.sender);
    }
  };
  facts_.state = haproxy::ProcessState::up;
  facts_.backends.push_back(
      {.name = "web", .up = true, .servers_up = 1, .servers_total = 1, .healthy_share = 1.0});
}

ports::Link Node::link() const {
  const auto number = own_address_.v4_number();
  return {.index = eth0,
          .name = "eth0",
          .mac = {{2, 0, 0, 0, 0, static_cast<std::uint8_t>(number)}},
          .up = true,
          .carrier = carrier_};
}

void Node::boot(Instant now, Duration facts_after) {
  CHECK(!process_);
  process_ = std::make_unique<Process>(settings_);
  transport_.close(eth0, Family::ipv4);
  process_->interpreter = std::make_unique<engine::Interpreter>(
      process_->engine,
      engine::Interpreter::Ports{.addresses = &kernel_, .adverts = &transport_, .arp = &arp_},
      [](const engine::Tell&) {});
  ports::KernelState state{
      .links = {link()},
      .addresses = {{.link = eth0, .prefix = {own_address_, 24}, .ours = false}}};
  std::ranges::copy(kernel_.list(), std::back_inserter(state.addresses));
  process_->news.emplace_back(std::move(state));
  if (drained_) {
    process_->commands.emplace_back(engine::DrainChanged{true});
  }
  process_->facts_due = now + facts_after;
}

void Node::crash() {
  process_.reset();
  paused_until_ = {};
}

void Node::stop(Instant now) {
  if (process_) {
    paused_until_ = {};
    process_->commands.emplace_back(engine::StopRequested{});
    turn(now);
    process_.reset();
  }
}

void Node::set_haproxy(bool up, bool backend_up, Instant now) {
  facts_.state = up ? haproxy::ProcessState::up : haproxy::ProcessState::down;
  facts_.detail = up ? "" : "nobody listens";
  facts_.backends.at(0).up = backend_up;
  facts_.backends.at(0).servers_up = backend_up ? 1 : 0;
  facts_.backends.at(0).healthy_share = backend_up ? 1.0 : 0.0;
  if (process_ && !process_->facts_due) {
    process_->gate.observe(facts_, now);
    process_->facts_changed = true;
  }
}

void Node::set_drained(bool drained) {
  drained_ = drained;
  if (process_) {
    process_->commands.emplace_back(engine::DrainChanged{drained});
  }
}

void Node::set_carrier(bool carrier) {
  carrier_ = carrier;
  if (process_) {
    process_->news.emplace_back(link());
  }
}

void Node::remove_addresses_by_hand() {
  const auto there = kernel_.entries();
  for (const auto& [place, entry] : there) {
    kernel_.take_off(place);
  }
}

void Node::receive(const ports::Datagram& datagram) {
  if (process_ && carrier_ && transport_.is_open(eth0, Family::ipv4)) {
    process_->mail.push_back(datagram);
  }
}

void Node::pass_to(Instant now) {
  kernel_.now = now;
  kernel_.expire();
}

void Node::judge(Instant now) {
  if (process_->facts_due && *process_->facts_due <= now) {
    process_->facts_due.reset();
    process_->gate.observe(facts_, now);
  }
  process_->facts_changed = false;
  auto fitness = process_->gate.judge(now);
  if (mutant_ == Mutant::trusts_haproxy_always && process_->told) {
    return;
  }
  if (process_->told != fitness) {
    process_->commands.emplace_back(fitness);
    process_->told = std::move(fitness);
  }
}

bool Node::is_heard(ports::Datagram& datagram) const {
  const int priority = priority_in(datagram);
  if (mutant_ == Mutant::wins_every_tie) {
    const auto own = process_->engine.status(kernel_.now).virtual_routers.at(0).effective;
    if (priority == own.value) {
      datagram.source = IpAddress::v4(0x0A000001);
    }
  }
  return !(mutant_ == Mutant::ignores_resignations && priority == 0) &&
         !(mutant_ == Mutant::never_yields && priority == 1);
}

void Node::read_mail(Instant now) {
  for (auto& datagram : std::exchange(process_->mail, {})) {
    if (is_heard(datagram)) {
      process_->interpreter->handle(datagram, now);
    }
  }
}

void Node::fire(Instant now) {
  process_->interpreter->expire(now);
}

void Node::turn(Instant now) {
  judge(now);
  if (mutant_ == Mutant::fires_before_reading) {
    fire(now);
  }
  read_mail(now);
  for (const auto& event : std::exchange(process_->news, {})) {
    process_->interpreter->handle(event, now);
  }
  for (const auto& command : std::exchange(process_->commands, {})) {
    process_->interpreter->handle(command, now);
  }
  fire(now);
}

void Node::wake(Instant now) {
  if (!process_ || paused(now)) {
    return;
  }
  constexpr int most_turns = 20;
  int turns = 0;
  do {
    CHECK(++turns < most_turns);
    turn(now);
  } while (!process_->news.empty());
}

std::optional<Instant> Node::next_wake() const {
  if (!process_) {
    return std::nullopt;
  }
  const bool has_work = process_->facts_changed || !process_->commands.empty() ||
                        !process_->news.empty() || !process_->mail.empty();
  if (has_work) {
    return paused_until_;
  }
  auto next = process_->engine.deadline();
  if (mutant_ == Mutant::forgets_to_rearm && holds_all()) {
    next.reset();
  }
  for (const auto& due : {process_->gate.deadline(), process_->facts_due}) {
    next = due && (!next || *due < *next) ? due : next;
  }
  return next ? std::optional{std::max(*next, paused_until_)} : std::nullopt;
}

std::optional<Instant> Node::next_expiry() const {
  std::optional<Instant> next;
  for (const auto& [place, entry] : kernel_.entries()) {
    if (entry.expires && (!next || *entry.expires < *next)) {
      next = entry.expires;
    }
  }
  return next;
}

bool Node::holds_all() const {
  return std::ranges::all_of(settings_.virtual_routers.at(0).addresses, [&](const Prefix& prefix) {
    return kernel_.entries().contains({eth0, prefix});
  });
}

ports::VirtualRouterStatus Node::status(Instant now) const {
  CHECK(process_);
  return process_->engine.status(now).virtual_routers.at(0);
}

}  // namespace havip::sim
