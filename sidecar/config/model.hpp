#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a configuration says, as plain values: the grammar of havip.toml after every key was read,
// with the defaults of the keys that were left out. load.hpp makes it from text and has then
// checked it, so that who holds a Config need not doubt it. Several keys are about what a given
// node has of its own; resolve.hpp answers for one node.
#include "sidecar/base/ip.hpp"
#include "sidecar/base/secret.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/trailer.hpp"
#include "sidecar/vrrp/types.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace havip::config {

/// [daemon]
struct Daemon {
  std::string state_directory = "/var/lib/havip";
  bool realtime = true;

  friend bool operator==(const Daemon&, const Daemon&) = default;
};

/// Where a TCP or UDP socket listens.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct UnixSocket {
  std::string path;

  friend bool operator==(const UnixSocket&, const UnixSocket&) = default;
};

using Listener = std::variant<UnixSocket, Endpoint>;

/// [haproxy]
struct Haproxy {
  std::string socket = "/run/haproxy/admin.sock";
  std::string ring = "havip";
  std::optional<Endpoint> log_listen;
  Duration interval = std::chrono::milliseconds{200};
  Duration timeout = std::chrono::seconds{1};

  friend bool operator==(const Haproxy&, const Haproxy&) = default;
};

/// [http]
struct Http {
  std::vector<Listener> listen{UnixSocket{"/run/havip/admin.sock"},
                               Endpoint{IpAddress::v4(0x7F000001), 8406}};
  std::optional<std::string> token_file;

  friend bool operator==(const Http&, const Http&) = default;
};

/// [[node]]: a load balancer.
struct Node {
  std::string name;
  IpAddress address;
  vrrp::Priority priority;  ///< of its virtual routers that do not say their own

  friend bool operator==(const Node&, const Node&) = default;
};

/// [peer_link]; off without a secret.
struct PeerLink {
  std::uint16_t port = 8407;
  std::optional<std::string> secret_file;

  friend bool operator==(const PeerLink&, const PeerLink&) = default;
};

/// One value for all nodes, or one for each node by its name.
template <class T>
struct PerNode {
  using ByName = std::map<std::string, T, std::less<>>;

  std::variant<T, ByName> value;

  /// The value for a node; null when the node has none. Alone (no nodes configured) the name may
  /// be anything.
  [[nodiscard]] const T* find(std::string_view node) const {
    if (const auto* const one = std::get_if<T>(&value)) {
      return one;
    }
    const auto& by_name = *std::get_if<ByName>(&value);
    const auto found = by_name.find(node);
    return found == by_name.end() ? nullptr : &found->second;
  }

  friend bool operator==(const PerNode&, const PerNode&) = default;
};

using vrrp::Transport;

/// A route that goes with the addresses.
struct Route {
  Prefix to;
  std::optional<IpAddress> via;  ///< on the link itself when empty
  std::uint32_t table = 254;     ///< the kernel's main table

  friend bool operator==(const Route&, const Route&) = default;
};

/// A policy rule that goes with the addresses.
struct Rule {
  Prefix from;
  std::uint32_t table = 0;
  std::uint32_t priority = 1000;

  friend bool operator==(const Rule&, const Rule&) = default;
};

/// The clear text password of version 2 (RFC 2338), for migration only.
struct PassAuth {
  std::string key_file;
  vrrp::AuthData password{};  ///< what the file holds; load() reads it, parse() does not

  friend bool operator==(const PassAuth&, const PassAuth&) = default;
};

using vrrp::HmacMode;

/// draft-cassen-vrrp-auth-hmac.
struct HmacAuth {
  std::string key_file;
  std::uint8_t key_id = 1;
  HmacMode mode = HmacMode::enforce;
  Secret key;  ///< what the file holds; load() reads it, parse() does not

  friend bool operator==(const HmacAuth&, const HmacAuth&) = default;
};

using Auth = std::variant<PassAuth, HmacAuth>;

