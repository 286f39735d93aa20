// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/rules.hpp"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace havip::config {
namespace {

void check_anything(const Rulebook& book) {
  const auto& config = book.config;
  const bool nothing =
      config.virtual_routers.empty() && config.anycasts.empty() && config.source_routes.empty();
  // With other problems it is likely there, only misspelled.
  if (nothing && book.report.empty()) {
    book.report.add({0, 1, 1},
                    "nothing is configured; at least one [[virtual_router]], [[anycast]] or "
                    "[[source_route]] is required");
  }
}

/// Refuses the second of two things of a kind with one name.
template <class Thing>
void check_names(const Rulebook& book, std::string_view table, const std::vector<Thing>& things) {
  std::map<std::string_view, std::string> seen;
  for (std::size_t i = 0; i < things.size(); ++i) {
    const auto path = path_of(table, i, "name");
    const auto [first, fresh] = seen.emplace(things[i].name, path);
    if (!fresh && !things[i].name.empty()) {
      book.refuse(path,
                  "name " + quoted(things[i].name) + " is taken in " + book.where(first->second) +
                      "; another name is allowed");
    }
  }
}

void check_listeners(const Rulebook& book) {
  const auto& listeners = book.config.http.listen;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (listeners[i] == listeners[k]) {
        book.refuse(path_of("http.listen", i),
                    "listen has this twice; each socket once is allowed");
        break;
      }
    }
  }
}

void check_socket(const Rulebook& book) {
  constexpr std::size_t longest = 107;  // unix(7): 108 bytes with the NUL
  if (book.config.haproxy.socket.size() > longest) {
    book.refuse("haproxy.socket",
                "socket is a path of " + std::to_string(book.config.haproxy.socket.size()) +
                    " bytes; up to 107 are allowed");
  }
}

void check_peer_link(const Rulebook& book) {
  if (book.places.has_good("peer_link.secret_file") && book.config.nodes.empty()) {
    book.refuse("peer_link.secret_file",
                "[peer_link] has nobody to talk to; it is allowed with a [[node]] for each "
                "load balancer");
  }
}

}  // namespace

void check_rules(const Rulebook& book) {
  check_nodes(book);
  check_names(book, "node", book.config.nodes);
  check_names(book, "virtual_router", book.config.virtual_routers);
  check_names(book, "anycast", book.config.anycasts);
  check_virtual_routers(book);
  check_groups(book);
  check_addresses(book);
  check_clashes(book);
  check_listeners(book);
  check_socket(book);
  check_peer_link(book);
  check_tracks(book);
  check_anything(book);
  if (book.report.empty()) {
    check_failover(book);
  }
}

}  // namespace havip::config
