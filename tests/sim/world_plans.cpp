// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.hpp"

namespace havip::sim {
namespace {

using std::chrono::milliseconds;

constexpr Duration packet_delays = milliseconds{10};
/// What the daemon waits at its end for another node to take the addresses.
constexpr Duration handover_time = milliseconds{500};

}  // namespace

/// Long enough for pauses to end, for recoveries to count, and for two takeovers.
void World::settle() {
  advance(std::chrono::seconds{4} + engine::HealthGate::process_recovery + 3 * down_interval());
}

void World::make_all_fit() {
  for (int i = 0; i < scenario_.nodes(); ++i) {
    boot(i);
    node(i).set_haproxy(true, true, now_);
    if (node(i).drained()) {
      node(i).set_drained(false);
    }
  }
  settle();
}

void World::play_plans() {
  make_all_fit();
  check_converged();
  gap_forbidden_ = true;
  for (const auto plan : {&World::drain_and_undrain,
                          &World::yield_and_recover,
                          &World::restart_in_good_order,
                          &World::restart_after_a_crash,
                          &World::pause_a_backup}) {
    if (failure_ || !holder()) {
      break;
    }
    (this->*plan)();
    check_converged();
    check_neighbours();
  }
  gap_forbidden_ = false;
  if (!failure_) {
    lose_the_holder();
  }
}

void World::drain_and_undrain() {
  const int subject = *holder();
  node(subject).set_drained(true);
  advance(2 * down_interval());
  check_converged();
  check_neighbours();
  node(subject).set_drained(false);
  advance(2 * down_interval());
}

void World::yield_and_recover() {
  const int subject = *holder();
  node(subject).set_haproxy(true, false, now_);
  advance(2 * down_interval());
  check_converged();
  node(subject).set_haproxy(true, true, now_);
  advance(2 * down_interval() + std::chrono::seconds{1});
}

void World::restart_in_good_order() {
  const int subject = *holder();
  node(subject).give_away();
  advance(std::max<Duration>(handover_time, 2 * scenario_.interval));
  if (holder() == subject) {
    advance(down_interval());
  }
  stop(subject);
  advance(down_interval());
  boot(subject);
  advance(3 * down_interval());
}

/// systemd starts it again within the lease: it goes on as if nothing had been.
void World::restart_after_a_crash() {
  const int subject = *holder();
  node(subject).crash();
  advance(milliseconds{50});
  boot(subject);
  advance(down_interval());
  if (holder() != subject) {
    failed("a daemon that was started again at once lost its addresses");
  }
}

void World::pause_a_backup() {
  const int held_by = *holder();
  const int subject = held_by == 0 ? 1 : 0;
  const auto before = moves();
  node(subject).pause(now_ + 3 * down_interval());
  advance(5 * down_interval());
  if (moves() != before) {
    failed("a backup that was paused took over from a router that lives");
  }
}

void World::expect_another_holder(int than, Duration within, const std::string& what) {
  const auto limit = now_ + within;
  const auto taken = [&] {
    for (int i = 0; i < scenario_.nodes(); ++i) {
      if (i != than && node(i).holds_all()) {
        return true;
      }
    }
    return false;
  };
  while (!failure_ && !taken() && now_ < limit) {
    advance(milliseconds{1});
  }
  if (!taken()) {
    failed(what);
  }
}

void World::lose_the_holder() {
  const int stopped = *holder();
  stop(stopped);
  expect_another_holder(
      stopped, packet_delays, "the heir of a node that ended did not take over at once");
  boot(stopped);
  advance(3 * down_interval());
  check_converged();

  if (const auto ill = holder()) {
    node(*ill).set_haproxy(false, true, now_);
    expect_another_holder(
        *ill, packet_delays, "the heir of a node whose HAProxy died did not take over at once");
    gap_forbidden_ = true;
    node(*ill).set_haproxy(true, true, now_);
    settle();
    check_converged();
    gap_forbidden_ = false;
  }

  if (const auto crashed = holder()) {
    node(*crashed).crash();
    expect_another_holder(*crashed,
                          down_interval() + scenario_.interval + packet_delays,
                          "I2: nobody took over from a node that crashed");
    advance(longest_lease() + milliseconds{1});
    check_converged();
  }
}

}  // namespace havip::sim
