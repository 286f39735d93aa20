// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/engine.hpp"

#include <algorithm>
#include <iterator>

namespace havip::engine {
namespace {

constexpr Duration quiet_after_unknown_vrid = std::chrono::seconds{60};

}  // namespace

Engine::Engine(const Settings& settings) : tracked_links_{settings.tracked_links} {
  for (const auto& router : settings.virtual_routers) {
    routers_.emplace_back(RouterNumber{routers_.size()}, router, settings);
    for (const auto& prefix : router.addresses) {
      virtual_addresses_.insert(prefix.address);
    }
    if (router.group) {
      groups_[*router.group].push_back(routers_.size() - 1);
    }
  }
}

Actions Engine::handle(const Event& event, Instant now) {
  Actions actions;
  // Before anything else: a node that stood still must not renew or put back what ran out
  // meanwhile.
  for (auto& router : routers_) {
    append(actions, router.notice_gap(now));
  }
  append(actions, std::visit([&](const auto& what) { return on(what, now); }, event));
  append(actions, settle(now));
  // Only now, when all that waited was read: it may have said that another node has the addresses.
  if (std::holds_alternative<Tick>(event)) {
    append(actions, announce(now));
  }
  // A transport is opened before the first advertisement goes through it.
  const auto opens = [](const Action& action) {
    return std::holds_alternative<OpenTransport>(action);
  };
  if (!std::ranges::is_partitioned(actions, opens)) {
    std::ranges::stable_partition(actions, opens);
  }
  return actions;
}

Actions Engine::on(const Tick& /*tick*/, Instant now) {
  if (const auto due = deadline(); due && *due <= now) {
    note_lag(now - *due, now);
  }
  Actions actions;
  if (std::exchange(hearing_changed_at_, std::nullopt)) {
    append(actions, attach_all(now));
  }
  for (auto& router : routers_) {
    append(actions, router.expire(now));
  }
  return actions;
}

/// What havip did itself comes back as an event, for each of many addresses.
bool Engine::changes_nothing_here(const ports::KernelEvent& event) const {
  const auto* const address = std::get_if<ports::KernelAddress>(&event);
  return address != nullptr && address->ours &&
         virtual_addresses_.contains(address->prefix.address);
}

Actions Engine::on(const ports::KernelEvent& event, Instant now) {
  std::visit([&](const auto& what) { links_.observe(what); }, event);
  std::visit(
      [&](const auto& what) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, ports::Link>) {
          converges_ = addresses_.observe(what) || converges_;
        }
      },
      event);
  if (changes_nothing_here(event)) {
    return {};
  }
  auto actions = follow_tracked_links();
  append(actions, attach_all(now));
  return actions;
}

/// Tells of a change to whoever tracks these interfaces: what is told is published at once.
Actions Engine::follow_tracked_links() {
  std::vector<ports::LinkStatus> seen;
  std::ranges::transform(tracked_links_, std::back_inserter(seen), [&](const std::string& name) {
    return links_.state_of(name);
  });
  Actions actions;
  for (std::size_t i = 0; i < tracked_.size(); ++i) {
    if (seen[i] != tracked_[i]) {
      actions.emplace_back(Tell{.severity = Severity::notice,
                                .router = {},
                                .text = "interface " + seen[i].name + " " + describe(seen[i])});
    }
  }
  tracked_ = std::move(seen);
  return actions;
}

Actions Engine::attach_all(Instant now) {
  if (stopped_) {
    return {};
  }
  bool changed = false;
  for (auto& router : routers_) {
    const auto& settings = router.settings();
    auto attachment = links_.find(settings.interface, settings.family, virtual_addresses_);
    attachment.deaf = attachment.link && deaf_.contains({attachment.link->index, settings.family});
    changed = router.attach(attachment, now) || changed;
  }
  if (!changed) {
    return {};
  }
  by_wire_name_.clear();
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    const auto& router = routers_[i];
    if (const auto& link = router.attachment().link) {
      by_wire_name_.emplace(WireName{link->index, router.settings().family, router.settings().vrid},
                            i);
    }
  }
  return judge_all(now);
}

