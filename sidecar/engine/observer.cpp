// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/observer.hpp"

#include "sidecar/engine/wording.hpp"

#include <algorithm>
#include <utility>

namespace havip::engine {
namespace {

/// The log gets one line for each reason to discard in this time (RFC 9568 section 7.1).
constexpr Duration quiet_after_rejection = std::chrono::seconds{10};
/// What is wrong is shown for at least so long after it was seen last.
constexpr Duration shown_for = std::chrono::seconds{10};
/// A way is silent when nothing came by it for so long while the other way worked.
constexpr Duration silence_at_least = std::chrono::seconds{2};
constexpr int silent_intervals = 10;

}  // namespace

Observer::Observer(const VirtualRouterSettings& settings, const Settings& node)
    : name_{settings.name},
      interface_{settings.interface},
      vrid_{settings.vrid},
      version_{settings.version},
      transport_{settings.transport},
      node_names_{node.node_names},
      own_name_{node.own_name},
      only_peer_{node.only_peer},
      conditions_{std::max(shown_for, 3 * settings.advert_interval)} {
  for (const auto& prefix : settings.addresses) {
    addresses_.push_back(prefix.address);
  }
}

std::string Observer::name_of(const IpAddress& address) const {
  const auto found = node_names_.find(address);
  if (found != node_names_.end()) {
    return found->second;
  }
  const bool ipv6_sender = address.family() == Family::ipv6 && address.is_link_local();
  return ipv6_sender ? only_peer_ : std::string{};
}

std::string Observer::describe(const IpAddress& address) const {
  const auto name = name_of(address);
  return name.empty() ? address.to_string() : name + " (" + address.to_string() + ")";
}

void Observer::note(const std::string& key,
                    const std::string& text,
                    Instant now,
                    Actions& actions) {
  if (conditions_.note(key, text, now)) {
    actions.emplace_back(Tell{.severity = Severity::warning, .router = name_, .text = text});
  }
}

Actions Observer::accepted(const ports::Datagram& datagram,
                           const vrrp::DecodedAdvert& decoded,
                           const Own& own,
                           Instant now) {
  const auto& advert = decoded.advert;
  const auto& sender = datagram.source;
  heard_ = Heard{.address = sender, .priority = advert.priority, .at = now};
  Actions actions;
  if (advert.version != version_) {
    const auto number = std::to_string(static_cast<int>(advert.version));
    note("version of " + sender.to_string(),
         describe(sender) + " speaks VRRP version " + number +
             "; it is understood, but the versions should be made equal",
         now,
         actions);
  } else {
    compare_interval(advert, sender, own, now, actions);
  }
  compare_addresses(advert, sender, now, actions);
  compare_priority(advert, sender, own, now, actions);
  if (transport_ == Transport::both) {
    watch_ways(datagram, advert.interval, now, actions);
  }
  return actions;
}

void Observer::compare_interval(const vrrp::Advert& advert,
                                const IpAddress& sender,
                                const Own& own,
                                Instant now,
                                Actions& actions) {
  if (Duration{advert.interval} != own.interval) {
    const bool learnt = version_ == vrrp::Version::v2;
    note("interval of " + sender.to_string(),
         describe(sender) + " advertises every " + milliseconds(advert.interval) +
             ", this node every " + milliseconds(own.interval) +
             (learnt ? "; this node does as it does from now on" : "; its interval is followed"),
         now,
         actions);
  }
}

void Observer::compare_addresses(const vrrp::Advert& advert,
                                 const IpAddress& sender,
                                 Instant now,
                                 Actions& actions) {
  if (advert.addresses == addresses_) {
    return;
  }
  const bool nothing_in_common = std::ranges::none_of(advert.addresses, [&](const auto& address) {
    return std::ranges::find(addresses_, address) != addresses_.end();
  });
  if (nothing_in_common && name_of(sender).empty()) {
    note("foreigner " + sender.to_string(),
         describe(sender) + " uses VRID " + std::to_string(vrid_.value) + " on " + interface_ +
             " for other addresses (" + advert.addresses.front().to_string() +
             "): one of the two virtual routers needs another VRID",
         now,
         actions);
  } else {
    note("addresses of " + sender.to_string(),
         describe(sender) + " advertises other addresses than this node is configured with",
         now,
         actions);
  }
}

void Observer::compare_priority(const vrrp::Advert& advert,
                                const IpAddress& sender,
                                const Own& own,
                                Instant now,
                                Actions& actions) {
  if (advert.priority != own.priority || advert.priority <= vrrp::yield_priority) {
    return;
  }
  if (advert.priority == vrrp::owner_priority) {
    note("owner " + sender.to_string(),
         describe(sender) +
             " says that it owns the addresses (priority 255), as this node does: "
             "only one node may",
         now,
         actions);
  } else {
    note("priority of " + sender.to_string(),
         describe(sender) + " has this node's priority, " + std::to_string(own.priority.value) +
             ": the greater address decides",
         now,
         actions);
  }
}

void Observer::watch_ways(const ports::Datagram& datagram,
                          Duration interval,
                          Instant now,
                          Actions& actions) {
  const auto& sender = datagram.source;
  if (name_of(sender).empty()) {
    return;
  }
  auto& ways =
      ways_.try_emplace(sender, Ways{.multicast = {}, .unicast = {}, .first = now}).first->second;
  const bool multicast = datagram.destination.is_multicast();
  (multicast ? ways.multicast : ways.unicast) = now;
  const auto other = (multicast ? ways.unicast : ways.multicast).value_or(ways.first);
  const auto key = (multicast ? "unicast from " : "multicast from ") + sender.to_string();
  if (now - other <= std::max(silent_intervals * interval, silence_at_least)) {
    conditions_.clear(key);
    return;
  }
  note(key,
       "nothing comes by " + std::string{multicast ? "unicast" : "multicast"} + " from " +
           describe(sender) + ", only by " + (multicast ? "multicast" : "unicast") +
           (multicast ? ": is its address in [[node]] right, does a firewall drop protocol 112?"
                      : ": does a switch filter multicast (IGMP snooping)?"),
       now,
       actions);
}

Actions Observer::rejected(const ports::Datagram& datagram, vrrp::Rejection why, Instant now) {
  Actions actions;
  if (why == vrrp::Rejection::own) {
    note("own",
         "advertisements from this node's own address " + datagram.source.to_string() +
             " come in: the network has a loop, or another host has this address",
         now,
         actions);
  }
  const auto reason = explain(why, datagram, version_);
  if (why != vrrp::Rejection::own) {
    // One for each reason: a forger has as many addresses as it likes.
    conditions_.note("discarded: " + std::string{to_string(why)},
                     "discards advertisements of " + describe(datagram.source) + ": " + reason,
                     now);
  }
  auto& told = told_.at(static_cast<std::size_t>(why));
  if (!told || now - *told >= quiet_after_rejection) {
    told = now;
    actions.emplace_back(Tell{
        .severity = Severity::warning,
        .router = name_,
        .text = "discarded an advertisement from " + describe(datagram.source) + ": " + reason});
  }
  return actions;
}

}  // namespace havip::engine
