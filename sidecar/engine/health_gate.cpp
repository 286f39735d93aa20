// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/health_gate.hpp"

#include <fnmatch.h>

#include <utility>

namespace havip::engine {
namespace {

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

std::string describe(const BackendTrack& track) {
  auto what = "backend " + track.pattern;
  if (!track.at_least) {
    return what;
  }
  if (const auto* const demand = std::get_if<AtLeastServers>(&*track.at_least)) {
    return what + " has less than " + std::to_string(demand->servers) + " servers up";
  }
  const auto share = std::get<AtLeastShare>(*track.at_least).share;
  return what + " has less than " + std::to_string(static_cast<int>(share * 100)) +
         "% of its weight healthy";
}

}  // namespace

double healthy_share(const std::string& pattern, const std::vector<haproxy::Backend>& backends) {
  double sum = 0;
  int count = 0;
  for (const auto& backend : backends) {
    if (matches(pattern, backend.name)) {
      sum += backend.healthy_share;
      ++count;
    }
  }
  return count == 0 ? 0 : sum / count;
}

bool satisfies(const AtLeast& demand,
               const std::string& pattern,
               const std::vector<haproxy::Backend>& backends) {
  if (const auto* const share = std::get_if<AtLeastShare>(&demand)) {
    return healthy_share(pattern, backends) >= share->share;
  }
  int up = 0;
  for (const auto& backend : backends) {
    up += matches(pattern, backend.name) ? backend.servers_up : 0;
  }
  return up >= std::get<AtLeastServers>(demand).servers;
}

void HealthGate::Damped::observe(double level, Duration recover_after, Instant now) {
  if (!level_ || level <= *level_) {
    level_ = level;
    rises_at_.reset();
  } else if (!rises_at_ || level < wanted_) {
    rises_at_ = now + recover_after;
  }
  wanted_ = level;
}

double HealthGate::Damped::settle(Instant now) {
  if (rises_at_ && *rises_at_ <= now) {
    level_ = wanted_;
    rises_at_.reset();
  }
  return level_.value_or(0);
}

HealthGate::HealthGate(std::vector<BackendTrack> tracks)
    : tracks_{std::move(tracks)}, levels_(tracks_.size()) {}

void HealthGate::observe(const haproxy::Facts& facts, Instant now) {
  facts_ = facts;
  failed_ = failed_ || facts.state == haproxy::ProcessState::down ||
            facts.state == haproxy::ProcessState::hung;
  if (facts.state != haproxy::ProcessState::up) {
    return;
  }
  if (std::exchange(failed_, false)) {
    recovered_at_ = now + process_recovery;
  }
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    const auto& track = tracks_[i];
    const double level =
        track.at_least ? (satisfies(*track.at_least, track.pattern, facts.backends) ? 1.0 : 0.0)
                       : healthy_share(track.pattern, facts.backends);
    levels_[i].observe(level, track.recover_after, now);
  }
}

void HealthGate::add(const BackendTrack& track, double level, Fitness& fitness) {
  const auto what = describe(track);
  if (!track.at_least) {
    fitness.scales.push_back({what, level});
    return;
  }
  if (level >= 1.0) {
    return;
  }
  if (const auto* const lower = std::get_if<OtherwiseLower>(&track.otherwise)) {
    fitness.lowers.push_back({what, lower->amount});
    return;
  }
  const bool fault = std::holds_alternative<OtherwiseFault>(track.otherwise);
  if (fault || fitness.verdict != Verdict::fault) {
    fitness.verdict = fault ? Verdict::fault : Verdict::yield;
    fitness.why = what;
  }
}

Fitness HealthGate::judge(Instant now) {
  Fitness fitness;
  switch (facts_.state) {
    case haproxy::ProcessState::unknown:
      fitness.why = "HAProxy's state is not known: " + facts_.detail;
      return fitness;
    case haproxy::ProcessState::down:
      fitness.verdict = Verdict::fault;
      fitness.why = "HAProxy is down: " + facts_.detail;
      return fitness;
    case haproxy::ProcessState::hung:
      fitness.verdict = Verdict::fault;
      fitness.why = "HAProxy hangs: " + facts_.detail;
      return fitness;
    case haproxy::ProcessState::up:
      break;
  }
  fitness.verdict = Verdict::fit;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    add(tracks_[i], levels_[i].settle(now), fitness);
  }
  if (recovered_at_ && *recovered_at_ <= now) {
    recovered_at_.reset();
  }
  if (recovered_at_ && fitness.verdict == Verdict::fit) {
    fitness.verdict = Verdict::yield;
    fitness.why = "HAProxy is back, but not yet for long";
  }
  return fitness;
}

std::optional<Instant> HealthGate::deadline() const {
  // While HAProxy is not up nothing follows from time alone: a moment that has come would stay due.
  if (facts_.state != haproxy::ProcessState::up) {
    return std::nullopt;
  }
  auto earliest = recovered_at_;
  for (const auto& level : levels_) {
    if (level.deadline() && (!earliest || *level.deadline() < *earliest)) {
      earliest = level.deadline();
    }
  }
  return earliest;
}

}  // namespace havip::engine