Actions Engine::on(const ports::Datagram& datagram, Instant now) {
  const auto vrid = vrrp::claimed_vrid(datagram.payload);
  const auto known = by_wire_name_.find({datagram.link, datagram.source.family(), vrid});
  if (known != by_wire_name_.end()) {
    return routers_[known->second].receive(datagram, now);
  }
  ++unknown_vrid_;
  if (told_unknown_vrid_ && now - *told_unknown_vrid_ < quiet_after_unknown_vrid) {
    return {};
  }
  told_unknown_vrid_ = now;
  return {Tell{.severity = Severity::info,
               .router = {},
               .text = "heard " + datagram.source.to_string() + " advertise VRID " +
                       std::to_string(vrid.value) + ", which is not configured here"}};
}

Actions Engine::on(const Fitness& fitness, Instant now) {
  // Not to know any more is no news: what was known last stays in force.
  if (fitness.verdict == Verdict::undecided && condition_.fitness.verdict != Verdict::undecided) {
    return {};
  }
  condition_.fitness = fitness;
  return judge_all(now);
}

Actions Engine::on(const DrainChanged& change, Instant now) {
  if (condition_.drained == change.drained) {
    return {};
  }
  condition_.drained = change.drained;
  Actions actions{Tell{.severity = Severity::notice,
                       .router = {},
                       .text = change.drained ? "drained: takes an address only if nobody else can"
                                              : "undrained: takes part again"}};
  append(actions, judge_all(now));
  return actions;
}

Actions Engine::on(const AnnounceRequested& /*request*/, Instant now) {
  for (auto& router : routers_) {
    if (router.holds()) {
      router.announce(now);
    }
  }
  return {};
}

Actions Engine::on(const StopRequested& /*request*/, Instant now) {
  stopped_ = true;
  Actions actions;
  for (auto& router : routers_) {
    append(actions, router.stop(now));
  }
  return actions;
}

Actions Engine::judge_all(Instant now) {
  Actions actions;
  if (stopped_) {
    return actions;
  }
  const auto problems = group_problems();
  for (auto& router : routers_) {
    const auto& group = router.settings().group;
    const auto problem = group ? problems.find(*group) : problems.end();
    append(actions,
           router.judge(condition_,
                        problem == problems.end() ? std::string{} : problem->second,
                        adoptable(router),
                        now));
  }
  return actions;
}

/// Makes everything else follow from what the virtual routers decided. Most events are
/// advertisements that change nothing, and cost nothing here however many routers there are.
Actions Engine::settle(Instant now) {
  auto actions = settle_groups(now);
  const bool changed = std::exchange(settled_, generation()) != settled_;
  if (changed || !reopen_at_.empty()) {
    append(actions, settle_transports(now));
  }
  if (changed) {
    declare_addresses();
  }
  if (const auto due = addresses_.deadline(); changed || converges_ || (due && *due <= now)) {
    converges_ = false;
    append(actions, addresses_.converge(now));
  }
  return actions;
}

std::uint64_t Engine::generation() const {
  std::uint64_t sum = stopped_ ? 1 : 0;
  for (const auto& router : routers_) {
    sum += router.generation();
  }
  return sum;
}

void Engine::see_wall_clock(vrrp::WallTime wall, Instant now) {
  constexpr Duration too_little_to_matter = std::chrono::milliseconds{1};
  const auto at_zero = wall - now.time_since_epoch();
  if (wall_at_zero_ && std::chrono::abs(at_zero - *wall_at_zero_) < too_little_to_matter) {
    return;
  }
  wall_at_zero_ = at_zero;
  for (auto& router : routers_) {
    router.set_wall_clock(at_zero);
  }
}

Actions Engine::announce(Instant now) {
  Actions actions;
  for (auto& router : routers_) {
    const auto due = router.announce_deadline();
    if (due && *due <= now && router.holds() && has_present(router)) {
      append(actions, router.announce_due(present_addresses(router), now));
    }
  }
  return actions;
}

