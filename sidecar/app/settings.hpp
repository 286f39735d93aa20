#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// From the configuration, which is the same on every node, to what each part of this node's daemon
// is built from. Pure.
#include "haproxy/watcher.hpp"
#include "sidecar/app/command_checks.hpp"
#include "sidecar/app/gateway_checks.hpp"
#include "sidecar/config/model.hpp"
#include "sidecar/engine/health_gate.hpp"
#include "sidecar/engine/settings.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/ports/status.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace havip::app {

/// `node` is this node, or null when no nodes are configured.
engine::Settings engine_settings(const config::Config& config, const config::Node* node);

std::vector<engine::BackendTrack> tracks(const config::Config& config);

/// What is tracked beside backends, and who finds out about each: interface_conditions[i] is the
/// place in `conditions` of what is known of tracked_links[i] of the engine's settings, and so on.
struct Conditions {
  std::vector<engine::ConditionTrack> conditions;
  std::vector<std::string> interfaces;
  std::vector<std::size_t> interface_conditions;
  std::vector<GatewayTrack> gateways;
  std::vector<std::size_t> gateway_conditions;
  std::vector<CommandTrack> commands;
  std::vector<std::size_t> command_conditions;

  friend bool operator==(const Conditions&, const Conditions&) = default;
};

Conditions conditions(const config::Config& config, const config::Node* node);

/// The commands of the hooks, in order.
std::vector<std::vector<std::string>> hook_commands(const config::Config& config);

/// The addresses that move between the nodes.
std::set<IpAddress> virtual_addresses(const config::Config& config);

haproxy::Watcher::Settings watcher_settings(const config::Config& config);

std::vector<http::Listen> listeners(const config::Config& config);

/// The other nodes, nothing heard of them yet.
std::vector<ports::PeerStatus> peers(const config::Config& config, const config::Node* node);

}  // namespace havip::app
