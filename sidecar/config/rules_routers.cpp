// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/duration.hpp"
#include "sidecar/config/rules.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace havip::config {
namespace {

using namespace std::chrono_literals;

/// One virtual router and where it stands.
struct Subject {
  const Rulebook& book;
  const VirtualRouter& router;
  std::size_t index;

  [[nodiscard]] std::string path(std::string_view key) const {
    return path_of("virtual_router", index, key);
  }

  [[nodiscard]] bool has(std::string_view key) const { return book.places.has(path(key)); }

  [[nodiscard]] bool has_good(std::string_view key) const {
    return book.places.has_good(path(key));
  }

  void refuse(std::string_view key, std::string text) const {
    book.refuse(path(key), std::move(text));
  }

  /// That of its first address; ipv4 where it has none.
  [[nodiscard]] Family family() const {
    return router.addresses.empty() ? Family::ipv4 : router.addresses.front().address.family();
  }
};

std::string family_name(Family family) {
  return family == Family::ipv4 ? "IPv4" : "IPv6";
}

void check_priority(const Subject& subject) {
  if (subject.book.config.nodes.empty() && !subject.has("priority")) {
    subject.refuse({},
                   "[[virtual_router]] has no priority and there is no [[node]] to have one; "
                   "priority 1..255 is required");
  }
}

/// Two owners of one address would never yield to each other.
void check_owner(const Subject& subject) {
  const auto& priority = subject.router.priority;
  if (!priority) {
    return;
  }
  if (const auto* const for_all = std::get_if<vrrp::Priority>(&priority->value)) {
    if (*for_all == vrrp::owner_priority && subject.book.config.nodes.size() > 1) {
      subject.refuse("priority",
                     "priority is 255 for every node, but addresses have one owner; "
                     "{ NODE = 255, ... } with less for the others is allowed");
    }
    return;
  }
  const std::string* owner = nullptr;
  for (const auto& [name, value] : std::get<PerNode<vrrp::Priority>::ByName>(priority->value)) {
    if (value != vrrp::owner_priority) {
      continue;
    }
    if (owner != nullptr) {
      subject.refuse("priority." + name,
                     "priority of " + quoted(name) + " is 255, but " + quoted(*owner) +
                         " owns the addresses in " +
                         subject.book.where(subject.path("priority." + *owner)) +
                         "; 255 for one node is allowed");
      return;
    }
    owner = &name;
  }
}

void check_interval(const Subject& subject) {
  if (!subject.has_good("advert_interval")) {
    return;
  }
  const auto interval = subject.router.advert_interval;
  if (subject.router.version == 2 && interval % 1s != 0s) {
    subject.refuse("advert_interval",
                   "advert_interval is " + quoted(to_string(interval)) +
                       ", which version 2 cannot say; whole seconds are allowed");
  } else if (interval % 10ms != 0s) {
    subject.refuse("advert_interval",
                   "advert_interval is " + quoted(to_string(interval)) +
                       ", which VRRP cannot say; steps of 10ms are allowed");
  }
}

void check_version(const Subject& subject) {
  if (subject.router.version == 2 && subject.family() == Family::ipv6) {
    subject.refuse("version", "version 2 has no IPv6; version 3 is allowed with these addresses");
  }
}

void check_preemption(const Subject& subject) {
  if (!subject.router.preempt && subject.router.preempt_delay > 0s) {
    subject.refuse("preempt_delay",
                   "preempt_delay has no effect without preemption; it is allowed with "
                   "preempt = true");
  }
}

/// Why advertisements cannot go to this node by unicast, and what is allowed; empty when they can.
std::string unfit_for_unicast(const Subject& subject, const Node& node) {
  const auto address = "address " + node.address.to_string() + " of node " + node.name;
  if (!subject.router.addresses.empty() && node.address.family() != subject.family()) {
    const auto family = family_name(subject.family());
    return address + " is not " + family + "; " + family +
           R"( in every [[node]], or transport = "multicast", is allowed)";
  }
  // Whoever holds such an address would send to itself.
  const auto& routers = subject.book.config.virtual_routers;
  for (std::size_t i = 0; i < routers.size(); ++i) {
    const auto& addresses = routers[i].addresses;
    const auto found = std::ranges::find(addresses, node.address, &Prefix::address);
    if (found != addresses.end() && is_owner(node, routers[i])) {
      const auto element = path_of(path_of("virtual_router", i, "addresses"),
                                   static_cast<std::size_t>(found - addresses.begin()));
      return address + " is a virtual address in " + subject.book.where(element) +
             "; one that stays on the node is allowed";
    }
  }
  return {};
}

void check_transport(const Subject& subject) {
  constexpr std::array<std::string_view, 3> words{"multicast", "unicast", "both"};
  if (subject.router.transport == Transport::multicast) {
    return;
  }
  const auto what =
      "transport is " + quoted(words.at(static_cast<std::size_t>(subject.router.transport)));
  const auto& nodes = subject.book.config.nodes;
  if (nodes.size() < 2) {
    subject.refuse("transport",
                   what +
                       ", but there is no other node to send to; a [[node]] for each router "
                       "is required");
    return;
  }
  for (const auto& node : nodes) {
    const auto why =
        node.address.is_unspecified() ? std::string{} : unfit_for_unicast(subject, node);
    if (!why.empty()) {
      subject.refuse("transport", std::string{what}.append(", but ").append(why));
      return;
    }
  }
}

/// A next hop: of the family, a host's address, and not one that moves about itself.
void check_next_hop(const Subject& subject, const std::string& key, const IpAddress& address) {
  const auto text = key.substr(key.rfind('.') + 1) + " " + address.to_string();
  if (const auto why = unfit_for_host(address); !why.empty()) {
    subject.refuse(key, text + " " + std::string{why} + "; a router's address is allowed");
    return;
  }
  if (!subject.router.addresses.empty() && address.family() != subject.family()) {
    subject.refuse(key,
                   text + " is of another family than the addresses; " +
                       family_name(subject.family()) + " is allowed");
    return;
  }
  for (const auto& own : subject.router.addresses) {
    if (own.address == address) {
      subject.refuse(key,
                     text + " is this virtual router's own; another router's address is allowed");
    }
  }
}

Prefix masked(Prefix network) {
  std::array<std::byte, 16> bytes{};
  const auto given = network.address.bytes();
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto bits = std::clamp<int>(network.length - 8 * static_cast<int>(i), 0, 8);
    bytes.at(i) = given[i] & static_cast<std::byte>(0xff00U >> static_cast<unsigned>(bits));
  }
  network.address = IpAddress::from_bytes(std::span{bytes}.first(given.size()));
  return network;
}

