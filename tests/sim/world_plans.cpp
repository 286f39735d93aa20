// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.hpp"

#include <algorithm>
#include <numeric>

namespace havip::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration packet_delays = milliseconds{10};
/// What the daemon waits at its end for another node to take the addresses.
constexpr Duration handover_time = milliseconds{500};

}  // namespace

/// Long enough for pauses to end, for recoveries to count, and for two takeovers.
void World::settle() {
  advance(seconds{4} + engine::HealthGate::process_recovery + 3 * down_interval() +
          scenario_.preempt_delay);
}

void World::make_all_fit() {
  for (int i = 0; i < scenario_.nodes(); ++i) {
    boot(i);
    node(i).set_haproxy(true, true, now_);
    node(i).set_gateway(true, now_);
    if (node(i).drained()) {
      node(i).set_drained(false);
    }
  }
  settle();
}

void World::play_plans() {
  make_all_fit();
  check_converged();
  // The holder need not know that another node claimed, when all that node said was lost: until
  // the next refresh the neighbours may be wrong.
  advance(vrrp::AnnouncePlan::refresh + seconds{1});
  check_neighbours();
  gap_forbidden_ = true;
  for (const auto plan : {&World::drain_and_undrain,
                          &World::yield_and_recover,
                          &World::lose_the_same_everywhere,
                          &World::restart_in_good_order,
                          &World::wait_to_preempt,
                          &World::restart_after_a_crash,
                          &World::pause_a_backup,
                          &World::silence_one_way,
                          &World::heal_a_partition,
                          &World::set_a_wall_clock}) {
    if (failure_ || !holder()) {
      break;
    }
    (this->*plan)();
    check_converged();
    check_neighbours();
  }
  gap_forbidden_ = false;
  for (const auto plan :
       {&World::lose_the_holder, &World::suspend_the_holder, &World::crash_the_holder}) {
    if (!failure_ && holder()) {
      (this->*plan)();
    }
  }
}

void World::drain_and_undrain() {
  const int subject = *holder();
  node(subject).set_drained(true);
  advance(2 * down_interval());
  check_converged();
  check_neighbours();
  const auto heir = holder();
  node(subject).set_drained(false);
  advance(2 * down_interval());
  if (!scenario_.preempt && holder() != heir) {
    failed("a node that was undrained preempted, though none is to");
  }
}

void World::yield_and_recover() {
  const int subject = *holder();
  node(subject).set_haproxy(true, false, now_);
  advance(2 * down_interval());
  check_converged();
  node(subject).set_haproxy(true, true, now_);
  advance(2 * down_interval() + seconds{1});
}

/// One after the other, as each notices: nobody is without a holder meanwhile, and the addresses go
/// no further round than once.
void World::lose_the_same_everywhere() {
  std::vector<int> order(nodes_.size());
  std::iota(order.begin(), order.end(), 0);
  for (const bool answers : {false, true}) {
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[static_cast<std::size_t>(random_.below(static_cast<int>(i)))]);
    }
    const auto before = moves();
    for (const int each : order) {
      node(each).set_gateway(answers, now_);
      wake(each);
      advance(milliseconds{random_.below(1000)});
    }
    advance(seconds{1} + 2 * down_interval() + scenario_.preempt_delay);
    check_converged();
    const auto after = moves();
    const auto sum = [](const auto& all) {
      return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
    };
    // At worst each node has them once. A move is two transitions, of each virtual router.
    if (sum(after) - sum(before) > 2 * order.size() * scenario_.routers.size()) {
      failed("what all nodes lost or got back moved the addresses more often than it must");
    }
  }
}

/// As the daemon ends: it waits for another node to take its addresses.
void World::leave_in_good_order(int subject) {
  node(subject).give_away();
  advance(std::max<Duration>(handover_time, 2 * scenario_.interval));
  if (holder() == subject) {
    advance(down_interval());
  }
  stop(subject);
}

/// Perhaps because the whole machine is rebooted.
void World::restart_in_good_order() {
  const int subject = *holder();
  leave_in_good_order(subject);
  advance(down_interval());
  if (random_.below(2) == 0) {
    node(subject).power_cycle(now_);
    after(subject);
  }
  boot(subject);
  advance(2 * down_interval() + patience());
}

void World::wait_to_preempt() {
  if (!scenario_.preempt || scenario_.preempt_delay == Duration{}) {
    return;
  }
  const int subject = *holder();
  leave_in_good_order(subject);
  advance(down_interval());
  const auto heir = holder();
  boot(subject);
  advance(scenario_.preempt_delay - milliseconds{1});
  if (holder() != heir) {
    failed("a node preempted before it was to");
  }
  advance(2 * down_interval());
}

/// systemd starts it again within the lease: it goes on as if nothing had been.
void World::restart_after_a_crash() {
  const int subject = *holder();
  node(subject).crash();
  after(subject);
  advance(milliseconds{50});
  boot(subject);
  advance(patience());
  if (holder() != subject) {
    failed("a daemon that was started again at once lost its addresses");
  }
}

void World::pause_a_backup() {
  const auto is_backup = [&](int index) {
    return std::ranges::none_of(
        holdings_, [&](const Holding& holding) { return node(index).holds_any(holding.unit); });
  };
  int subject = 0;
  while (subject < scenario_.nodes() && !is_backup(subject)) {
    ++subject;
  }
  if (subject == scenario_.nodes()) {
    return;
  }
  const auto before = moves();
  node(subject).pause(now_ + 3 * down_interval(), false);
  advance(5 * down_interval());
  // The second time it wakes up just after its timer was due.
  node(subject).pause(now_ + 4 * scenario_.interval + scenario_.interval / 2, false);
  advance(5 * down_interval());
  if (moves() != before) {
    failed("a backup that was paused took over from a router that lives");
  }
}

