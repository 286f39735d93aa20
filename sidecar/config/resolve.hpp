#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The file is the same on every node; this is what one node makes of it.
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/config/model.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace havip::config {

/// The node that this host is: the one called `wanted` if that is given (`--node`), else the one
/// that is called like the host, with or without the host's domain. Null when no nodes are
/// configured: the host stands alone beside foreign routers. The error names the nodes. The
/// pointer is into `config`.
Result<const Node*> find_node(const Config& config,
                              std::string_view hostname,
                              const std::optional<std::string>& wanted);

// What a virtual router is on a node of the same valid Config; null stands for a host alone.
const std::string& interface_on(const VirtualRouter& router, const Node* node);
vrrp::Priority priority_on(const VirtualRouter& router, const Node* node);

/// The family of its addresses.
Family family_of(const VirtualRouter& router);

}  // namespace havip::config
