// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/virtual_router.hpp"

#include "sidecar/engine/wording.hpp"

#include <algorithm>
#include <utility>

namespace havip::engine {
namespace {

/// The log gets one line for each reason to discard in this time (RFC 9568 section 7.1).
constexpr Duration quiet_after_rejection = std::chrono::seconds{10};
/// Senders beyond this many are counted together: a forger has 2^32 source addresses.
constexpr std::size_t most_senders_counted = 32;

vrrp::RouterSettings election_settings(const VirtualRouterSettings& settings) {
  return {.own_address = {},
          .priority = settings.priority,
          .interval = settings.advert_interval,
          .preempt = settings.preempt,
          .preempt_delay = settings.preempt_delay,
          .succession = settings.succession};
}

}  // namespace

VirtualRouter::VirtualRouter(RouterNumber number,
                             VirtualRouterSettings settings,
                             std::map<IpAddress, std::string> node_names,
                             vrrp::ChecksumForm first_form)
    : number_{number},
      settings_{std::move(settings)},
      node_names_{std::move(node_names)},
      form_{first_form},
      router_{election_settings(settings_)} {
  effective_.value = settings_.priority;
}

std::string VirtualRouter::link_problem() const {
  const auto& interface = settings_.interface;
  if (!attachment_.link) {
    return "there is no interface " + interface;
  }
  if (!attachment_.link->up) {
    return "interface " + interface + " is down";
  }
  if (!attachment_.link->carrier) {
    return "interface " + interface + " has no carrier";
  }
  if (!attachment_.own_address) {
    return "interface " + interface + " has no address of its own to advertise from";
  }
  if (attachment_.deaf) {
    return "VRRP cannot be received on interface " + interface;
  }
  return {};
}

std::string VirtualRouter::name_of(const IpAddress& address) const {
  const auto found = node_names_.find(address);
  return found == node_names_.end() ? address.to_string()
                                    : found->second + " (" + address.to_string() + ")";
}

Actions VirtualRouter::attach(const Attachment& attachment, bool adopt, Instant now) {
  if (attachment == attachment_) {
    return {};
  }
  const auto& before = attachment_.link;
  const bool elsewhere =
      before && attachment.link &&
      (before->index != attachment.link->index || before->mac != attachment.link->mac);
  attachment_ = attachment;
  if (attachment.own_address) {
    router_.set_own_address(*attachment.own_address);
  }
  auto actions = reconsider(adopt, now);
  if (elsewhere && holds()) {
    plan_.start(now);
  }
  return actions;
}

Actions VirtualRouter::judge(const NodeCondition& condition, bool adopt, Instant now) {
  const bool drained_now = condition.drained && !condition_.drained;
  condition_ = condition;
  auto actions = reconsider(adopt, now);
  if (drained_now && !settings_.peers_relieve) {
    const auto before = router_.state();
    std::ranges::move(take(router_.cede(now), now), std::back_inserter(actions));
    std::ranges::move(note_transition(before, "drained", now), std::back_inserter(actions));
  }
  return actions;
}

Actions VirtualRouter::reconsider(bool adopt, Instant now) {
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
  if (!problem.empty()) {
    const auto resignation = router_.fail(now);
    why_ = problem;
    auto actions = take(resignation, now);
    std::ranges::move(note_transition(before, problem, now), std::back_inserter(actions));
    return actions;
  }
  if (undecided) {
    return {};
  }
  auto actions = take(router_.set_priority(effective_.value, now), now);
  const bool running = before == vrrp::State::backup || before == vrrp::State::active;
  if (!running) {
    const bool resumes = adopt && !ran_ && !condition_.drained && fitness.verdict == Verdict::fit;
    ran_ = true;
    std::ranges::move(take(resumes ? router_.resume(now) : router_.start(now), now),
                      std::back_inserter(actions));
    std::ranges::move(note_transition(before,
                                      resumes ? "its addresses are still here from an earlier run"
                                              : "this node may take part",
                                      now),
                      std::back_inserter(actions));
  }
  return actions;
}

SendDatagram VirtualRouter::advert(vrrp::Priority priority) const {
  const auto& source = *attachment_.own_address;
  const auto destination = vrrp::vrrp_group(settings_.family);
  vrrp::Advert advert{
      .vrid = settings_.vrid,
      .priority = priority,
      .interval = std::chrono::duration_cast<Centiseconds>(settings_.advert_interval),
      .addresses = {}};
  for (const auto& prefix : settings_.addresses) {
    advert.addresses.push_back(prefix.address);
  }
  return {.router = number_,
          .link = attachment_.link->index,
          .source = source,
          .destination = destination,
          .payload = vrrp::encode(advert, form_, source, destination)};
}

void VirtualRouter::perform(const vrrp::SendAdvert& send, Instant /*now*/, Actions& actions) {
  if (attachment_.link && attachment_.own_address) {
    actions.emplace_back(advert(send.priority));
    ++counters_.adverts_sent;
    counters_.resignations_sent += send.priority == vrrp::resign_priority ? 1U : 0U;
  }
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
  ++counters_.transitions[{after, cause_of(router_.last_stimulus())}];
  const bool grave = after == vrrp::State::fault;
  return {Tell{.severity = grave ? Severity::warning : Severity::notice,
               .router = settings_.name,
               .text = std::string{to_string(before)} + " -> " + std::string{to_string(after)} +
                       ": " + why}};
}

Actions VirtualRouter::reject(const ports::Datagram& datagram, vrrp::Rejection why, Instant now) {
  const auto index = static_cast<std::size_t>(why);
  ++counters_.rejected.at(index);
  auto& told = told_.at(index);
  if (told && now - *told < quiet_after_rejection) {
    return {};
  }
  told = now;
  return {Tell{.severity = Severity::warning,
               .router = settings_.name,
               .text = "discarded an advertisement from " + name_of(datagram.source) + ": " +
                       explain(why, datagram)}};
}

Actions VirtualRouter::receive(const ports::Datagram& datagram, Instant now) {
  if (attachment_.own_address == datagram.source) {
    return reject(datagram, vrrp::Rejection::own, now);
  }
  const auto decoded = vrrp::decode({.source = datagram.source,
                                     .destination = datagram.destination,
                                     .ttl = datagram.ttl,
                                     .payload = datagram.payload});
  if (!decoded) {
    return reject(datagram, decoded.error(), now);
  }
  if (datagram.destination != vrrp::vrrp_group(settings_.family)) {
    return reject(datagram, vrrp::Rejection::unknown_peer, now);
  }
  return accept(datagram, *decoded, now);
}

Actions VirtualRouter::accept(const ports::Datagram& datagram,
                              const vrrp::DecodedAdvert& decoded,
                              Instant now) {
  const auto& advert = decoded.advert;
  const auto before = router_.state();
  form_ = decoded.form;
  auto& by_sender = counters_.adverts_received;
  const bool counted =
      by_sender.contains(datagram.source) || by_sender.size() < most_senders_counted;
  ++by_sender[counted ? datagram.source : IpAddress{}];
  heard_ = HeardRouter{.address = datagram.source, .priority = advert.priority, .at = now};
  counters_.resignations_received += advert.priority == vrrp::resign_priority ? 1U : 0U;

  auto actions = note_differences(advert, datagram.source);
  const auto wishes = router_.receive(
      {.sender = datagram.source, .priority = advert.priority, .interval = advert.interval}, now);
  std::ranges::move(take(wishes, now), std::back_inserter(actions));
  std::ranges::move(note_transition(before, story(advert, datagram.source), now),
                    std::back_inserter(actions));
  return actions;
}

Actions VirtualRouter::note_differences(const vrrp::Advert& advert, const IpAddress& sender) {
  Actions actions;
  const auto warn = [&](bool& told, const std::string& text) {
    if (!std::exchange(told, true)) {
      actions.emplace_back(Tell{
          .severity = Severity::warning, .router = settings_.name, .text = name_of(sender) + text});
    }
  };
  if (Duration{advert.interval} != settings_.advert_interval) {
    warn(told_interval_,
         " advertises every " + milliseconds(advert.interval) + ", this node every " +
             milliseconds(settings_.advert_interval) + "; its interval is followed");
  }
  const bool same =
      std::ranges::equal(advert.addresses, settings_.addresses, {}, {}, [](const Prefix& prefix) {
        return prefix.address;
      });
  if (!same) {
    warn(told_addresses_, " advertises other addresses than this node is configured with");
  }
  return actions;
}

std::string VirtualRouter::story(const vrrp::Advert& advert, const IpAddress& sender) const {
  if (advert.priority == vrrp::resign_priority) {
    return name_of(sender) + " resigned";
  }
  return name_of(sender) + " has priority " + std::to_string(advert.priority.value) +
         ", this node " + std::to_string(router_.priority().value);
}

Actions VirtualRouter::expire(Instant now) {
  const auto before = router_.state();
  const auto due = router_.deadline();
  if (!due || now < *due) {
    return {};
  }
  if (before == vrrp::State::active) {
    counters_.lateness.observe(now - *due);
  }
  auto actions = take(router_.expire(now), now);
  const auto why = heard_ && heard_->priority != vrrp::resign_priority
                       ? "nothing was heard from " + name_of(heard_->address) + " for " +
                             milliseconds(now - heard_->at)
                       : std::string{"no active router is heard"};
  std::ranges::move(note_transition(before, why, now), std::back_inserter(actions));
  return actions;
}

Actions VirtualRouter::announce_due(const std::vector<Prefix>& present, Instant now) {
  if (!attachment_.link || !plan_.due(now)) {
    return {};
  }
  Actions actions;
  for (const auto& prefix : present) {
    for (const auto form : {vrrp::ArpOperation::request, vrrp::ArpOperation::reply}) {
      actions.emplace_back(
          SendArp{.router = number_,
                  .link = attachment_.link->index,
                  .message = vrrp::gratuitous_arp(form, prefix.address, attachment_.link->mac)});
      ++counters_.gratuitous_sent;
    }
  }
  return actions;
}

Actions VirtualRouter::stop(Instant now) {
  const auto before = router_.state();
  auto actions = take(router_.stop(now), now);
  std::ranges::move(note_transition(before, "havip ends", now), std::back_inserter(actions));
  return actions;
}

void VirtualRouter::count_failure(const SendDatagram& /*action*/) {
  --counters_.adverts_sent;
  ++counters_.send_errors;
}

void VirtualRouter::count_failure(const SendArp& /*action*/) {
  --counters_.gratuitous_sent;
  ++counters_.announce_errors;
}

std::chrono::seconds VirtualRouter::lease() const {
  constexpr Duration removal_takes = std::chrono::milliseconds{500};
  const auto whole =
      std::chrono::floor<std::chrono::seconds>(3 * settings_.advert_interval - removal_takes);
  return std::max(whole, std::chrono::seconds{1});
}

ports::VirtualRouterStatus VirtualRouter::status(Instant now) const {
  ports::VirtualRouterStatus status{.name = settings_.name,
                                    .vrid = settings_.vrid,
                                    .family = settings_.family,
                                    .version = 3,
                                    .interface = settings_.interface,
                                    .group = std::nullopt,
                                    .state = router_.state(),
                                    .why = why_,
                                    .since = since_,
                                    .transitions = transitions_,
                                    .configured = settings_.priority,
                                    .effective = effective_.value,
                                    .reasons = effective_.reasons,
                                    .advert_interval = settings_.advert_interval,
                                    .active_router = std::nullopt,
                                    .last_advert = std::nullopt,
                                    .addresses = {},
                                    .problems = {},
                                    .counters = counters_};
  if (auto problem = link_problem(); !problem.empty()) {
    status.problems.push_back(std::move(problem));
  }
  if (heard_) {
    status.last_advert = heard_->at;
  }
  const auto named = [&](const IpAddress& address) {
    const auto found = node_names_.find(address);
    return found == node_names_.end() ? std::string{} : found->second;
  };
  if (holds()) {
    const auto& own = *attachment_.own_address;
    status.active_router = {.address = own, .priority = router_.priority(), .name = named(own)};
  } else if (heard_ && heard_->priority != vrrp::resign_priority &&
             now - heard_->at <= router_.active_down_interval()) {
    status.active_router = {
        .address = heard_->address, .priority = heard_->priority, .name = named(heard_->address)};
  }
  return status;
}

}  // namespace havip::engine
