#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/router.hpp"
#include "sidecar/vrrp/trailer.hpp"
#include "sidecar/vrrp/types.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace havip::engine {

using vrrp::HmacMode;
using vrrp::Transport;

/// Version 2's password: sent in clear text, so it keeps accidents away and nobody else.
struct PasswordAuth {
  vrrp::AuthData password{};

  friend bool operator==(const PasswordAuth&, const PasswordAuth&) = default;
};

struct HmacAuth {
  vrrp::HmacKey key;
  HmacMode mode = HmacMode::enforce;

  friend bool operator==(const HmacAuth&, const HmacAuth&) = default;
};

using Auth = std::variant<std::monostate, PasswordAuth, HmacAuth>;

/// One virtual router as this node runs it: the configuration with every "for node X" resolved.
struct VirtualRouterSettings {
  std::string name;
  std::string interface;
  vrrp::Vrid vrid;
  Family family = Family::ipv4;
  std::vector<Prefix> addresses;
  std::optional<std::string> group = {};  ///< those of one group are Active together or not at all
  vrrp::Version version = vrrp::Version::v3;
  vrrp::Priority priority;  ///< 255: this node owns the addresses, they are its interface's own
  Duration advert_interval{};
  bool preempt = true;
  Duration preempt_delay{};
  /// After the start at least so long is listened before the first claim, for routers that
  /// advertise more slowly than this one.
  Duration listen_first{};
  Transport transport = Transport::multicast;
  std::vector<IpAddress> peers = {};  ///< of unicast: the other nodes, in the family of addresses
  std::optional<IpAddress> node_address = {};  ///< of unicast: where the peers expect this node
  Auth auth = {};
  bool strict = false;  ///< the RFC's letter where it makes two routers Active
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
  std::string own_name = {};                    ///< this node's
  /// Of the only other node: IPv6 advertisements come from link-local addresses, which stand in no
  /// configuration, and say nothing of the node where there are more.
  std::string only_peer = {};
  /// The checksum to send before anybody was heard (RFC 9568 among nodes of ours, RFC 5798 beside
  /// foreign routers).
  vrrp::ChecksumForm first_form = vrrp::ChecksumForm::message;
  /// Names of interfaces that somebody else wants to know of: they take no part in the election.
  std::vector<std::string> tracked_links = {};

  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace havip::engine
