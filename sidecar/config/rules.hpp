#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a configuration must fulfil beyond each key's own range: what must be unique, what must fit
// together, which addresses can be a virtual router's. Pure; the places are only for the messages.
// A value that was refused before still has its default here and is passed over.
#include "sidecar/config/model.hpp"
#include "sidecar/config/places.hpp"
#include "sidecar/config/problem.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace havip::config {

/// What every group of rules works on.
struct Rulebook {
  const Config& config;
  const Places& places;
  Report& report;

  /// Says what is wrong with the value at `path`.
  void refuse(std::string_view path, std::string text) const {
    report.add(places.of(path), std::move(text));
  }

  /// Says what is accepted and will not do what is meant.
  void warn(std::string_view path, std::string text) const {
    report.warn(places.of(path), std::move(text));
  }

  /// FILE:LINE:COL of another value.
  [[nodiscard]] std::string where(std::string_view path) const {
    return report.where(places.of(path));
  }
};

/// All of the rules below.
void check_rules(const Rulebook& book);

/// Nodes, names, values by node, listeners, routes of sources; whether anything is
/// configured at all.
void check_nodes(const Rulebook& book);
/// Every virtual router by itself: priority, version, interval, transport, routes, authentication.
void check_virtual_routers(const Rulebook& book);
/// Virtual routers of one group: the same priorities and the same will to preempt.
void check_groups(const Rulebook& book);
/// Virtual addresses: what they may be, one family, none twice.
void check_addresses(const Rulebook& book);
/// Two virtual routers with one VRID on an interface; two routes for one source.
void check_clashes(const Rulebook& book);

/// Tracks: none twice, gateways that can be asked.
void check_tracks(const Rulebook& book);
/// Tracks that never move an address, as warnings. For configurations without problems.
void check_failover(const Rulebook& book);

/// Why a host cannot have this address, as "is a multicast address"; empty when it can.
std::string_view unfit_for_host(const IpAddress& address);

/// Whether the virtual router's addresses are the node's own (priority 255).
bool is_owner(const Node& node, const VirtualRouter& router);

}  // namespace havip::config
