// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/address_keeper.hpp"

#include <algorithm>
#include <utility>

namespace havip::engine {

void AddressKeeper::declare(const std::map<Place, std::chrono::seconds>& wanted_with_lease,
                            const std::set<Place>& tolerated) {
  deadline_.reset();
  tolerated_ = tolerated;
  std::erase_if(wanted_,
                [&](const auto& entry) { return !wanted_with_lease.contains(entry.first); });
  for (const auto& [place, lease] : wanted_with_lease) {
    wanted_[place].lease = lease;
  }
}

bool AddressKeeper::observe(const ports::KernelState& state) {
  deadline_.reset();
  kernel_.clear();
  for (const auto& address : state.addresses) {
    kernel_[{address.link, address.prefix}] = address.ours;
  }
  return true;
}

bool AddressKeeper::observe(const ports::KernelAddress& address) {
  const auto [known, is_new] =
      kernel_.try_emplace(Place{address.link, address.prefix}, address.ours);
  if (!is_new && known->second == address.ours) {
    return false;
  }
  known->second = address.ours;
  deadline_.reset();
  return true;
}

bool AddressKeeper::observe(const ports::KernelAddressGone& gone) {
  deadline_.reset();
  return kernel_.erase({gone.link, gone.prefix}) > 0;
}

bool AddressKeeper::observe(const ports::LinkGone& gone) {
  deadline_.reset();
  return std::erase_if(kernel_,
                       [&](const auto& entry) { return entry.first.first == gone.index; }) > 0;
}

Actions AddressKeeper::converge(Instant now) const {
  Actions actions;
  for (const auto& [place, is_ours] : kernel_) {
    const auto stuck = stuck_.find(place);
    const bool may_try = stuck == stuck_.end() || stuck->second <= now;
    if (is_ours && !wanted_.contains(place) && !tolerated_.contains(place) && may_try) {
      actions.emplace_back(RemoveAddress{.link = place.first, .prefix = place.second});
    }
  }
  for (const auto& [place, wanted] : wanted_) {
    const bool due = is_present(place) ? is_ours(place) && wanted.next_renewal <= now : true;
    if (due && (!wanted.retry_at || *wanted.retry_at <= now)) {
      actions.emplace_back(
          AddAddress{.link = place.first, .prefix = place.second, .lease = wanted.lease});
    }
  }
  return actions;
}

void AddressKeeper::added(const AddAddress& action, const Error* failure, Instant now) {
  deadline_.reset();
  const Place place{action.link, action.prefix};
  const auto found = wanted_.find(place);
  if (found == wanted_.end()) {
    return;
  }
  auto& wanted = found->second;
  if (failure != nullptr) {
    wanted.refusal = failure->message;
    wanted.retry_at = now + retry_pause;
    return;
  }
  if (!is_present(place)) {
    repairs_[place] += wanted.established ? 1U : 0U;
    kernel_[place] = true;
  }
  wanted.established = true;
  wanted.refusal.clear();
  wanted.retry_at.reset();
  wanted.next_renewal = now + Duration{wanted.lease} / 3;
}

void AddressKeeper::removed(const RemoveAddress& action, const Error* failure, Instant now) {
  deadline_.reset();
  const Place place{action.link, action.prefix};
  if (failure != nullptr) {
    stuck_[place] = now + retry_pause;
    return;
  }
  stuck_.erase(place);
  kernel_.erase(place);
}

bool AddressKeeper::is_present(const Place& place) const {
  return kernel_.contains(place);
}

bool AddressKeeper::is_ours(const Place& place) const {
  const auto found = kernel_.find(place);
  return found != kernel_.end() && found->second;
}

std::string AddressKeeper::problem(const Place& place) const {
  const auto found = wanted_.find(place);
  if (found == wanted_.end()) {
    return {};
  }
  if (!found->second.refusal.empty()) {
    return found->second.refusal;
  }
  if (is_present(place) && !is_ours(place)) {
    return place.second.to_string() + " was put on the interface by something else than havip, " +
           "which will not take it off: remove it there";
  }
  return {};
}

std::map<Place, std::uint64_t> AddressKeeper::take_repairs() {
  return std::exchange(repairs_, {});
}

std::optional<Instant> AddressKeeper::deadline() const {
  if (!deadline_) {
    deadline_ = work_out_deadline();
  }
  return *deadline_;
}

std::optional<Instant> AddressKeeper::work_out_deadline() const {
  std::optional<Instant> earliest;
  const auto consider = [&](Instant moment) {
    earliest = earliest ? std::min(*earliest, moment) : moment;
  };
  // What converge() would not act upon must not be due, or the caller would turn without end.
  for (const auto& [place, wanted] : wanted_) {
    const auto retry_at = wanted.retry_at.value_or(Instant::min());
    if (is_ours(place)) {
      consider(std::max(wanted.next_renewal, retry_at));
    } else if (wanted.retry_at && !is_present(place)) {
      consider(retry_at);
    }
  }
  for (const auto& [place, moment] : stuck_) {
    if (is_ours(place) && !wanted_.contains(place) && !tolerated_.contains(place)) {
      consider(moment);
    }
  }
  return earliest;
}

}  // namespace havip::engine
