// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/rules.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace havip::config {
namespace {

/// "lb1, lb2".
std::string names_of(const std::vector<Node>& nodes) {
  std::string names;
  for (const auto& node : nodes) {
    names += (names.empty() ? "" : ", ") + node.name;
  }
  return names;
}

void check_node_addresses(const Rulebook& book) {
  std::map<IpAddress, std::string> seen;
  const auto& nodes = book.config.nodes;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto path = path_of("node", i, "address");
    const auto text = nodes[i].address.to_string();
    if (!book.places.has_good(path)) {
      continue;
    }
    if (const auto why = unfit_for_host(nodes[i].address); !why.empty()) {
      book.refuse(path, "address " + text + " " + std::string{why} + "; the node's own is allowed");
      continue;
    }
    const auto [first, fresh] = seen.emplace(nodes[i].address, path);
    if (!fresh) {
      book.refuse(path,
                  "address " + text + " is another node's in " + book.where(first->second) +
                      "; each node's own is allowed");
    }
  }
}

/// A value by node must be there for every node, and for nobody else.
template <class T>
void check_by_node(const Rulebook& book, const std::string& path, const PerNode<T>& value) {
  const auto* const by_name = std::get_if<typename PerNode<T>::ByName>(&value.value);
  const auto& nodes = book.config.nodes;
  if (by_name == nullptr || !book.places.has_good(path)) {
    return;
  }
  const auto key = path.substr(path.rfind('.') + 1);
  if (nodes.empty()) {
    book.refuse(path, key + " is by node, but there is no [[node]]; one value is allowed");
    return;
  }
  // A node without a name was refused; it may well be the one that is missed here.
  if (std::ranges::any_of(nodes, &std::string::empty, &Node::name)) {
    return;
  }
  for (const auto& [name, unused] : *by_name) {
    if (std::ranges::find(nodes, name, &Node::name) == nodes.end()) {
      std::string place = path;
      place.append(".").append(name);
      std::string complaint = key;
      complaint.append(" is given for ").append(quoted(name));
      complaint.append(", which is no node; ").append(names_of(nodes)).append(" are allowed");
      book.refuse(place, complaint);
    }
  }
  for (const auto& node : nodes) {
    if (!book.places.has(path + "." + node.name)) {
      book.refuse(path,
                  key + " is not given for node " + node.name +
                      "; one value for all, or one for each node, is allowed");
    }
  }
}

void check_all_by_node(const Rulebook& book) {
  const auto& config = book.config;
  for (std::size_t i = 0; i < config.virtual_routers.size(); ++i) {
    const auto& router = config.virtual_routers[i];
    check_by_node(book, path_of("virtual_router", i, "interface"), router.interface);
    if (router.priority) {
      check_by_node(book, path_of("virtual_router", i, "priority"), *router.priority);
    }
  }
  for (std::size_t i = 0; i < config.source_routes.size(); ++i) {
    check_by_node(book, path_of("source_route", i, "interface"), config.source_routes[i].interface);
  }
  for (std::size_t i = 0; i < config.tracks.size(); ++i) {
    if (const auto* const track = std::get_if<TrackInterface>(&config.tracks[i].what)) {
      check_by_node(book, path_of("track", i, "interface"), track->interface);
    }
  }
}

}  // namespace

void check_nodes(const Rulebook& book) {
  check_node_addresses(book);
  check_all_by_node(book);
}

bool is_owner(const Node& node, const VirtualRouter& router) {
  const auto* const priority = router.priority ? router.priority->find(node.name) : nullptr;
  return priority != nullptr && *priority == vrrp::owner_priority;
}

std::string_view unfit_for_host(const IpAddress& address) {
  if (address.is_unspecified()) {
    return "is the unspecified address";
  }
  if (address.is_multicast()) {
    return "is a multicast address";
  }
  if (address.is_loopback()) {
    return "is a loopback address";
  }
  if (address.family() == Family::ipv4) {
    if (address.v4_number() == 0xffffffff) {
      return "is the broadcast address";
    }
    if (address.v4_number() >> 24U == 0) {
      return "is an address of 0.0.0.0/8";
    }
  } else if (Prefix::parse("::ffff:0:0/96")->contains(address)) {
    return "is an IPv4 address written as IPv6";
  }
  return {};
}

}  // namespace havip::config
