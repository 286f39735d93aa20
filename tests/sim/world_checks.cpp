// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.hpp"

#include <algorithm>
#include <bit>

namespace havip::sim {
namespace {

/// Clocks differ by at most 400 ppm: 0.4 ms in a second.
constexpr Duration drift = std::chrono::milliseconds{2};

std::uint32_t bit(int node) {
  return 1U << static_cast<unsigned>(node);
}

}  // namespace

void World::failed(const std::string& what) {
  if (!failure_) {
    failure_ = Failure{.what = what, .at = now_ - start};
  }
}

Duration World::longest_lease() const {
  return std::max<Duration>(3 * scenario_.interval, std::chrono::seconds{1});
}

bool World::is_well(int index) const {
  const auto& each = node(index);
  return each.runs() && !each.paused(now_) && !each.refuses() && each.has_links();
}

Instant World::well_since(int index) const {
  const auto i = static_cast<std::size_t>(index);
  return is_well(index) && was_well_.at(i) ? well_since_.at(i) : now_;
}

/// Something happened to the node: takes note of what it holds now.
void World::after(int index) {
  const auto i = static_cast<std::size_t>(index);
  auto& each = node(index);
  const bool well = is_well(index);
  if (!well || !was_well_.at(i)) {
    well_since_.at(i) = now_;
  }
  was_well_.at(i) = well;
  if (!each.take_changed()) {
    return;
  }
  check_leases(each);
  for (auto& holding : holdings_) {
    const auto all = (holding.all & ~bit(index)) | (each.holds_all(holding.unit) ? bit(index) : 0U);
    const auto any = (holding.any & ~bit(index)) | (each.holds_any(holding.unit) ? bit(index) : 0U);
    if (all != holding.all || any != holding.any) {
      holding.all = all;
      holding.any = any;
      note(all, any);
    }
    if (gap_forbidden_ && all == 0) {
      failed("I3: a planned action left the addresses without a holder");
    }
  }
}

/// What time alone can break.
void World::check_time() {
  for (auto& holding : holdings_) {
    if (std::popcount(holding.any) < 2) {
      for (auto& row : holding.both_since) {
        row.fill(std::nullopt);
      }
      continue;
    }
    for (int left = 0; left < scenario_.nodes(); ++left) {
      for (int right = left + 1; right < scenario_.nodes(); ++right) {
        check_pair(holding, left, right);
      }
    }
  }
}

void World::check_leases(const Node& each) {
  const auto limit = each.local(now_) + longest_lease();
  for (const auto& [place, entry] : each.kernel().entries()) {
    if (!entry.expires || *entry.expires > limit) {
      failed("I4: an address has no lease, or one that is too long");
    }
  }
}

Instant World::hear_each_other_since(const Unit& unit, int left, int right) const {
  auto since = now_;
  for (const auto router : unit) {
    const int wire = scenario_.routers.at(router).wire;
    since =
        std::min(since,
                 std::max(network_.intact_since({.from = left, .to = right, .wire = wire}, now_),
                          network_.intact_since({.from = right, .to = left, .wire = wire}, now_)));
  }
  return since;
}

void World::check_pair(Holding& holding, int left, int right) {
  auto& both_since =
      holding.both_since.at(static_cast<std::size_t>(left)).at(static_cast<std::size_t>(right));
  if ((holding.any & bit(left)) == 0 || (holding.any & bit(right)) == 0) {
    both_since.reset();
    return;
  }
  both_since = both_since.value_or(now_);
  const auto since = std::max({*both_since,
                               well_since(left),
                               well_since(right),
                               hear_each_other_since(holding.unit, left, right)});
  // A refusal that just ended is noticed after the keeper's pause.
  const auto limit = overlap_forbidden_ ? 2 * scenario_.longest_delay + drift
                                        : scenario_.interval + 2 * scenario_.longest_delay +
                                              engine::AddressKeeper::retry_pause + drift;
  if (now_ - since > limit) {
    failed("I1: two nodes that hear each other both have an address");
  }
}

void World::check_after_turn(int index) {
  const auto& each = node(index);
  if (!is_well(index) || now_ - well_since(index) <= engine::AddressKeeper::retry_pause + drift) {
    return;
  }
  for (const auto& holding : holdings_) {
    const auto is_active = [&](std::size_t router) {
      return each.state(router) == vrrp::State::active;
    };
    const bool active = std::ranges::any_of(holding.unit, is_active);
    const bool undecided = std::ranges::any_of(
        holding.unit, [&](std::size_t router) { return each.state(router) == vrrp::State::init; });
    if (active && !std::ranges::all_of(holding.unit, is_active)) {
      failed("I6: a group is Active in part");
    }
    const bool holds_all = (holding.all & bit(index)) != 0;
    const bool holds_any = (holding.any & bit(index)) != 0;
    if (active ? !holds_all : !undecided && holds_any) {
      failed("I6: the kernel has not what the daemon declares");
    }
  }
}

std::optional<int> World::holder(std::size_t unit) const {
  const auto all = holdings_.at(unit).all;
  return all == 0 ? std::nullopt : std::optional{std::countr_zero(all)};
}

/// From what befell the node, not from what the engine thinks; 0 for one that must not take part.
int World::effective(int index, const Unit& unit) const {
  const auto& each = node(index);
  if (!each.runs() || !each.haproxy_up() || !each.has_links()) {
    return 0;
  }
  const bool well = !each.drained() && each.backend_up() && each.gateway_answers();
  return well ? scenario_.routers.at(unit.front()).priorities.at(static_cast<std::size_t>(index))
              : 1;
}

void World::check_converged() {
  for (const auto& holding : holdings_) {
    check_converged(holding);
  }
}

void World::check_converged(const Holding& holding) {
  int best = 0;
  for (int i = 0; i < scenario_.nodes(); ++i) {
    best = std::max(best, effective(i, holding.unit));
  }
  if (std::popcount(holding.any) > 1) {
    failed("I1: more than one holder in peace");
    return;
  }
  if (holding.any != holding.all) {
    failed("I6: a holder has not all addresses");
    return;
  }
  if (holding.any == 0) {
    if (best > 0) {
      failed("I2: no holder in peace");
    }
    return;
  }
  const int held_by = effective(std::countr_zero(holding.any), holding.unit);
  if (held_by == 0) {
    failed("the holder must not take part");
  } else if (held_by == 1 && best > 1) {
    failed("I5: a node that yields holds the address though another is better");
  } else if (held_by < best && scenario_.preempt) {
    failed("the holder is not the best");
  }
}

void World::check_neighbours() {
  const auto settings = settings_of(scenario_, 0);
  for (std::size_t unit = 0; unit < holdings_.size(); ++unit) {
    const auto held_by = holder(unit);
    for (const auto router : holdings_[unit].unit) {
      const int wire = scenario_.routers.at(router).wire;
      for (const auto& prefix : settings.virtual_routers.at(router).addresses) {
        const auto known = neighbours_.find({wire, prefix.address});
        if (held_by && known == neighbours_.end()) {
          failed("the neighbours were never told where the address is");
        } else if (held_by && known->second != *held_by) {
          failed("the neighbours send to a node that has not the address");
        }
      }
    }
  }
}

/// What may not grow while nothing happens.
std::vector<std::uint64_t> World::moves() const {
  std::vector<std::uint64_t> result;
  for (const auto& each : nodes_) {
    if (!each->runs()) {
      continue;
    }
    for (const auto& router : each->status(now_).virtual_routers) {
      result.push_back(router.transitions);
      result.push_back(router.counters.repairs);
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
