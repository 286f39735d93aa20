// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/resolve.hpp"

#include "sidecar/base/check.hpp"

#include <algorithm>
#include <system_error>

namespace havip::config {
namespace {

const Node* node_called(const Config& config, std::string_view name) {
  const auto found = std::ranges::find(config.nodes, name, &Node::name);
  return found == config.nodes.end() ? nullptr : &*found;
}

Error no_such_node(const Config& config, const std::string& what, const std::string& advice) {
  std::string names;
  for (const auto& node : config.nodes) {
    names += (names.empty() ? "" : ", ") + node.name;
  }
  return {std::make_error_code(std::errc::invalid_argument),
          what + ", which is none of the nodes " + names + "; " + advice};
}

std::string_view name_of(const Node* node) {
  return node == nullptr ? std::string_view{} : std::string_view{node->name};
}

}  // namespace

Result<const Node*> find_node(const Config& config,
                              std::string_view hostname,
                              const std::optional<std::string>& wanted) {
  if (config.nodes.empty()) {
    if (wanted) {
      return Error{std::make_error_code(std::errc::invalid_argument),
                   "--node " + *wanted + " is given, but no [[node]] is configured"};
    }
    return nullptr;
  }
  if (wanted) {
    const auto* const node = node_called(config, *wanted);
    return node != nullptr ? Result<const Node*>{node}
                           : no_such_node(config, "--node is " + *wanted, "one of them is allowed");
  }
  for (const auto name : {hostname, hostname.substr(0, hostname.find('.'))}) {
    if (const auto* const node = node_called(config, name)) {
      return node;
    }
  }
  return no_such_node(config, "this host is called " + std::string{hostname}, "use --node NAME");
}

const std::string& interface_on(const VirtualRouter& router, const Node* node) {
  const auto* const interface = router.interface.find(name_of(node));
  CHECK(interface != nullptr);
  return *interface;
}

vrrp::Priority priority_on(const VirtualRouter& router, const Node* node) {
  if (router.priority) {
    const auto* const priority = router.priority->find(name_of(node));
    CHECK(priority != nullptr);
    return *priority;
  }
  CHECK(node != nullptr);
  return node->priority;
}

Family family_of(const VirtualRouter& router) {
  CHECK(!router.addresses.empty());
  return router.addresses.front().address.family();
}

}  // namespace havip::config