Actions Engine::settle_transports(Instant now) {
  std::map<TransportKey, ports::Link> wanted;
  if (!stopped_) {
    for (const auto& router : routers_) {
      if (const auto& link = router.attachment().link) {
        wanted.insert_or_assign({link->index, router.settings().family}, *link);
      }
    }
  }
  Actions actions;
  for (const auto& key : open_) {
    if (!wanted.contains(key)) {
      actions.emplace_back(CloseTransport{.link = key.first, .family = key.second});
    }
  }
  std::erase_if(open_, [&](const auto& key) { return !wanted.contains(key); });
  std::erase_if(reopen_at_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  std::erase_if(deaf_, [&](const auto& key) { return !wanted.contains(key); });
  for (const auto& [key, link] : wanted) {
    const auto again = reopen_at_.find(key);
    if (!open_.contains(key) && (again == reopen_at_.end() || again->second <= now)) {
      open_.insert(key);
      actions.emplace_back(OpenTransport{.link = link, .family = key.second});
    }
  }
  return actions;
}

void Engine::declare_addresses() {
  std::map<Place, std::chrono::seconds> wanted;
  std::set<Place> tolerated;
  for (const auto& router : routers_) {
    const auto& link = router.attachment().link;
    if (!link) {
      continue;
    }
    for (const auto& prefix : router.settings().addresses) {
      if (router.holds()) {
        wanted.emplace(Place{link->index, prefix}, router.lease());
      } else if (router.state() == vrrp::State::init && !stopped_) {
        tolerated.emplace(link->index, prefix);
      }
    }
  }
  addresses_.declare(wanted, tolerated);
}

/// An address that was put back is announced again: its removal may have made neighbours forget it.
void Engine::note_repairs(Instant now) {
  for (const auto& [place, count] : addresses_.take_repairs()) {
    for (auto& router : routers_) {
      const auto& link = router.attachment().link;
      if (link && link->index == place.first &&
          std::ranges::count(router.settings().addresses, place.second) > 0) {
        router.count_repairs(count);
        router.announce(now);
      }
    }
  }
}

/// Whether all addresses of the router are on its link and are havip's.
bool Engine::has_leftovers_of(const VirtualRouter& router) const {
  const auto& link = router.attachment().link;
  return link && std::ranges::all_of(router.settings().addresses, [&](const Prefix& prefix) {
           return addresses_.is_ours({link->index, prefix});
         });
}

bool Engine::adoptable(const VirtualRouter& router) const {
  const auto& group = router.settings().group;
  if (!group) {
    return has_leftovers_of(router);
  }
  return std::ranges::all_of(
      groups_.at(*group), [&](std::size_t member) { return has_leftovers_of(routers_[member]); });
}

bool Engine::has_present(const VirtualRouter& router) const {
  const auto& link = router.attachment().link;
  return link && std::ranges::any_of(router.settings().addresses, [&](const Prefix& prefix) {
           return addresses_.is_present({link->index, prefix});
         });
}

std::vector<Prefix> Engine::present_addresses(const VirtualRouter& router) const {
  std::vector<Prefix> present;
  if (const auto& link = router.attachment().link) {
    std::ranges::copy_if(
        router.settings().addresses, std::back_inserter(present), [&](const Prefix& prefix) {
          return addresses_.is_present({link->index, prefix});
        });
  }
  return present;
}

std::optional<Instant> Engine::deadline() const {
  auto earliest = addresses_.deadline();
  const auto consider = [&](const std::optional<Instant>& moment) {
    if (moment && (!earliest || *moment < *earliest)) {
      earliest = moment;
    }
  };
  consider(hearing_changed_at_);
  for (const auto& router : routers_) {
    consider(router.router_deadline());
    // Whether they are there is asked last: it takes longer than all the rest.
    const auto announcement = router.announce_deadline();
    if (announcement && (!earliest || *announcement < *earliest) && router.holds() &&
        has_present(router)) {
      earliest = announcement;
    }
  }
  for (const auto& [key, moment] : reopen_at_) {
    if (!open_.contains(key)) {
      consider(moment);
    }
  }
  return earliest;
}

}  // namespace havip::engine
