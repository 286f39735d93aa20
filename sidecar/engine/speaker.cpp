// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/speaker.hpp"

#include <algorithm>

namespace havip::engine {
namespace {

/// A router that is spoken to by unicast may be anybody's: keepalived must be a listed node there
/// as well, and it understands nothing but RFC 5798's form, while havip understands every one.
vrrp::ChecksumForm first_form_of(const VirtualRouterSettings& settings,
                                 vrrp::ChecksumForm by_group) {
  return settings.transport == Transport::multicast ? by_group : vrrp::ChecksumForm::pseudo_header;
}

/// What cannot be said in version 2 must not be repeated: 0 is nonsense, but is sent.
constexpr Centiseconds shortest_of_version_2{100};

}  // namespace

Speaker::Speaker(const VirtualRouterSettings& settings, vrrp::ChecksumForm first_form)
    : form_{first_form_of(settings, first_form)} {
  advert_.version = settings.version;
  advert_.vrid = settings.vrid;
  for (const auto& prefix : settings.addresses) {
    advert_.addresses.push_back(prefix.address);
  }
  if (settings.transport != Transport::unicast) {
    destinations_.push_back(vrrp::vrrp_group(settings.family));
  }
  if (settings.transport != Transport::multicast) {
    std::ranges::copy(settings.peers, std::back_inserter(destinations_));
  }
  if (const auto* const pass = std::get_if<PasswordAuth>(&settings.auth)) {
    password_ = pass->password;
  }
  const auto* const hmac = std::get_if<HmacAuth>(&settings.auth);
  if (hmac != nullptr && hmac->mode != HmacMode::receive_only) {
    key_ = hmac->key;
  }
}

void Speaker::follow(const ports::Datagram& datagram, const vrrp::DecodedAdvert& decoded) {
  if (decoded.advert.version == vrrp::Version::v3) {
    form_ = decoded.form;
    if (std::ranges::find(destinations_, datagram.source) != destinations_.end()) {
      peer_forms_[datagram.source] = decoded.form;
    }
    if (elder_ && elder_->address == datagram.source) {
      elder_.reset();
    }
  } else if (advert_.version == vrrp::Version::v3) {
    elder_ = Elder{.address = datagram.source,
                   .interval = std::max(decoded.advert.interval, shortest_of_version_2),
                   .password = decoded.auth_type == vrrp::auth_password
                                   ? std::optional{decoded.auth_data}
                                   : std::nullopt};
  }
}

vrrp::ChecksumForm Speaker::form_for(const IpAddress& destination) const {
  const auto known = peer_forms_.find(destination);
  return known == peer_forms_.end() ? form_ : known->second;
}

bool Speaker::is_for_elder(const IpAddress& destination) const {
  return elder_ && (destination.is_multicast() || destination == elder_->address);
}

void Speaker::sign(std::vector<std::byte>& message, const IpAddress& source, vrrp::WallTime wall) {
  if (key_) {
    vrrp::append_trailer(message, *key_, stamps_.next(wall), source);
  }
}

std::vector<Speaker::Speech> Speaker::say(vrrp::Priority priority,
                                          Duration interval,
                                          const IpAddress& source,
                                          vrrp::WallTime wall) {
  advert_.priority = priority;
  advert_.interval = std::chrono::duration_cast<Centiseconds>(interval);
  std::vector<Speech> speeches;
  speeches.reserve(destinations_.size());
  for (const auto& destination : destinations_) {
    speeches.push_back(
        {.destination = destination,
         .payload = vrrp::encode(advert_, form_for(destination), source, destination, password_)});
    sign(speeches.back().payload, source, wall);
    if (is_for_elder(destination)) {
      auto elders = advert_;
      elders.version = vrrp::Version::v2;
      elders.interval = elder_->interval;
      speeches.push_back(
          {.destination = destination,
           .payload = vrrp::encode(elders, form_, source, destination, elder_->password)});
      sign(speeches.back().payload, source, wall);
    }
  }
  return speeches;
}

}  // namespace havip::engine
