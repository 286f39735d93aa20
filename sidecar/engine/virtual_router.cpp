// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/virtual_router.hpp"

#include "sidecar/engine/wording.hpp"

#include <algorithm>
#include <utility>

namespace havip::engine {
namespace {

/// Senders beyond this many are counted together: a forger has 2^32 source addresses.
constexpr std::size_t most_senders_counted = 32;

vrrp::RouterSettings election_settings(const VirtualRouterSettings& settings) {
  return {.own_address = {},
          .priority = settings.priority,
          .interval = settings.advert_interval,
          .preempt = settings.preempt,
          .preempt_delay = settings.preempt_delay,
          .succession = settings.succession,
          .version = settings.version,
          .grouped = settings.group.has_value(),
          .strict = settings.strict};
}

}  // namespace

VirtualRouter::VirtualRouter(RouterNumber number,
                             VirtualRouterSettings settings,
                             const Settings& node)
    : number_{number},
      settings_{std::move(settings)},
      interval_{settings_.advert_interval},
      router_{election_settings(settings_)},
      speaker_{settings_, node.first_form},
      listener_{settings_},
      observer_{settings_, node} {
  effective_.value = settings_.priority;
}

/// Peers of unicast know this node by the address that stands in the configuration.
std::optional<IpAddress> VirtualRouter::source() const {
  const bool expected = settings_.transport != Transport::multicast && settings_.node_address;
  return expected && attachment_.own_address ? settings_.node_address : attachment_.own_address;
}

bool VirtualRouter::attach(const Attachment& attachment, Instant now) {
  if (attachment == attachment_) {
    return false;
  }
  const auto& before = attachment_.link;
  const bool elsewhere =
      before && attachment.link &&
      (before->index != attachment.link->index || before->mac != attachment.link->mac);
  attachment_ = attachment;
  ++generation_;
  if (const auto address = source()) {
    router_.set_own_address(*address);
  }
  if (!heard_ && link_problem().empty()) {
    heard_ = true;
    router_.listen(now, settings_.listen_first);
  }
  if (elsewhere && holds()) {
    plan_.start(now);
  }
  return true;
}

Actions VirtualRouter::judge(const NodeCondition& condition,
                             const std::string& group_problem,
                             bool adopt,
                             Instant now) {
  const bool drained_now = condition.drained && !condition_.drained;
  condition_ = condition;
  auto actions = reconsider(group_problem, adopt, now);
  if (drained_now && !settings_.peers_relieve) {
    const auto before = router_.state();
    append(actions, take(router_.cede(now), now));
    append(actions, note_transition(before, "drained", now));
  }
  return actions;
}

Actions VirtualRouter::reconsider(const std::string& group_problem, bool adopt, Instant now) {
  const auto before = router_.state();
  const auto& fitness = condition_.fitness;
  effective_ = effective_priority(settings_.priority, fitness, condition_.drained);
  const bool undecided = fitness.verdict == Verdict::undecided;
  if (undecided && before == vrrp::State::init) {
    why_ = fitness.why;
    return {};
  }
  auto problem = link_problem();
  if (problem.empty() && fitness.verdict == Verdict::fault) {
    problem = fitness.why;
  }
  if (problem.empty()) {
    problem = group_problem;
  }
  if (!problem.empty()) {
    const auto resignation = router_.fail(now);
    why_ = problem;
    auto actions = take(resignation, now);
    append(actions, note_transition(before, problem, now));
    return actions;
  }
  if (undecided) {
    return {};
  }
  auto actions = take(router_.set_priority(effective_.value, now), now);
  append(actions, take_part(adopt, now));
  return actions;
}

Actions VirtualRouter::take_part(bool adopt, Instant now) {
  const auto before = router_.state();
  if (before == vrrp::State::backup || before == vrrp::State::active) {
    return {};
  }
  const bool resumes =
      adopt && !ran_ && !condition_.drained && condition_.fitness.verdict == Verdict::fit;
  ran_ = true;
  auto actions = take(resumes ? router_.resume(now) : router_.start(now), now);
  append(actions,
         note_transition(before,
                         resumes ? "its addresses are still here from an earlier run"
                                 : "this node may take part",
                         now));
  return actions;
}

void VirtualRouter::perform(const vrrp::SendAdvert& send, Instant now, Actions& actions) {
  const auto from = source();
  if (!attachment_.link || !from) {
    return;
  }
  const auto wall = wall_at_zero_ + now.time_since_epoch();
  for (auto& speech : speaker_.say(send.priority, interval_, *from, wall)) {
    actions.emplace_back(SendDatagram{.router = number_,
                                      .link = attachment_.link->index,
                                      .source = *from,
                                      .destination = speech.destination,
                                      .payload = std::move(speech.payload)});
    ++counters_.adverts_sent;
  }
  counters_.resignations_sent += send.priority == vrrp::resign_priority ? 1U : 0U;
}

void VirtualRouter::perform(const vrrp::Announce& /*announce*/, Instant now, Actions& /*actions*/) {
  if (plan_.deadline()) {
    plan_.suspect(now);
  } else {
    plan_.start(now);
  }
}

/// The addresses follow from holds(), see Engine::declare_addresses().
void VirtualRouter::perform(const vrrp::ClaimAddresses& /*claim*/,
                            Instant /*now*/,
                            Actions& /*actions*/) {}

void VirtualRouter::perform(const vrrp::ReleaseAddresses& /*release*/,
                            Instant /*now*/,
                            Actions& /*actions*/) {
  plan_.stop();
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): not seen in a generic lambda.
Actions VirtualRouter::take(const vrrp::RouterActions& wishes, Instant now) {
  Actions actions;
  for (const auto& wish : wishes) {
    std::visit([&](const auto& what) { perform(what, now, actions); }, wish);
  }
  return actions;
}

Actions VirtualRouter::note_transition(vrrp::State before, const std::string& why, Instant now) {
  const auto after = router_.state();
  if (after == before) {
    return {};
  }
  why_ = why;
  since_ = now;
  ++transitions_;
  ++generation_;
  ++counters_.transitions[{after, cause_of(router_.last_stimulus())}];
  const bool grave = after == vrrp::State::fault;
  return {Tell{.severity = grave ? Severity::warning : Severity::notice,
               .router = settings_.name,
               .text = std::string{to_string(before)} + " -> " + std::string{to_string(after)} +
                       ": " + why}};
}

Actions VirtualRouter::receive(const ports::Datagram& datagram, Instant now) {
  const auto wall = wall_at_zero_ + now.time_since_epoch();
  const auto decoded = listener_.take(datagram, source(), interval_, wall);
  if (!decoded) {
    ++counters_.rejected.at(static_cast<std::size_t>(decoded.error()));
    return observer_.rejected(datagram, decoded.error(), now);
  }
  return listener_.is_copy(datagram, *decoded, now) ? Actions{} : accept(datagram, *decoded, now);
}

void VirtualRouter::count_sender(const IpAddress& sender) {
  auto& by_sender = counters_.adverts_received;
  const bool counted = by_sender.contains(sender) || by_sender.size() < most_senders_counted;
  ++by_sender[counted ? sender : IpAddress{}];
}

/// Version 2 routers discard another interval than their own, so that both would be Active: the one
/// that can learn gives in.
void VirtualRouter::learn_interval(const vrrp::Advert& advert) {
  const Duration theirs = advert.interval;
  if (settings_.version == vrrp::Version::v2 && advert.version == vrrp::Version::v2 &&
      theirs > Duration{} && theirs != interval_) {
    interval_ = theirs;
    router_.set_interval(theirs);
    ++generation_;  // the lease follows
  }
}

Actions VirtualRouter::accept(const ports::Datagram& datagram,
                              const vrrp::DecodedAdvert& decoded,
                              Instant now) {
  const auto& advert = decoded.advert;
  const auto before = router_.state();
  speaker_.follow(datagram, decoded);
  count_sender(datagram.source);
  counters_.resignations_received += advert.priority == vrrp::resign_priority ? 1U : 0U;
  auto actions = observer_.accepted(
      datagram, decoded, {.priority = router_.priority(), .interval = interval_}, now);
  learn_interval(advert);
  const auto wishes = router_.receive(
      {.sender = datagram.source, .priority = advert.priority, .interval = advert.interval}, now);
  append(actions, take(wishes, now));
  if (router_.state() != before) {
    append(actions, note_transition(before, story(advert, datagram.source), now));
  }
  return actions;
}

std::string VirtualRouter::story(const vrrp::Advert& advert, const IpAddress& sender) const {
  if (advert.priority == vrrp::resign_priority) {
    return observer_.describe(sender) + " resigned";
  }
  return observer_.describe(sender) + " has priority " + std::to_string(advert.priority.value) +
         ", this node " + std::to_string(router_.priority().value);
}

std::string VirtualRouter::silence(Instant now) const {
  const auto& last = observer_.last();
  return last && last->priority != vrrp::resign_priority
             ? "nothing was heard from " + observer_.describe(last->address) + " for " +
                   milliseconds(now - last->at)
             : std::string{"no active router is heard"};
}

Actions VirtualRouter::notice_gap(Instant now) {
  const auto before = router_.state();
  const auto due = router_.deadline();
  if (!due || now - *due <= router_.active_down_interval()) {
    return {};
  }
  auto actions = take(router_.pause(now), now);
  append(actions,
         note_transition(before,
                         "this node stood still for " + milliseconds(now - *due) +
                             " and listens before it speaks",
                         now));
  return actions;
}

Actions VirtualRouter::expire(Instant now) {
  const auto before = router_.state();
  const auto due = router_.deadline();
  if (!due || now < *due) {
    return {};
  }
  const auto late = now - *due;
  if (before == vrrp::State::active) {
    counters_.lateness.observe(late);
  }
  auto actions = take(router_.expire(now), now);
  if (router_.state() != before) {
    append(actions, note_transition(before, silence(now), now));
  }
  return actions;
}

Actions VirtualRouter::claim(Instant now) {
  const auto before = router_.state();
  auto actions = take(router_.claim(now), now);
  append(actions, note_transition(before, silence(now) + "; all of its group are ready", now));
  return actions;
}

Actions VirtualRouter::follow_group(const std::string& why, Instant now) {
  const auto before = router_.state();
  auto actions = take(router_.cede(now), now);
  append(actions, note_transition(before, why, now));
  return actions;
}

Actions VirtualRouter::announce_due(const std::vector<Prefix>& present, Instant now) {
  if (!attachment_.link || !plan_.due(now)) {
    return {};
  }
  const auto& link = *attachment_.link;
  Actions actions;
  for (const auto& prefix : present) {
    if (settings_.family == Family::ipv6) {
      actions.emplace_back(
          SendNeighbourAdvert{.router = number_,
                              .link = link.index,
                              .message = {.target = prefix.address, .mac = link.mac}});
      ++counters_.gratuitous_sent;
      continue;
    }
    for (const auto form : {vrrp::ArpOperation::request, vrrp::ArpOperation::reply}) {
      actions.emplace_back(
          SendArp{.router = number_,
                  .link = link.index,
                  .message = vrrp::gratuitous_arp(form, prefix.address, link.mac)});
      ++counters_.gratuitous_sent;
    }
  }
  return actions;
}

Actions VirtualRouter::stop(Instant now) {
  const auto before = router_.state();
  auto actions = take(router_.stop(now), now);
  append(actions, note_transition(before, "havip ends", now));
  return actions;
}

}  // namespace havip::engine
