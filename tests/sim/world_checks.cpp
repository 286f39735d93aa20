// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.hpp"

#include <algorithm>

namespace havip::sim {

void World::failed(const std::string& what) {
  if (!failure_) {
    failure_ = Failure{.what = what, .at = now_};
  }
}

Duration World::longest_lease() const {
  return std::max<Duration>(3 * scenario_.interval, std::chrono::seconds{1});
}

void World::check_always() {
  int holders = 0;
  for (int i = 0; i < scenario_.nodes(); ++i) {
    const auto& each = node(i);
    holders += each.holds_all() ? 1 : 0;
    if (!each.runs() || each.paused(now_) || each.refuses() || !each.has_carrier()) {
      healthy_since_.at(static_cast<std::size_t>(i)) = now_;
    }
    check_leases(each);
  }
  for (const auto& [from, to] : cuts_) {
    heard_since_.at(static_cast<std::size_t>(from)).at(static_cast<std::size_t>(to)) = now_;
  }
  for (int left = 0; left < scenario_.nodes(); ++left) {
    for (int right = left + 1; right < scenario_.nodes(); ++right) {
      check_pair(left, right);
    }
  }
  if (gap_forbidden_ && holders == 0) {
    failed("I3: a planned action left the addresses without a holder");
  }
}

void World::check_leases(const Node& each) {
  for (const auto& [place, entry] : each.kernel().entries()) {
    if (!entry.expires || *entry.expires > now_ + longest_lease()) {
      failed("I4: an address has no lease, or one that is too long");
    }
  }
}

void World::check_pair(int left, int right) {
  const auto l = static_cast<std::size_t>(left);
  const auto r = static_cast<std::size_t>(right);
  auto& both_since = both_since_.at(l).at(r);
  if (!node(left).holds_any() || !node(right).holds_any()) {
    both_since.reset();
    return;
  }
  both_since = both_since.value_or(now_);
  const auto since = std::max({*both_since,
                               healthy_since_.at(l),
                               healthy_since_.at(r),
                               heard_since_.at(l).at(r),
                               heard_since_.at(r).at(l)});
  // A refusal that just ended is noticed after the keeper's pause.
  const auto limit =
      scenario_.interval + 2 * scenario_.longest_delay + engine::AddressKeeper::retry_pause;
  if (now_ - since > limit) {
    failed("I1: two nodes that hear each other both have an address");
  }
}

void World::check_after_turn(int index) {
  const auto& each = node(index);
  const auto well_for = now_ - healthy_since_.at(static_cast<std::size_t>(index));
  if (!each.runs() || each.paused(now_) || each.refuses() ||
      well_for <= engine::AddressKeeper::retry_pause) {
    return;
  }
  const auto state = each.status(now_).state;
  const bool active = state == vrrp::State::active;
  const bool undecided = state == vrrp::State::init;
  if (active ? !each.holds_all() : !undecided && each.holds_any()) {
    failed("I6: the kernel has not what the daemon declares");
  }
}

std::optional<int> World::holder() const {
  for (int i = 0; i < scenario_.nodes(); ++i) {
    if (node(i).holds_all()) {
      return i;
    }
  }
  return std::nullopt;
}

/// From what befell the node, not from what the engine thinks; 0 for one that must not take part.
int World::effective(int index) const {
  const auto& each = node(index);
  if (!each.runs() || !each.haproxy_up() || !each.has_carrier()) {
    return 0;
  }
  const bool well = !each.drained() && each.backend_up();
  return well ? scenario_.priorities.at(static_cast<std::size_t>(index)) : 1;
}

void World::check_converged() {
  int best = 0;
  int holders = 0;
  int held_by = -1;
  for (int i = 0; i < scenario_.nodes(); ++i) {
    best = std::max(best, effective(i));
    if (node(i).holds_any()) {
      ++holders;
      held_by = i;
    }
  }
  if (holders > 1) {
    failed("I1: more than one holder in peace");
  } else if (holders == 0 && best > 0) {
    failed("I2: no holder in peace");
  } else if (holders == 1 && effective(held_by) == 0) {
    failed("the holder must not take part");
  } else if (holders == 1 && effective(held_by) == 1 && best > 1) {
    failed("I5: a node that yields holds the address though another is better");
  } else if (holders == 1 && effective(held_by) < best && scenario_.preempt) {
    failed("the holder is not the best");
  }
}

void World::check_neighbours() {
  const auto held_by = holder();
  for (const auto& [address, announced_by] : neighbours_) {
    if (held_by && announced_by != *held_by) {
      failed("the neighbours send to a node that has not the address");
    }
  }
  if (held_by && neighbours_.empty()) {
    failed("the neighbours were never told where the address is");
  }
}

/// What may not grow while nothing happens.
std::vector<std::uint64_t> World::moves() const {
  std::vector<std::uint64_t> result;
  for (const auto& each : nodes_) {
    if (each->runs()) {
      const auto status = each->status(now_);
      result.push_back(status.transitions);
      result.push_back(status.counters.repairs);
    }
  }
  return result;
}

void World::check_steady(Duration time) {
  const auto before = moves();
  advance(time);
  if (moves() != before) {
    failed("something moved in peace");
  }
  check_converged();
}

}  // namespace havip::sim
