// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/engine.hpp"

#include <algorithm>
#include <iterator>

namespace havip::engine {
namespace {

constexpr Duration reopen_pause = std::chrono::seconds{1};
constexpr Duration lag_window = std::chrono::seconds{15};
constexpr Duration quiet_after_unknown_vrid = std::chrono::seconds{60};

void append(Actions& actions, Actions more) {
  std::ranges::move(more, std::back_inserter(actions));
}

}  // namespace

Engine::Engine(const Settings& settings) {
  for (const auto& router : settings.virtual_routers) {
    routers_.emplace_back(
        RouterNumber{routers_.size()}, router, settings.node_names, settings.first_form);
    for (const auto& prefix : router.addresses) {
      virtual_addresses_.insert(prefix.address);
    }
  }
}

Actions Engine::handle(const Event& event, Instant now) {
  auto actions = std::visit([&](const auto& what) { return on(what, now); }, event);
  append(actions, settle(now));
  // Only now, when all that waited was read: it may have said that another node has the addresses.
  if (std::holds_alternative<Tick>(event)) {
    append(actions, announce(now));
  }
  // A transport is opened before the first advertisement goes through it.
  std::ranges::stable_partition(
      actions, [](const Action& action) { return std::holds_alternative<OpenTransport>(action); });
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

Actions Engine::on(const ports::KernelEvent& event, Instant now) {
  std::visit([&](const auto& what) { links_.observe(what); }, event);
  std::visit(
      [&](const auto& what) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, ports::Link>) {
          addresses_.observe(what);
        }
      },
      event);
  return attach_all(now);
}

Actions Engine::attach_all(Instant now) {
  Actions actions;
  if (stopped_) {
    return actions;
  }
  for (auto& router : routers_) {
    const auto& settings = router.settings();
    auto attachment = links_.find(settings.interface, settings.family, virtual_addresses_);
    attachment.deaf = attachment.link && deaf_.contains({attachment.link->index, settings.family});
    append(actions, router.attach(attachment, adoptable(settings, attachment), now));
  }
  return actions;
}

Actions Engine::on(const ports::Datagram& datagram, Instant now) {
  const auto vrid = vrrp::claimed_vrid(datagram.payload);
  for (auto& router : routers_) {
    const auto& link = router.attachment().link;
    if (link && link->index == datagram.link && router.settings().vrid == vrid &&
        router.settings().family == datagram.source.family()) {
      return router.receive(datagram, now);
    }
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
  for (auto& router : routers_) {
    append(actions,
           router.judge(condition_, adoptable(router.settings(), router.attachment()), now));
  }
  return actions;
}

/// Makes everything else follow from what the virtual routers decided.
Actions Engine::settle(Instant now) {
  auto actions = settle_transports(now);
  declare_addresses();
  append(actions, addresses_.converge(now));
  return actions;
}

Actions Engine::announce(Instant now) {
  Actions actions;
  for (auto& router : routers_) {
    const auto present = present_addresses(router);
    if (router.holds() && !present.empty()) {
      append(actions, router.announce_due(present, now));
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

bool Engine::adoptable(const VirtualRouterSettings& settings, const Attachment& attachment) const {
  const auto& link = attachment.link;
  return link && std::ranges::all_of(settings.addresses, [&](const Prefix& prefix) {
           return addresses_.is_ours({link->index, prefix});
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
    if (router.holds() && !present_addresses(router).empty()) {
      consider(router.announce_deadline());
    }
  }
  for (const auto& [key, moment] : reopen_at_) {
    if (!open_.contains(key)) {
      consider(moment);
    }
  }
  return earliest;
}

std::optional<Tell> Engine::tell_once(const std::string& object, const Error* failure) {
  if (failure == nullptr) {
    return refusals_.erase(object) > 0
               ? std::optional{Tell{
                     .severity = Severity::notice, .router = {}, .text = object + ": works again"}}
               : std::nullopt;
  }
  auto& last = refusals_[object];
  if (last == failure->message) {
    return std::nullopt;
  }
  last = failure->message;
  return Tell{.severity = Severity::error, .router = {}, .text = failure->message};
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): not seen in a generic lambda.
std::optional<Tell> Engine::performed(const Action& action, const Error* failure, Instant now) {
  return std::visit([&](const auto& what) { return ended(what, failure, now); }, action);
}

std::optional<Tell> Engine::ended(const AddAddress& add, const Error* failure, Instant now) {
  netlink_errors_ += failure != nullptr ? 1U : 0U;
  addresses_.added(add, failure, now);
  note_repairs(now);
  return tell_once("adding " + add.prefix.to_string(), failure);
}

std::optional<Tell> Engine::ended(const RemoveAddress& remove, const Error* failure, Instant now) {
  netlink_errors_ += failure != nullptr ? 1U : 0U;
  addresses_.removed(remove, failure, now);
  return tell_once("removing " + remove.prefix.to_string(), failure);
}

std::optional<Tell> Engine::ended(const OpenTransport& open, const Error* failure, Instant now) {
  const TransportKey key{open.link.index, open.family};
  if (failure != nullptr) {
    open_.erase(key);
    reopen_at_[key] = now + reopen_pause;
  } else {
    reopen_at_.erase(key);
  }
  const bool changed = failure != nullptr ? deaf_.insert(key).second : deaf_.erase(key) > 0;
  if (changed) {
    hearing_changed_at_ = now;
  }
  return tell_once("opening VRRP on " + open.link.name, failure);
}

std::optional<Tell> Engine::ended(const CloseTransport& /*close*/,
                                  const Error* /*failure*/,
                                  Instant /*now*/) {
  return std::nullopt;
}

std::optional<Tell> Engine::ended(const SendDatagram& send, const Error* failure, Instant /*now*/) {
  auto& router = routers_.at(send.router.value);
  if (failure != nullptr) {
    router.count_failure(send);
  }
  return tell_once("advertising " + router.settings().name, failure);
}

std::optional<Tell> Engine::ended(const SendArp& arp, const Error* failure, Instant /*now*/) {
  auto& router = routers_.at(arp.router.value);
  if (failure != nullptr) {
    router.count_failure(arp);
  }
  return tell_once("announcing " + router.settings().name, failure);
}

std::optional<Tell> Engine::ended(const Tell& /*tell*/, const Error* /*failure*/, Instant /*now*/) {
  return std::nullopt;
}

void Engine::note_lag(Duration lag, Instant now) {
  if (now - lag_window_ >= lag_window) {
    lag_before_ = now - lag_window_ < 2 * lag_window ? lag_now_ : Duration{};
    lag_now_ = Duration{};
    lag_window_ = now;
  }
  lag_now_ = std::max(lag_now_, lag);
}

ports::ElectionStatus Engine::status(Instant now) const {
  ports::ElectionStatus status{.at = now,
                               .drained = condition_.drained,
                               .virtual_routers = {},
                               .rejected_unknown_vrid = unknown_vrid_,
                               .netlink_errors = netlink_errors_,
                               .largest_lag = std::max(lag_now_, lag_before_)};
  for (const auto& router : routers_) {
    auto row = router.status(now);
    const auto& link = router.attachment().link;
    for (const auto& prefix : router.settings().addresses) {
      const Place place{link ? link->index : ports::LinkIndex{}, prefix};
      row.addresses.push_back({.address = prefix,
                               .present = link && addresses_.is_present(place),
                               .reachable = ports::Reachability::unverified});
      if (auto problem = addresses_.problem(place); !problem.empty()) {
        row.problems.push_back(std::move(problem));
      }
    }
    status.virtual_routers.push_back(std::move(row));
  }
  return status;
}

}  // namespace havip::engine
