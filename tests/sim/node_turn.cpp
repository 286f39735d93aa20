// SPDX-License-Identifier: Apache-2.0
//
// The election thread's turn, in the order of the daemon's.
#include "sidecar/base/check.hpp"
#include "tests/sim/node.hpp"

#include <algorithm>
#include <utility>

namespace havip::sim {

bool Node::is_gate_due(Instant local) const {
  const auto is_past = [&](const std::optional<Instant>& moment) {
    return moment && *moment <= local;
  };
  return process_->facts_changed || is_past(process_->gate.deadline()) ||
         is_past(process_->facts_due);
}

void Node::judge(Instant local) {
  if (!is_gate_due(local)) {
    return;
  }
  if (process_->facts_due && *process_->facts_due <= local) {
    process_->facts_due.reset();
    process_->gate.observe(facts_, local);
    process_->gate.observe_condition(0, gateway_answers_, "does not answer", local);
  }
  process_->facts_changed = false;
  auto fitness = process_->gate.judge(local);
  const bool was_decided = process_->told && process_->told->verdict != engine::Verdict::undecided;
  if (mutant_ == Mutant::trusts_haproxy_always && was_decided) {
    return;
  }
  if (process_->told != fitness) {
    process_->commands.emplace_back(fitness);
    process_->told = std::move(fitness);
  }
}

/// The mutant that believes replays: what was signed once is signed anew.
void Node::renew_signature(ports::Datagram& datagram) {
  const auto& auth = settings_.virtual_routers.at(0).auth;
  const auto* const hmac = std::get_if<engine::HmacAuth>(&auth);
  const auto decoded =
      vrrp::decode({datagram.source, datagram.destination, datagram.ttl, datagram.payload});
  if (hmac == nullptr || !decoded || !decoded->trailer ||
      !vrrp::is_authentic(std::span{datagram.payload}.first(decoded->size),
                          *decoded->trailer,
                          hmac->key,
                          datagram.source)) {
    return;
  }
  datagram.payload.resize(decoded->size);
  vrrp::append_trailer(
      datagram.payload, hmac->key, forged_stamps_.next(wall_now_), datagram.source);
}

bool Node::is_heard(ports::Datagram& datagram) {
  constexpr std::size_t priority_offset = 2;
  constexpr std::uint8_t only_ttl = 255;
  if (mutant_ == Mutant::none || datagram.payload.size() <= priority_offset) {
    return true;
  }
  const int priority = std::to_integer<int>(datagram.payload[priority_offset]);
  const auto& first = settings_.virtual_routers.at(0);
  if (mutant_ == Mutant::wins_every_tie && priority == first.priority.value) {
    datagram.source = IpAddress::v4(1);
  } else if (mutant_ == Mutant::believes_any_ttl) {
    datagram.ttl = only_ttl;
  } else if (mutant_ == Mutant::believes_replays) {
    renew_signature(datagram);
  }
  const bool comes_the_deaf_way = mutant_ == Mutant::obeys_one_way &&
                                  first.transport == engine::Transport::both &&
                                  !datagram.destination.is_multicast();
  return !comes_the_deaf_way && !(mutant_ == Mutant::ignores_resignations && priority == 0) &&
         !(mutant_ == Mutant::never_yields && priority == 1);
}

void Node::read_mail(Instant local) {
  for (auto& datagram : std::exchange(process_->mail, {})) {
    if (is_heard(datagram)) {
      process_->interpreter->handle(datagram, local);
    }
  }
}

/// The mutant that forgets gaps: each timer fires as if it were its time.
void Node::make_up_for(Instant local) {
  for (auto due = process_->engine.deadline(); due && *due < local;
       due = process_->engine.deadline()) {
    process_->interpreter->expire(*due);
  }
}

void Node::turn(Instant local) {
  judge(local);
  if (mutant_ == Mutant::fires_before_reading) {
    process_->interpreter->expire(local);
  }
  read_mail(local);
  if (mutant_ == Mutant::forgets_gaps) {
    make_up_for(local);
  }
  for (const auto& event : std::exchange(process_->news, {})) {
    process_->interpreter->handle(event, local);
  }
  for (const auto& command : std::exchange(process_->commands, {})) {
    process_->interpreter->handle(command, local);
  }
  process_->interpreter->expire(local);
}

void Node::wake_process(Instant now) {
  constexpr int most_turns = 20;
  wall_now_ = wall(now);
  if (needs_wall_) {
    process_->engine.see_wall_clock(wall_now_, kernel_.now);
  }
  int turns = 0;
  do {
    CHECK(++turns < most_turns);
    turn(kernel_.now);
  } while (!process_->news.empty());
  if (std::exchange(has_told_, false)) {
    look();
  }
}

void Node::wake(Instant now) {
  due_known_ = false;
  kernel_.now = local(now);
  if (const auto expiry = kernel_.next_expiry(); expiry && *expiry <= kernel_.now) {
    kernel_.expire();
  }
  if (process_ && !paused(now)) {
    wake_process(now);
  }
}

std::optional<Instant> Node::process_due() const {
  const bool has_work = process_->facts_changed || !process_->commands.empty() ||
                        !process_->news.empty() || !process_->mail.empty();
  if (has_work) {
    return paused_until_;
  }
  auto next = process_->engine.deadline();
  if (mutant_ == Mutant::forgets_to_rearm && holds_any()) {
    next.reset();
  }
  for (const auto& moment : {process_->gate.deadline(), process_->facts_due}) {
    next = moment && (!next || *moment < *next) ? moment : next;
  }
  return next ? std::optional{std::max(clock_.when(*next), paused_until_)} : std::nullopt;
}

std::optional<Instant> Node::due() const {
  if (!due_known_) {
    due_known_ = true;
    due_ = process_ ? process_due() : std::nullopt;
    if (const auto expiry = kernel_.next_expiry()) {
      const auto moment = clock_.when(*expiry);
      due_ = due_ ? std::min(*due_, moment) : moment;
    }
  }
  return due_;
}

}  // namespace havip::sim
