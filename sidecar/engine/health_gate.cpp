// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/health_gate.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace havip::engine {
namespace {

constexpr double percent = 100;

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

int servers_up(const std::string& pattern, const std::vector<haproxy::Backend>& backends) {
  int up = 0;
  for (const auto& backend : backends) {
    up += matches(pattern, backend.name) ? backend.servers_up : 0;
  }
  return up;
}

std::string in_percent(double share) {
  return std::to_string(std::lround(share * percent)) + "%";
}

/// The reason when it fails.
std::string describe(const BackendTrack& track) {
  auto what = "backend " + track.pattern;
  if (!track.at_least) {
    return what;
  }
  if (const auto* const demand = std::get_if<AtLeastServers>(&*track.at_least)) {
    return what + " has less than " + std::to_string(demand->servers) + " servers up";
  }
  return what + " has less than " + in_percent(std::get<AtLeastShare>(*track.at_least).share) +
         " of its weight healthy";
}

/// What it has now, for the status.
std::string count(const BackendTrack& track, const std::vector<haproxy::Backend>& backends) {
  const auto* const demand =
      track.at_least ? std::get_if<AtLeastServers>(&*track.at_least) : nullptr;
  if (demand != nullptr) {
    return "has " + std::to_string(servers_up(track.pattern, backends)) + " of at least " +
           std::to_string(demand->servers) + " servers up";
  }
  return "has " + in_percent(healthy_share(track.pattern, backends)) + " of its weight healthy";
}

/// Everything that speaks against the node, by how grave it is.
struct Findings {
  std::vector<std::string> faults;
  std::vector<std::string> yields;
  std::vector<std::string> waits;
  std::vector<Lower> lowers;