/// [[virtual_router]]
struct VirtualRouter {
  std::string name;
  PerNode<std::string> interface;
  vrrp::Vrid vrid;
  std::vector<Prefix> addresses;                    ///< at least one, all of one family
  std::optional<PerNode<vrrp::Priority>> priority;  ///< instead of the node's
  std::optional<std::string> group;
  std::uint8_t version = 3;
  bool strict = false;
  Duration advert_interval = std::chrono::milliseconds{100};
  bool preempt = true;
  Duration preempt_delay{};
  Transport transport = Transport::multicast;
  bool virtual_mac = false;
  std::optional<IpAddress> gateway;
  std::vector<Route> routes;
  std::vector<Rule> rules;
  std::optional<Auth> auth;

  friend bool operator==(const VirtualRouter&, const VirtualRouter&) = default;
};

/// [[anycast]]
struct Anycast {
  std::string name;
  std::vector<Prefix> addresses;

  friend bool operator==(const Anycast&, const Anycast&) = default;
};

/// [[source_route]]
struct SourceRoute {
  PerNode<std::string> interface;
  IpAddress gateway;

  friend bool operator==(const SourceRoute&, const SourceRoute&) = default;
};

/// Take part behind everyone who is well.
struct Yield {
  friend bool operator==(const Yield&, const Yield&) = default;
};

/// Do not take part.
struct Fault {
  friend bool operator==(const Fault&, const Fault&) = default;
};

/// Take part with a priority that is lower by so much.
struct Lower {
  std::uint8_t by = 1;

  friend bool operator==(const Lower&, const Lower&) = default;
};

/// What a failed track does to the node.
using Otherwise = std::variant<Yield, Fault, Lower>;

/// So many servers up.
struct Servers {
  std::uint32_t count = 1;

  friend bool operator==(const Servers&, const Servers&) = default;
};

/// So much of the weight of the servers up.
struct WeightShare {
  std::uint8_t percent = 1;

  friend bool operator==(const WeightShare&, const WeightShare&) = default;
};

using AtLeast = std::variant<Servers, WeightShare>;

/// HAProxy's backends that match a glob. Without `at_least` the priority scales with the share of
/// healthy weight, and `otherwise` means nothing.
struct TrackBackend {
  std::string backend;
  std::optional<AtLeast> at_least;
  Otherwise otherwise;

  friend bool operator==(const TrackBackend&, const TrackBackend&) = default;
};

/// An interface that must be up.
struct TrackInterface {
  PerNode<std::string> interface;
  Otherwise otherwise;

  friend bool operator==(const TrackInterface&, const TrackInterface&) = default;
};

/// A gateway that must answer; `fall` unanswered questions in a row are a failure.
struct TrackGateway {
  IpAddress gateway;
  Duration interval = std::chrono::milliseconds{200};
  std::uint8_t fall = 3;
  Otherwise otherwise;

  friend bool operator==(const TrackGateway&, const TrackGateway&) = default;
};

/// A program that must end with status 0 in time.
struct TrackCommand {
  std::vector<std::string> command;
  Duration interval = std::chrono::seconds{2};
  Duration timeout = std::chrono::seconds{1};
  Otherwise otherwise;

  friend bool operator==(const TrackCommand&, const TrackCommand&) = default;
};

/// [[track]]
struct Track {
  std::variant<TrackBackend, TrackInterface, TrackGateway, TrackCommand> what;
  Duration recover_after = std::chrono::seconds{2};

  friend bool operator==(const Track&, const Track&) = default;
};

/// [[hook]]
struct Hook {
  std::vector<std::string> command;

  friend bool operator==(const Hook&, const Hook&) = default;
};

struct Config {
  Daemon daemon;
  Haproxy haproxy;
  Http http;
  std::vector<Node> nodes;
  PeerLink peer_link;
  std::vector<VirtualRouter> virtual_routers;
  std::vector<Anycast> anycasts;
  std::vector<SourceRoute> source_routes;
  std::vector<Track> tracks;
  std::vector<Hook> hooks;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace havip::config
