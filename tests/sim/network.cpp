// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/network.hpp"

#include "tests/sim/random.hpp"

#include <algorithm>
#include <functional>

namespace havip::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration longest_delay_in_peace = milliseconds{3};
constexpr Duration shortest_delay = microseconds{50};

bool is_later(const Network::Delivery& left, const Network::Delivery& right) {
  return std::pair{left.at, left.number} > std::pair{right.at, right.number};
}

}  // namespace

Network::Network(const Scenario& scenario, Instant now) : scenario_{scenario}, since_{now} {}

std::vector<int> Network::receivers(int from, int wire, const IpAddress& destination) const {
  std::vector<int> result;
  for (int to = 0; to < scenario_.nodes(); ++to) {
    if (to != from &&
        (destination.is_multicast() || destination == address_of(to, wire, destination.family()))) {
      result.push_back(to);
    }
  }
  return result;
}

void Network::send(int from, int wire, const ports::Datagram& datagram, Instant now) {
  for (const int to : receivers(from, wire, datagram.destination)) {
    carry({.from = from, .to = to, .wire = wire}, datagram, now);
  }
}

bool Network::is_lost(const Way& way, bool multicast) const {
  return cuts_.contains(way) || (multicast && silences_.contains(way));
}

void Network::carry(const Way& way, const ports::Datagram& datagram, Instant now) {
  Random fate{scenario_.seed ^ mix(++sent_)};
  constexpr int per_mille = 1000;
  const bool multicast = datagram.destination.is_multicast();
  const int loss = way.from > way.to ? scenario_.loss_back_permille : scenario_.loss_permille;
  const bool is_unlucky = !calm_ && fate.below(per_mille) < loss;
  if (is_unlucky || is_lost(way, multicast)) {
    // Of two ways one may be silent for ever.
    if (is_unlucky || cuts_.contains(way) || scenario_.transport != engine::Transport::both) {
      lost_at_[way] = now;
    }
    return;
  }
  const auto longest =
      calm_ ? std::min(scenario_.longest_delay, longest_delay_in_peace) : scenario_.longest_delay;
  const auto delay = [&] {
    return shortest_delay + microseconds{fate.below(static_cast<int>(longest / microseconds{1}))};
  };
  auto& arrival = last_arrival_[way];
  arrival = std::max(arrival, now + delay());
  put({.at = arrival, .number = sent_, .way = way, .datagram = datagram});
  if (!calm_ && fate.below(per_mille) < scenario_.duplicate_permille) {
    put({.at = arrival + delay(), .number = sent_, .way = way, .datagram = datagram});
  }
}

void Network::put(Delivery delivery) {
  deliveries_.push_back(std::move(delivery));
  std::ranges::push_heap(deliveries_, is_later);
}

Network::Delivery Network::take() {
  std::ranges::pop_heap(deliveries_, is_later);
  auto delivery = std::move(deliveries_.back());
  deliveries_.pop_back();
  return delivery;
}

void Network::heal(Instant now) {
  for (const auto& way : cuts_) {
    lost_at_[way] = now;
  }
  for (const auto& way : silences_) {
    lost_at_[way] = now;
  }
  cuts_.clear();
  silences_.clear();
}

void Network::calm(Instant now) {
  heal(now);
  calm_ = true;
}

Instant Network::intact_since(const Way& way, Instant now) const {
  const bool both = scenario_.transport == engine::Transport::both;
  if (cuts_.contains(way) || (!both && silences_.contains(way))) {
    return now;
  }
  const auto lost = lost_at_.find(way);
  return lost == lost_at_.end() ? since_ : lost->second;
}

}  // namespace havip::sim
