// SPDX-License-Identifier: Apache-2.0
//
// How the engine's actions ended, and what it tells of itself.
#include "sidecar/engine/engine.hpp"

#include <algorithm>

namespace havip::engine {
namespace {

constexpr Duration reopen_pause = std::chrono::seconds{1};
constexpr Duration lag_window = std::chrono::seconds{15};

}  // namespace

std::optional<Tell> Engine::tell_of(const std::string& object, const Error* failure) {
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
  return tell_once([&] { return "adding " + add.prefix.to_string(); }, failure);
}

std::optional<Tell> Engine::ended(const RemoveAddress& remove, const Error* failure, Instant now) {
  netlink_errors_ += failure != nullptr ? 1U : 0U;
  addresses_.removed(remove, failure, now);
  return tell_once([&] { return "removing " + remove.prefix.to_string(); }, failure);
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
  return tell_once([&] { return "opening VRRP on " + open.link.name; }, failure);
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
  return tell_once([&] { return "advertising " + router.settings().name; }, failure);
}

std::optional<Tell> Engine::announced(RouterNumber router, const Error* failure) {
  auto& subject = routers_.at(router.value);
  if (failure != nullptr) {
    subject.count_announce_failure();
  }
  return tell_once([&] { return "announcing " + subject.settings().name; }, failure);
}

std::optional<Tell> Engine::ended(const SendArp& arp, const Error* failure, Instant /*now*/) {
  return announced(arp.router, failure);
}

std::optional<Tell> Engine::ended(const SendNeighbourAdvert& advert,
                                  const Error* failure,
                                  Instant /*now*/) {
  return announced(advert.router, failure);
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
                               .largest_lag = std::max(lag_now_, lag_before_),
                               .links = tracked_};
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
