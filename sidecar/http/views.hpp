#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What is told about a NodeStatus, for programs (JSON, one line with its newline) and for people.
#include "sidecar/ports/status.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace havip::http {

/// The contract of GET /v1/status. Beside the contract's keys: `why` and `problems` of a virtual
/// router, `last_heard` of a peer, and `tracks`. `routes` stays empty and drain.connections 0 while
/// havip does neither; a peer's link is "off" and what only the peer itself can tell is null until
/// the nodes have a channel of their own.
std::string status_json(const ports::NodeStatus& status);

/// GET /drain.
std::string drain_state_json(const ports::NodeStatus& status);
std::string drain_state_text(const ports::NodeStatus& status);

/// {"KEY":true,"reasons":[]} of /livez and /readyz.
std::string verdict_json(std::string_view key, bool value, const std::vector<std::string>& reasons);

/// GET /active: this node's part in one virtual router, or in all.
std::string active_json(const ports::NodeStatus& status, const std::optional<std::string>& name);
std::string active_text(const ports::NodeStatus& status, const std::optional<std::string>& name);

/// {"KEY":value}, for answers that tell one thing.
std::string one_key_json(std::string_view key, const std::string& value);

/// "lb2 (10.0.0.12)", or the address alone for a router that is not one of our nodes.
std::string name_of(const ports::ActiveRouter& router);

/// RFC 3339 in UTC with milliseconds: 2026-01-01T00:00:00.000Z.
std::string rfc3339(ports::WallTime time);

}  // namespace havip::http
