// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/virtual_router.hpp"

#include <algorithm>
#include <utility>

namespace havip::engine {

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
    return "interface " + interface +
           (settings_.family == Family::ipv6
                ? " has no link-local address of its own to advertise from"
                : " has no address of its own to advertise from");
  }
  if (attachment_.deaf) {
    return "VRRP cannot be received on interface " + interface;
  }
  return {};
}

void VirtualRouter::count_failure(const SendDatagram& /*action*/) {
  --counters_.adverts_sent;
  ++counters_.send_errors;
}

void VirtualRouter::count_announce_failure() {
  --counters_.gratuitous_sent;
  ++counters_.announce_errors;
}

std::chrono::seconds VirtualRouter::lease() const {
  constexpr Duration removal_takes = std::chrono::milliseconds{500};
  const auto whole = std::chrono::floor<std::chrono::seconds>(3 * interval_ - removal_takes);
  return std::max(whole, std::chrono::seconds{1});
}

ports::VirtualRouterStatus VirtualRouter::status(Instant now) const {
  ports::VirtualRouterStatus status{.name = settings_.name,
                                    .vrid = settings_.vrid,
                                    .family = settings_.family,
                                    .version = static_cast<int>(settings_.version),
                                    .interface = settings_.interface,
                                    .group = settings_.group,
                                    .state = router_.state(),
                                    .why = why_,
                                    .since = since_,
                                    .transitions = transitions_,
                                    .configured = settings_.priority,
                                    .effective = effective_.value,
                                    .reasons = effective_.reasons,
                                    .advert_interval = interval_,
                                    .active_router = std::nullopt,
                                    .last_advert = std::nullopt,
                                    .addresses = {},
                                    .problems = observer_.problems(now),
                                    .counters = counters_};
  if (auto problem = link_problem(); !problem.empty()) {
    status.problems.insert(status.problems.begin(), std::move(problem));
  }
  const auto& heard = observer_.last();
  if (heard) {
    status.last_advert = heard->at;
  }
  if (holds()) {
    const auto own = source().value_or(IpAddress{});
    status.active_router = {
        .address = own, .priority = router_.priority(), .name = observer_.own_name()};
  } else if (heard && heard->priority != vrrp::resign_priority &&
             now - heard->at <= router_.active_down_interval()) {
    status.active_router = {.address = heard->address,
                            .priority = heard->priority,
                            .name = observer_.name_of(heard->address)};
  }
  return status;
}

}  // namespace havip::engine
