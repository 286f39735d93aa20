#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/conditions.hpp"
#include "sidecar/engine/events.hpp"
#include "sidecar/engine/settings.hpp"
#include "sidecar/ports/kernel.hpp"
#include "sidecar/vrrp/advert.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace havip::engine {

/// What this node makes of the other routers' advertisements beyond the election: who was heard,
/// what differs from this node's configuration, and what looks like a mistake in the network. It
/// changes nothing; it tells the log and the status.
class Observer {
public:
  Observer(const VirtualRouterSettings& settings, const Settings& node);

  /// Another router's last accepted advertisement.
  struct Heard {
    IpAddress address;
    vrrp::Priority priority;
    Instant at;
  };

  /// This router's side of what is compared.
  struct Own {
    vrrp::Priority priority;
    Duration interval{};
  };

  /// An advertisement was accepted. Answers what is new to tell.
  Actions accepted(const ports::Datagram& datagram,
                   const vrrp::DecodedAdvert& decoded,
                   const Own& own,
                   Instant now);

  /// An advertisement was discarded; `version` is that of this router.
  Actions rejected(const ports::Datagram& datagram, vrrp::Rejection why, Instant now);

  [[nodiscard]] const std::optional<Heard>& last() const { return heard_; }

  /// "lb2 (10.0.0.12)", or the address alone.
  [[nodiscard]] std::string describe(const IpAddress& address) const;

  /// The node's name, or nothing when it is none of ours.
  [[nodiscard]] std::string name_of(const IpAddress& address) const;

  /// This node's, or nothing where no nodes are configured.
  [[nodiscard]] const std::string& own_name() const { return own_name_; }

  /// What is wrong now, for the operator.
  [[nodiscard]] std::vector<std::string> problems(Instant now) const {
    return conditions_.list(now);
  }

private:
  /// When a peer was heard by each of the two ways.
  struct Ways {
    std::optional<Instant> multicast;
    std::optional<Instant> unicast;
    Instant first;
  };

  void note(const std::string& key, const std::string& text, Instant now, Actions& actions);
  void compare_interval(const vrrp::Advert& advert,
                        const IpAddress& sender,
                        const Own& own,
                        Instant now,
                        Actions& actions);
  void compare_addresses(const vrrp::Advert& advert,
                         const IpAddress& sender,
                         Instant now,
                         Actions& actions);
  void compare_priority(const vrrp::Advert& advert,
                        const IpAddress& sender,
                        const Own& own,
                        Instant now,
                        Actions& actions);
  void watch_ways(const ports::Datagram& datagram,
                  Duration interval,
                  Instant now,
                  Actions& actions);

  std::string name_;
  std::string interface_;
  vrrp::Vrid vrid_;
  vrrp::Version version_;
  Transport transport_;
  std::vector<IpAddress> addresses_;
  std::map<IpAddress, std::string> node_names_;
  std::string own_name_;
  std::string only_peer_;
  std::optional<Heard> heard_;
  Conditions conditions_;
  std::map<IpAddress, Ways> ways_;
  std::array<std::optional<Instant>, vrrp::rejection_count> told_;  ///< last log line by reason
};

}  // namespace havip::engine
