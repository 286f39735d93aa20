// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/attacker.hpp"

#include "sidecar/vrrp/advert.hpp"

#include <algorithm>

namespace havip::sim {
namespace {

constexpr std::size_t most_heard = 200;
constexpr vrrp::Vrid foreign_vrid{200};

Network::Delivery without_signature(Network::Delivery delivery, vrrp::Vrid vrid) {
  auto& datagram = delivery.datagram;
  auto decoded =
      vrrp::decode({datagram.source, datagram.destination, datagram.ttl, datagram.payload});
  if (decoded) {
    decoded->advert.priority = vrrp::owner_priority;
    decoded->advert.vrid = vrid.value != 0 ? vrid : decoded->advert.vrid;
    datagram.payload = vrrp::encode(
        decoded->advert, decoded->form, datagram.source, datagram.destination, std::nullopt);
  }
  return delivery;
}

}  // namespace

Attacker::Attacker(const Scenario& scenario)
    : scenario_{scenario}, random_{scenario.seed ^ 0xA77ACU} {}

void Attacker::hear(const Network::Delivery& delivery, Instant now) {
  if (next_ == Instant{}) {
    next_ = now;
  }
  heard_.push_back({delivery, life_of(delivery.way.to), read_at(delivery.way.to)});
  if (heard_.size() > most_heard) {
    heard_.pop_front();
  }
}

std::optional<Instant> Attacker::next() const {
  return next_ == Instant{} ? std::nullopt : std::optional{next_};
}

void Attacker::mangle(ports::Datagram& datagram) {
  auto& payload = datagram.payload;
  constexpr int bits = 8;
  if (random_.below(4) == 0) {
    payload.resize(static_cast<std::size_t>(random_.below(static_cast<int>(payload.size()))));
    return;
  }
  auto& byte =
      payload.at(static_cast<std::size_t>(random_.below(static_cast<int>(payload.size()))));
  byte ^= std::byte{1} << static_cast<unsigned>(random_.below(bits));
}

/// Whether its receiver has read something that the same sender said clearly later.
bool Attacker::is_outdated(const Record& record, Instant now) const {
  constexpr Duration clearly = std::chrono::milliseconds{350};  // two delays and more
  return std::ranges::any_of(heard_, [&](const Record& other) {
    return other.delivery.way == record.delivery.way && other.life == record.life &&
           other.delivery.datagram.source == record.delivery.datagram.source &&
           other.delivery.datagram.payload.at(1) == record.delivery.datagram.payload.at(1) &&
           other.read_at > record.read_at + clearly && other.read_at < now;
  });
}

/// One that the daemon which runs there has had already; in a cluster that uses both ways perhaps
/// by the other one. There the newest may be said once more: nothing tells it from its own twin.
void Attacker::replay(Network::Delivery& delivery, const Record& record, Instant now) {
  if (scenario_.transport == engine::Transport::both && random_.below(2) == 0 &&
      is_outdated(record, now)) {
    const auto& way = record.delivery.way;
    auto& destination = delivery.datagram.destination;
    const auto family = destination.family();
    destination = destination.is_multicast() ? address_of(way.to, way.wire, family)
                                             : vrrp::vrrp_group(family);
  }
}

std::optional<Network::Delivery> Attacker::forge(Instant now) {
  constexpr std::uint8_t ttl_from_afar = 254;
  const auto& record =
      heard_.at(static_cast<std::size_t>(random_.below(static_cast<int>(heard_.size()))));
  auto delivery = record.delivery;
  const int ways = scenario_.is_signed ? 5 : 3;
  switch (random_.below(ways)) {
    case 0:
      delivery = without_signature(std::move(delivery), vrrp::Vrid{});
      delivery.datagram.ttl = ttl_from_afar;
      return delivery;
    case 1:
      mangle(delivery.datagram);
      return delivery;
    case 2:
      return without_signature(std::move(delivery), foreign_vrid);
    case 3:
      return without_signature(std::move(delivery), vrrp::Vrid{});
    default:
      if (record.life != life_of(delivery.way.to)) {
        return std::nullopt;
      }
      replay(delivery, record, now);
      return delivery;
  }
}

std::optional<Network::Delivery> Attacker::speak(Instant now) {
  constexpr int longest_silence_ms = 40;
  next_ = now + std::chrono::milliseconds{1 + random_.below(longest_silence_ms)};
  return heard_.empty() ? std::nullopt : forge(now);
}

}  // namespace havip::sim