/// A network: of the family and with no bit set behind its length.
void check_network(const Subject& subject, const std::string& key, const Prefix& network) {
  const auto text = key.substr(key.rfind('.') + 1) + " " + network.to_string();
  if (!subject.router.addresses.empty() && network.address.family() != subject.family()) {
    subject.refuse(key,
                   text + " is of another family than the addresses; " +
                       family_name(subject.family()) + " is allowed");
    return;
  }
  const auto whole = masked(network);
  if (whole != network) {
    subject.refuse(key, text + " is no network; " + whole.to_string() + " is allowed");
  }
}

void check_routes(const Subject& subject) {
  if (subject.router.gateway) {
    check_next_hop(subject, "gateway", *subject.router.gateway);
  }
  for (std::size_t i = 0; i < subject.router.routes.size(); ++i) {
    const auto& route = subject.router.routes[i];
    const auto key = path_of("routes", i);
    if (subject.has_good(key + ".to")) {
      check_network(subject, key + ".to", route.to);
    }
    if (route.via) {
      check_next_hop(subject, key + ".via", *route.via);
    }
  }
  for (std::size_t i = 0; i < subject.router.rules.size(); ++i) {
    const auto key = path_of("rules", i, "from");
    if (subject.has_good(key)) {
      check_network(subject, key, subject.router.rules[i].from);
    }
  }
}

void check_auth(const Subject& subject) {
  const auto& auth = subject.router.auth;
  if (auth && std::holds_alternative<PassAuth>(*auth) && subject.router.version != 2) {
    subject.refuse("auth.type",
                   R"(type "pass" exists in version 2 only; "hmac", or version = 2, is allowed)");
  }
}

}  // namespace

void check_virtual_routers(const Rulebook& book) {
  for (std::size_t i = 0; i < book.config.virtual_routers.size(); ++i) {
    const Subject subject{book, book.config.virtual_routers[i], i};
    check_priority(subject);
    check_owner(subject);
    check_interval(subject);
    check_version(subject);
    check_preemption(subject);
    check_transport(subject);
    check_routes(subject);
    check_auth(subject);
  }
}

}  // namespace havip::config
