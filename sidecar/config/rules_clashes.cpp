// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/rules.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace havip::config {
namespace {

/// Whose view is taken: every node's, or the one of a host that stands alone.
std::vector<std::string> views(const Config& config) {
  std::vector<std::string> names;
  names.reserve(config.nodes.size() + 1);
  for (const auto& node : config.nodes) {
    names.push_back(node.name);
  }
  if (names.empty()) {
    names.emplace_back();
  }
  return names;
}

/// Names the node where interfaces differ between nodes.
std::string on(const PerNode<std::string>& interface, const std::string& node) {
  const auto& name = *interface.find(node);
  const bool differs = !std::holds_alternative<std::string>(interface.value);
  return name + (differs ? " of node " + node : "");
}

void check_vrids(const Rulebook& book) {
  // A clash is said once, whichever nodes it happens on.
  std::set<std::size_t> refused;
  for (const auto& node : views(book.config)) {
    std::map<std::tuple<std::string, vrrp::Vrid, Family>, std::size_t> seen;
    for (std::size_t i = 0; i < book.config.virtual_routers.size(); ++i) {
      const auto& router = book.config.virtual_routers[i];
      const auto* const interface = router.interface.find(node);
      if (interface == nullptr || interface->empty() || router.vrid.value == 0 ||
          router.addresses.empty()) {
        continue;
      }
      const auto family = router.addresses.front().address.family();
      const auto [first, fresh] = seen.emplace(std::tuple{*interface, router.vrid, family}, i);
      if (!fresh && refused.insert(i).second) {
        book.refuse(path_of("virtual_router", i, "vrid"),
                    "vrid " + std::to_string(router.vrid.value) + " is taken on " +
                        on(router.interface, node) + " in " +
                        book.where(path_of("virtual_router", first->second, "vrid")) +
                        "; another vrid is allowed");
      }
    }
  }
}

void check_source_routes(const Rulebook& book) {
  const auto& routes = book.config.source_routes;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto path = path_of("source_route", i, "gateway");
    const auto why = unfit_for_host(routes[i].gateway);
    if (book.places.has_good(path) && !why.empty()) {
      book.refuse(path,
                  "gateway " + routes[i].gateway.to_string() + " " + std::string{why} +
                      "; a router's address is allowed");
    }
  }
  std::set<std::size_t> refused;
  for (const auto& node : views(book.config)) {
    std::map<std::pair<std::string, Family>, std::size_t> seen;
    for (std::size_t i = 0; i < routes.size(); ++i) {
      const auto* const interface = routes[i].interface.find(node);
      if (interface == nullptr || interface->empty()) {
        continue;
      }
      const auto [first, fresh] =
          seen.emplace(std::pair{*interface, routes[i].gateway.family()}, i);
      if (!fresh && refused.insert(i).second) {
        book.refuse(path_of("source_route", i, "interface"),
                    on(routes[i].interface, node) + " has a source route in " +
                        book.where(path_of("source_route", first->second, "interface")) +
                        " already; one for each interface and family is allowed");
      }
    }
  }
}

}  // namespace

void check_clashes(const Rulebook& book) {
  check_vrids(book);
  check_source_routes(book);
}

}  // namespace havip::config
