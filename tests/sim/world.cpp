// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.hpp"

#include <algorithm>

namespace havip::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t most_steps_at_a_moment = 10'000;

/// The head of a VRRP message: version, VRID, priority. What is behind depends on the wall clock.
std::uint64_t head_of(const ports::Datagram& datagram) {
  std::uint64_t head = datagram.payload.size();
  for (std::size_t i = 0; i < std::min<std::size_t>(4, datagram.payload.size()); ++i) {
    head = head << 8U | std::to_integer<std::uint64_t>(datagram.payload[i]);
  }
  return head;
}

}  // namespace

World::World(const Scenario& scenario, Mutant mutant)
    : scenario_{scenario}, random_{scenario.seed ^ 0x5105U}, network_{scenario_, start} {
  for (const auto& unit : units_of(scenario)) {
    holdings_.push_back({.unit = unit});
  }
  if (scenario.attacked) {
    attacker_.emplace(scenario_);
    attacker_->life_of = [this](int index) {
      return node(index).runs() ? node(index).life() : 0;
    };
    attacker_->read_at = [this](int index) {
      return std::max(now_, node(index).paused_until());
    };
  }
  for (int i = 0; i < scenario.nodes(); ++i) {
    nodes_.push_back(std::make_unique<Node>(scenario_, i, start, mutant));
    connect(i, *nodes_.back());
  }
}

void World::connect(int index, Node& node) {
  node.on_send = [this, index, &node](int wire, const ports::Datagram& datagram) {
    note(head_of(datagram), static_cast<std::uint64_t>(index));
    if (wire >= 0 && node.has_link(wire)) {
      network_.send(index, wire, datagram, now_);
    }
  };
  node.on_announce = [this, index, &node](int wire, const IpAddress& address) {
    note(static_cast<std::uint64_t>(wire), static_cast<std::uint64_t>(index));
    if (wire >= 0 && node.has_link(wire)) {
      neighbours_[{wire, address}] = index;
    }
  };
}

std::optional<Failure> World::run() {
  for (int i = 0; i < scenario_.nodes(); ++i) {
    boot(i);
  }
  if (scenario_.kind == Kind::migration) {
    migrate();
    return failure_;
  }
  for (const auto& op : scenario_.ops) {
    advance(start + op.at - now_);
    if (failure_) {
      return failure_;
    }
    perform(op);
  }
  advance(start + scenario_.length - now_);
  calm();
  settle();
  check_converged();
  check_steady(std::chrono::seconds{3});
  if (scenario_.kind == Kind::faults) {
    play_plans();
  }
  return failure_;
}

void World::note(std::uint64_t what, std::uint64_t more) {
  digest_ = mix(digest_ ^ static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  digest_ = mix(digest_ ^ what ^ more << 56U);
}

void World::boot(int index) {
  if (!node(index).runs()) {
    constexpr int slowest_answer_ms = 30;
    const bool known_at_once = random_.below(2) == 0;
    node(index).boot(
        now_, known_at_once ? Duration{} : milliseconds{1 + random_.below(slowest_answer_ms)});
    after(index);
  }
}

void World::stop(int index) {
  auto& subject = node(index);
  if (!subject.runs()) {
    return;
  }
  subject.stop(now_);
  after(index);
  if (!subject.refuses() && subject.holds_any()) {
    failed("I6: a daemon that ended left an address behind");
  }
}

Instant World::next_event() const {
  auto next = Instant::max();
  const auto consider = [&](const std::optional<Instant>& moment) {
    next = moment ? std::min(*moment, next) : next;
  };
  consider(network_.next());
  for (const auto& each : nodes_) {
    consider(each->due());
  }
  if (attacker_) {
    consider(attacker_->next());
  }
  return next;
}

void World::advance(Duration time) {
  const auto end = now_ + std::max(time, Duration{});
  for (auto next = next_event(); !failure_ && next <= end; next = next_event()) {
    steps_at_this_moment_ = next > now_ ? 0 : steps_at_this_moment_ + 1;
    if (steps_at_this_moment_ > most_steps_at_a_moment) {
      failed("the simulation does not come to an end");
    }
    now_ = std::max(now_, next);
    step();
  }
  now_ = std::max(now_, end);
}

void World::deliver() {
  while (network_.next() && *network_.next() <= now_) {
    const auto delivery = network_.take();
    const bool got_it = node(delivery.way.to).receive(delivery.way.wire, delivery.datagram, now_);
    if (attacker_ && got_it) {
      attacker_->hear(delivery, now_);
    }
  }
  if (attacker_ && attacker_->next() && *attacker_->next() <= now_) {
    if (const auto lie = attacker_->speak(now_)) {
      node(lie->way.to).receive(lie->way.wire, lie->datagram, now_);
    }
  }
}

void World::step() {
  deliver();
  for (int i = 0; i < scenario_.nodes(); ++i) {
    const auto due = node(i).due();
    if (due && *due <= now_) {
      wake(i);
    }
  }
  check_time();
}

void World::wake(int index) {
  node(index).wake(now_);
  after(index);
  check_after_turn(index);
}

Outcome play(const Scenario& scenario, Mutant mutant) {
  World world{scenario, mutant};
  Outcome outcome;
  outcome.failure = world.run();
  outcome.digest = world.digest();
  outcome.simulated = world.simulated();
  if (!scenario.attacked || outcome.failure) {
    return outcome;
  }
  auto without = scenario;
  without.attacked = false;
  World peaceful{without, mutant};
  outcome.failure = peaceful.run();
  if (!outcome.failure && peaceful.digest() != outcome.digest) {
    outcome.failure = Failure{.what = "an attacker changed what the cluster did", .at = {}};
  }
  return outcome;
}

}  // namespace havip::sim
