#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// From the configuration, which is the same on every node, to what each part of this node's daemon
// is built from. Pure.
#include "haproxy/watcher.hpp"
#include "sidecar/config/model.hpp"
#include "sidecar/engine/health_gate.hpp"
#include "sidecar/engine/settings.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/ports/status.hpp"

#include <vector>

namespace havip::app {

/// `node` is this node, or null when no nodes are configured.
engine::Settings engine_settings(const config::Config& config, const config::Node* node);

std::vector<engine::BackendTrack> tracks(const config::Config& config);

haproxy::Watcher::Settings watcher_settings(const config::Config& config);

std::vector<http::Listen> listeners(const config::Config& config);

/// The other nodes, nothing heard of them yet.
std::vector<ports::PeerStatus> peers(const config::Config& config, const config::Node* node);

}  // namespace havip::app
