#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/router.hpp"
#include "sidecar/vrrp/types.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace havip::engine {

/// One virtual router as this node runs it: the configuration with every "for node X" resolved.
struct VirtualRouterSettings {
  std::string name;
  std::string interface;
  vrrp::Vrid vrid;
  Family family = Family::ipv4;
  std::vector<Prefix> addresses;
  vrrp::Priority priority;
  Duration advert_interval{};
  bool preempt = true;
  Duration preempt_delay{};
  vrrp::Succession succession;
  /// Every other router is a node of ours, which takes over from one that yields by itself: then a
  /// drained node need only lower its priority, and keeps the address until somebody has it.
  bool peers_relieve = false;

  friend bool operator==(const VirtualRouterSettings&, const VirtualRouterSettings&) = default;
};

/// What the engine is built from.
struct Settings {
  std::vector<VirtualRouterSettings> virtual_routers;
  std::map<IpAddress, std::string> node_names;  ///< of all nodes, by address
  /// The checksum to send before anybody was heard (RFC 9568 among nodes of ours, RFC 5798 beside
  /// foreign routers).
  vrrp::ChecksumForm first_form = vrrp::ChecksumForm::message;

  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace havip::engine
