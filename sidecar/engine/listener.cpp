// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/listener.hpp"

#include <algorithm>

namespace havip::engine {
namespace {

/// How far a signed advertisement's stamp may be from this node's clock, as keepalived has it.
Duration replay_window(Duration interval) {
  constexpr Duration at_least = std::chrono::seconds{5};
  return std::max(3 * interval, at_least);
}

}  // namespace

Listener::Listener(const VirtualRouterSettings& settings)
    : version_{settings.version},
      transport_{settings.transport},
      group_{vrrp::vrrp_group(settings.family)},
      peers_{settings.peers},
      strict_{settings.strict} {
  for (const auto& prefix : settings.addresses) {
    addresses_.push_back(prefix.address);
  }
  if (const auto* const pass = std::get_if<PasswordAuth>(&settings.auth)) {
    password_ = pass->password;
  }
  if (const auto* const hmac = std::get_if<HmacAuth>(&settings.auth)) {
    hmac_ = *hmac;
  }
}

bool Listener::comes_the_right_way(const ports::Datagram& datagram) const {
  if (datagram.destination == group_) {
    return transport_ != Transport::unicast;
  }
  return transport_ != Transport::multicast &&
         std::ranges::find(peers_, datagram.source) != peers_.end();
}

bool Listener::is_understood(const vrrp::DecodedAdvert& decoded) const {
  return decoded.advert.version == version_ || !strict_;
}

/// RFC 3768 section 7.1. A version 3 router has no password to ask for, and understands version 2
/// only to be moved to from there.
bool Listener::has_password(const vrrp::DecodedAdvert& decoded) const {
  if (version_ != vrrp::Version::v2 || decoded.advert.version != vrrp::Version::v2) {
    return true;
  }
  return password_ ? decoded.auth_type == vrrp::auth_password && decoded.auth_data == *password_
                   : decoded.auth_type == vrrp::auth_none;
}

/// What the letter of version 2 discards (RFC 3768 section 7.1), and makes two routers Active.
std::optional<vrrp::Rejection> Listener::differs(const vrrp::Advert& advert,
                                                 Duration interval) const {
  if (!strict_ || version_ != vrrp::Version::v2) {
    return std::nullopt;
  }
  if (Duration{advert.interval} != interval) {
    return vrrp::Rejection::interval;
  }
  if (advert.addresses != addresses_ && advert.priority != vrrp::owner_priority) {
    return vrrp::Rejection::address_list;
  }
  return std::nullopt;
}

std::optional<vrrp::Rejection> Listener::verify(const ports::Datagram& datagram,
                                                const vrrp::DecodedAdvert& decoded,
                                                Duration interval,
                                                vrrp::WallTime wall) {
  if (!hmac_) {
    return std::nullopt;
  }
  if (!decoded.trailer) {
    return hmac_->mode == HmacMode::enforce ? std::optional{vrrp::Rejection::auth} : std::nullopt;
  }
  const auto message = std::span{datagram.payload}.first(decoded.size);
  if (!vrrp::is_authentic(message, *decoded.trailer, hmac_->key, datagram.source)) {
    return vrrp::Rejection::auth;
  }
  const bool multicast = datagram.destination == group_;
  auto& guard = multicast ? multicast_guard_ : unicast_guard_;
  const auto& other_way = multicast ? unicast_guard_ : multicast_guard_;
  if (other_way.knows_later(datagram.source, decoded.trailer->stamp)) {
    return vrrp::Rejection::replay;
  }
  const auto window = replay_window(std::max(interval, Duration{decoded.advert.interval}));
  return guard.take(datagram.source, decoded.trailer->stamp, wall, window)
             ? std::nullopt
             : std::optional{vrrp::Rejection::replay};
}

boost::system::result<vrrp::DecodedAdvert, vrrp::Rejection> Listener::take(
    const ports::Datagram& datagram,
    const std::optional<IpAddress>& own_address,
    Duration interval,
    vrrp::WallTime wall) {
  if (own_address == datagram.source) {
    return vrrp::Rejection::own;
  }
  auto decoded = vrrp::decode({.source = datagram.source,
                               .destination = datagram.destination,
                               .ttl = datagram.ttl,
                               .payload = datagram.payload});
  if (!decoded) {
    return decoded;
  }
  if (!comes_the_right_way(datagram)) {
    return vrrp::Rejection::unknown_peer;
  }
  if (!is_understood(*decoded)) {
    return vrrp::Rejection::version;
  }
  if (!has_password(*decoded)) {
    return vrrp::Rejection::auth;
  }
  if (const auto why = differs(decoded->advert, interval)) {
    return *why;
  }
  if (const auto why = verify(datagram, *decoded, interval, wall)) {
    return *why;
  }
  return decoded;
}

bool Listener::is_copy(const ports::Datagram& datagram,
                       const vrrp::DecodedAdvert& decoded,
                       Instant now) {
  const auto known = copies_until_.find(datagram.source);
  if (decoded.advert.version == vrrp::Version::v3) {
    // One that is silent for longer may have gone back to version 2.
    const auto until = now + 2 * Duration{decoded.advert.interval};
    if (known != copies_until_.end()) {
      known->second = until;
    } else if (copies_until_.size() < most_senders) {
      copies_until_.emplace(datagram.source, until);
    }
    return false;
  }
  return known != copies_until_.end() && now <= known->second;
}

}  // namespace havip::engine