  void add(const Otherwise& otherwise, const std::string& what) {
    if (const auto* const lower = std::get_if<OtherwiseLower>(&otherwise)) {
      lowers.push_back({what, lower->amount});
    } else {
      (std::holds_alternative<OtherwiseFault>(otherwise) ? faults : yields).push_back(what);
    }
  }
};

std::string joined(const std::vector<std::string>& texts, const std::string& separator) {
  std::string all;
  for (const auto& text : texts) {
    all += (all.empty() ? "" : separator) + text;
  }
  return all;
}

Fitness fitness_of(Findings findings, std::vector<Scale> scales) {
  Fitness fitness{.verdict = Verdict::fit,
                  .why = {},
                  .scales = std::move(scales),
                  .lowers = std::move(findings.lowers)};
  if (findings.faults.empty() && !findings.waits.empty()) {
    fitness.verdict = Verdict::undecided;
    fitness.why = "there is no first result yet of " + joined(findings.waits, ", ");
    return fitness;
  }
  if (!findings.faults.empty()) {
    fitness.verdict = Verdict::fault;
  } else if (!findings.yields.empty()) {
    fitness.verdict = Verdict::yield;
  }
  auto reasons = std::move(findings.faults);
  std::ranges::move(findings.yields, std::back_inserter(reasons));
  fitness.why = joined(reasons, "; ");
  return fitness;
}

void show(ports::TrackStatus& shown, const Damped& level, bool well, Instant now) {
  const auto state = !level.known() ? ports::TrackState::waiting
                     : well         ? ports::TrackState::well
                                    : ports::TrackState::failed;
  if (state != shown.state) {
    shown.state = state;
    shown.since = now;
  }
}

std::string shown_detail(const std::string& detail, const Damped& level) {
  return level.deadline() ? detail + "; this counts when it has lasted" : detail;
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
  return servers_up(pattern, backends) >= std::get<AtLeastServers>(demand).servers;
}

HealthGate::HealthGate(std::vector<BackendTrack> tracks, std::vector<ConditionTrack> conditions) {
  for (auto& track : tracks) {
    auto what = "backend " + track.pattern;
    shares_.push_back({.track = std::move(track),
                       .level = {},
                       .detail = "waits for HAProxy",
                       .shown = {.what = std::move(what)}});
  }
  for (auto& track : conditions) {
    auto what = track.what;
    conditions_.push_back({.track = std::move(track),
                           .level = {},
                           .detail = "waits for its first result",
                           .reason = {},
                           .shown = {.what = std::move(what)}});
  }
}

void HealthGate::observe(const haproxy::Facts& facts, Instant now) {
  if (facts.state != haproxy::ProcessState::unknown ||
      facts_.state == haproxy::ProcessState::unknown) {
    facts_ = facts;
  }
  failed_ = failed_ || facts.state == haproxy::ProcessState::down ||
            facts.state == haproxy::ProcessState::hung;
  if (facts.state != haproxy::ProcessState::up) {
    return;
  }
  if (std::exchange(failed_, false)) {
    recovered_at_ = now + process_recovery;
  }
  for (auto& share : shares_) {
    const auto& track = share.track;
    const bool scales = !track.at_least;
    const bool holds = scales || satisfies(*track.at_least, track.pattern, facts.backends);
    const double level =
        scales ? healthy_share(track.pattern, facts.backends) : static_cast<double>(holds);
    share.level.observe(level, track.recover_after, now);
    share.detail = count(track, facts.backends);
  }
}

void HealthGate::observe_condition(std::size_t index, bool holds, std::string detail, Instant now) {
  auto& condition = conditions_.at(index);
  condition.level.observe(static_cast<double>(holds), condition.track.recover_after, now);
  if (!holds) {
    condition.reason = condition.track.what + " " + detail.substr(0, detail.find(": "));
  }
  condition.detail = std::move(detail);
}

void HealthGate::settle(Instant now) {
  // What HAProxy told before it went away does not recover meanwhile.
  const bool up = facts_.state == haproxy::ProcessState::up;
  for (auto& share : shares_) {
    const double level = up ? share.level.settle(now) : share.level.in_force();
    show(share.shown, share.level, share.track.at_least ? level >= 1.0 : level > 0, now);
  }
  for (auto& condition : conditions_) {
    show(condition.shown, condition.level, condition.level.settle(now) >= 1.0, now);
  }
  if (recovered_at_ && *recovered_at_ <= now) {
    recovered_at_.reset();
  }
}

std::optional<Fitness> HealthGate::judge_process() const {
  switch (facts_.state) {
    case haproxy::ProcessState::up:
      return std::nullopt;
    case haproxy::ProcessState::unknown:
      return Fitness{.verdict = Verdict::undecided,
                     .why = "HAProxy's state is not known: " + facts_.detail,
                     .scales = {},
                     .lowers = {}};
    case haproxy::ProcessState::down:
      return Fitness{.verdict = Verdict::fault,
                     .why = "HAProxy is down: " + facts_.detail,
                     .scales = {},
                     .lowers = {}};
    case haproxy::ProcessState::hung:
      return Fitness{.verdict = Verdict::fault,
                     .why = "HAProxy hangs: " + facts_.detail,
                     .scales = {},
                     .lowers = {}};
  }
  return std::nullopt;
}

Fitness HealthGate::judge(Instant now) {
  settle(now);
  if (auto unwell = judge_process()) {
    return *std::move(unwell);
  }
  Findings findings;
  std::vector<Scale> scales;
  for (const auto& share : shares_) {
    const auto what = describe(share.track);
    if (!share.track.at_least) {
      scales.push_back({what, share.level.in_force()});
    } else if (share.level.in_force() < 1.0) {
      findings.add(share.track.otherwise, what);
    }
  }
  for (const auto& condition : conditions_) {
    if (!condition.level.known()) {
      findings.waits.push_back(condition.track.what);
    } else if (condition.level.in_force() < 1.0) {
      findings.add(condition.track.otherwise, condition.reason);
    }
  }
  auto fitness = fitness_of(std::move(findings), std::move(scales));
  if (recovered_at_ && fitness.verdict == Verdict::fit) {
    fitness.verdict = Verdict::yield;
    fitness.why = "HAProxy is back, but not yet for long";
  }
  return fitness;
}

std::optional<Instant> HealthGate::deadline() const {
  std::optional<Instant> earliest;
  const auto consider = [&](const std::optional<Instant>& moment) {
    if (moment && (!earliest || *moment < *earliest)) {
      earliest = moment;
    }
  };
  for (const auto& condition : conditions_) {
    consider(condition.level.deadline());
  }
  // While HAProxy is not up nothing of it follows from time alone: a moment that has come would
  // stay due.
  if (facts_.state == haproxy::ProcessState::up) {
    consider(recovered_at_);
    for (const auto& share : shares_) {
      consider(share.level.deadline());
    }
  }
  return earliest;
}

std::vector<ports::TrackStatus> HealthGate::tracks() const {
  std::vector<ports::TrackStatus> all;
  const auto add = [&](const auto& track) {
    all.push_back(track.shown);
    all.back().detail = shown_detail(track.detail, track.level);
  };
  for (const auto& share : shares_) {
    add(share);
  }
  for (const auto& condition : conditions_) {
    add(condition);
  }
  return all;
}

}  // namespace havip::engine
