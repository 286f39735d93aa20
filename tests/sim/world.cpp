// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.hpp"

#include <algorithm>

namespace havip::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration longest_delay_in_peace = milliseconds{3};
constexpr std::uint64_t most_steps = 3'000'000;

}  // namespace

World::World(const Scenario& scenario, Mutant mutant)
    : scenario_{scenario}, random_{scenario.seed ^ 0x5105U} {
  for (int i = 0; i < scenario.nodes(); ++i) {
    nodes_.push_back(std::make_unique<Node>(settings_of(scenario, i), address_of(i), mutant));
    node(i).on_send = [this, i](const ports::Datagram& datagram) {
      send(i, datagram);
    };
    node(i).on_announce = [this, i](const IpAddress& address) {
      if (node(i).has_carrier()) {
        neighbours_[address] = i;
      }
    };
  }
}

std::optional<Failure> World::run() {
  for (int i = 0; i < scenario_.nodes(); ++i) {
    boot(i);
  }
  for (const auto& op : scenario_.ops) {
    advance(start + op.at - now_);
    perform(op);
  }
  advance(start + chaos - now_);
  calm();
  settle();
  check_converged();
  check_steady(std::chrono::seconds{3});
  if (scenario_.preempt) {
    play_plans();
  }
  return failure_;
}

void World::boot(int index) {
  if (!node(index).runs()) {
    const bool known_at_once = random_.below(2) == 0;
    node(index).boot(now_, known_at_once ? Duration{} : milliseconds{1 + random_.below(30)});
    healthy_since_.at(static_cast<std::size_t>(index)) = now_;
  }
}

void World::stop(int index) {
  auto& subject = node(index);
  if (!subject.runs()) {
    return;
  }
  subject.stop(now_);
  check_always();
  if (!subject.refuses() && subject.holds_any()) {
    failed("I6: a daemon that ended left an address behind");
  }
}

/// No more faults; what is drained or ill stays so.
void World::calm() {
  cuts_.clear();
  peace_ = true;
  for (int i = 0; i < scenario_.nodes(); ++i) {
    node(i).set_refusal(false);
    node(i).set_carrier(true);
    boot(i);
  }
  for (auto& row : heard_since_) {
    row.fill(now_);
  }
}

void World::perform(const Op& op) {
  auto& subject = node(op.node);
  switch (op.fault) {
    case Fault::cut:
      cuts_.insert({op.node, op.other});
      break;
    case Fault::heal:
      cuts_.clear();
      break;
    case Fault::crash:
      subject.crash();
      break;
    case Fault::boot:
      boot(op.node);
      break;
    case Fault::stop:
      stop(op.node);
      break;
    case Fault::pause:
      subject.pause(now_ + milliseconds{100} * op.other);
      break;
    case Fault::haproxy_down:
      subject.set_haproxy(false, subject.backend_up(), now_);
      break;
    case Fault::haproxy_up:
      subject.set_haproxy(true, subject.backend_up(), now_);
      break;
    case Fault::unplug:
      subject.set_carrier(false);
      break;
    case Fault::plug:
      subject.set_carrier(true);
      break;
    case Fault::remove_address:
      subject.remove_addresses_by_hand();
      break;
    case Fault::drain:
      subject.set_drained(true);
      break;
    case Fault::undrain:
      subject.set_drained(false);
      break;
    case Fault::refuse:
      subject.set_refusal(true);
      break;
    case Fault::permit:
      subject.set_refusal(false);
      break;
    case Fault::backend_down:
      subject.set_haproxy(subject.haproxy_up(), false, now_);
      break;
    case Fault::backend_up:
      subject.set_haproxy(subject.haproxy_up(), true, now_);
      break;
  }
  subject.wake(now_);
  check_always();
}

/// Everything about a packet follows from its number, so that a scenario that was shrunk meets
/// much the same fate.
void World::send(int from, const ports::Datagram& datagram) {
  if (!node(from).has_carrier()) {
    return;
  }
  for (int to = 0; to < scenario_.nodes(); ++to) {
    if (to == from) {
      continue;
    }
    Random fate{scenario_.seed ^ mix(++sent_)};
    const std::pair link{from, to};
    auto& heard_since =
        heard_since_.at(static_cast<std::size_t>(from)).at(static_cast<std::size_t>(to));
    if (cuts_.contains(link) || (!peace_ && fate.below(1000) < scenario_.loss_permille)) {
      heard_since = now_;
      continue;
    }
    const auto longest = peace_ ? std::min(scenario_.longest_delay, longest_delay_in_peace)
                                : scenario_.longest_delay;
    const auto delay = [&] {
      return microseconds{50 + fate.below(static_cast<int>(longest / microseconds{1}))};
    };
    auto& arrival = last_arrival_[link];
    arrival = std::max(arrival, now_ + delay());
    deliveries_.push({.at = arrival, .number = sent_, .to = to, .datagram = datagram});
    if (!peace_ && fate.below(1000) < scenario_.duplicate_permille) {
      deliveries_.push({.at = arrival + delay(), .number = sent_, .to = to, .datagram = datagram});
    }
  }
}

std::optional<Instant> World::next_event() const {
  std::optional<Instant> next;
  const auto consider = [&](const std::optional<Instant>& moment) {
    if (moment && (!next || *moment < *next)) {
      next = moment;
    }
  };
  if (!deliveries_.empty()) {
    consider(deliveries_.top().at);
  }
  for (const auto& each : nodes_) {
    consider(each->next_wake());
    consider(each->next_expiry());
  }
  return next;
}

void World::advance(Duration time) {
  const auto end = now_ + std::max(time, Duration{});
  for (auto next = next_event(); !failure_ && next && *next <= end; next = next_event()) {
    now_ = std::max(now_, *next);
    step();
  }
  now_ = end;
}

void World::step() {
  if (++steps_ > most_steps) {
    failed("the simulation does not come to an end");
    return;
  }
  for (auto& each : nodes_) {
    each->pass_to(now_);
  }
  while (!deliveries_.empty() && deliveries_.top().at <= now_) {
    node(deliveries_.top().to).receive(deliveries_.top().datagram);
    deliveries_.pop();
  }
  for (int i = 0; i < scenario_.nodes(); ++i) {
    const auto due = node(i).next_wake();
    if (due && *due <= now_) {
      node(i).wake(now_);
      check_after_turn(i);
      digest_ = mix(digest_ ^ static_cast<std::uint64_t>(now_.time_since_epoch().count()) ^
                    static_cast<std::uint64_t>(i) << 8U ^
                    static_cast<std::uint64_t>(node(i).status(now_).state) << 16U ^
                    node(i).kernel().entries().size() << 24U);
    }
  }
  check_always();
}

}  // namespace havip::sim