/// An administrator sets it, or it is corrected at last. The election has another clock.
void World::set_a_wall_clock() {
  for (const auto step : {seconds{1}, seconds{-1}, seconds{0}}) {
    if (failure_ || !holder()) {
      return;
    }
    const Duration error = scenario_.is_signed ? seconds{step} : 3600 * seconds{step};
    node(*holder()).set_wall(error);
    check_steady(2 * down_interval());
  }
}

/// A switch that believes nobody wants the group (IGMP snooping).
void World::silence_one_way() {
  if (scenario_.transport != engine::Transport::both) {
    return;
  }
  for (int from = 0; from < scenario_.nodes(); ++from) {
    for (int to = 0; to < scenario_.nodes(); ++to) {
      for (int wire = 0; wire < scenario_.wires(); ++wire) {
        network_.silence({.from = from, .to = to, .wire = wire});
      }
    }
  }
  check_steady(3 * down_interval() + seconds{3});
  network_.heal(now_);
  check_steady(down_interval());
}

/// Both sides have the addresses, then they hear each other again.
void World::heal_a_partition() {
  const int alone = *holder();
  for (int other = 0; other < scenario_.nodes(); ++other) {
    for (int wire = 0; wire < scenario_.wires(); ++wire) {
      network_.cut({.from = alone, .to = other, .wire = wire});
      network_.cut({.from = other, .to = alone, .wire = wire});
    }
  }
  advance(4 * down_interval() + seconds{6});  // until the last campaign is over
  network_.heal(now_);
  advance(patience() + 2 * down_interval());
}

void World::expect_another_holder(int than, Duration within, const std::string& what) {
  const auto limit = now_ + within;
  const auto taken = [&] {
    return std::ranges::all_of(holdings_, [&](const Holding& holding) {
      return (holding.all & ~(1U << static_cast<unsigned>(than))) != 0;
    });
  };
  while (!failure_ && !taken() && now_ < limit) {
    advance(milliseconds{1});
  }
  if (!taken()) {
    failed(what);
  }
}

void World::lose_the_holder() {
  // Among three and more, an heir knows the others by their listed addresses alone.
  const bool is_listed = std::ranges::all_of(scenario_.routers, [](const RouterPlan& plan) {
    return plan.wire == 0 && plan.family == Family::ipv4;
  });
  const auto soon =
      scenario_.nodes() == 2 || is_listed ? packet_delays : scenario_.interval + packet_delays;
  const int stopped = *holder();
  stop(stopped);
  expect_another_holder(stopped, soon, "the heir of a node that ended did not take over at once");
  boot(stopped);
  advance(2 * down_interval() + patience());
  check_converged();

  if (const auto ill = holder()) {
    node(*ill).set_haproxy(false, true, now_);
    expect_another_holder(
        *ill, soon, "the heir of a node whose HAProxy died did not take over at once");
    gap_forbidden_ = true;
    node(*ill).set_haproxy(true, true, now_);
    settle();
    check_converged();
    gap_forbidden_ = false;
  }
}

/// Its addresses' leases ended meanwhile, and another node has them: it must not even touch them.
void World::suspend_the_holder() {
  const int subject = *holder();
  const auto length = 4 * down_interval() + longest_lease();
  node(subject).pause(now_ + length, true);
  after(subject);
  advance(length - milliseconds{1});
  const auto adds = node(subject).adds();
  advance(milliseconds{1} + scenario_.interval / 2);
  if (node(subject).adds() != adds) {
    failed("a node that was suspended put its addresses back before it listened");
  }
  settle();
  check_converged();
  check_neighbours();
}

void World::crash_the_holder() {
  const int crashed = *holder();
  node(crashed).crash();
  after(crashed);
  expect_another_holder(crashed,
                        down_interval() + scenario_.interval + packet_delays,
                        "I2: nobody took over from a node that crashed");
  advance(longest_lease() + milliseconds{10});
  check_converged();
}

/// Each node in turn is stopped in good order and started as version 3, ten times as fast.
void World::migrate() {
  network_.calm(now_);
  settle();
  check_converged();
  auto moved = scenario_;
  moved.version = 3;
  moved.interval = milliseconds{100};
  std::vector<int> order(nodes_.size());
  std::iota(order.begin(), order.end(), random_.below(scenario_.nodes()));
  gap_forbidden_ = true;
  overlap_forbidden_ = true;
  for (const int turn : order) {
    const int subject = turn % scenario_.nodes();
    leave_in_good_order(subject);
    node(subject).configure(moved);
    advance(milliseconds{random_.below(2000)});
    boot(subject);
    settle();
    check_converged();
    check_neighbours();
  }
  check_steady(seconds{20});
  gap_forbidden_ = false;
  if (failure_ || !holder()) {
    return;
  }
  const int crashed = *holder();
  node(crashed).crash();
  after(crashed);
  expect_another_holder(crashed,
                        4 * moved.interval + moved.interval + packet_delays,
                        "I2: a cluster that was moved to version 3 is not as fast");
}

}  // namespace havip::sim
