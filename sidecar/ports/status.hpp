#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What is told to the outside: one immutable value, put together on the service thread from the
// engine's last snapshot, HAProxy's facts and the drain that is remembered on disk. The JSON of
// GET /v1/status, the metrics and the command line are views of it.
#include "haproxy/facts.hpp"
#include "sidecar/base/ip.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/vrrp/types.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace havip::ports {

using WallTime = std::chrono::system_clock::time_point;

/// One thing that changes the priority, and by how much: {"backend web", -50}.
struct Reason {
  std::string what;
  int change = 0;

  friend bool operator==(const Reason&, const Reason&) = default;
};

/// Whether the neighbours were seen to send to this node.
enum class Reachability : std::uint8_t { unverified, verified, stale };

struct AddressStatus {
  Prefix address;
  bool present = false;
  Reachability reachable = Reachability::unverified;

  friend bool operator==(const AddressStatus&, const AddressStatus&) = default;
};

/// Who holds the virtual router as far as this node knows: itself or the sender of the last
/// accepted advertisement.
struct ActiveRouter {
  IpAddress address;
  vrrp::Priority priority;
  std::string name;  ///< the node's name when it is one of ours, else empty

  friend bool operator==(const ActiveRouter&, const ActiveRouter&) = default;
};

/// Upper bounds of the lateness histogram, in seconds; the last bucket has none.
inline constexpr std::array lateness_bounds{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5};

struct LatenessHistogram {
  std::array<std::uint64_t, lateness_bounds.size() + 1> buckets{};  ///< not cumulative
  double sum_seconds = 0;

  void observe(Duration lateness);
  friend bool operator==(const LatenessHistogram&, const LatenessHistogram&) = default;
};

/// Counts since the daemon started.
struct RouterCounters {
  std::uint64_t adverts_sent = 0;
  std::map<IpAddress, std::uint64_t> adverts_received;  ///< accepted, by sender
  std::array<std::uint64_t, vrrp::rejection_count> rejected{};
  std::uint64_t send_errors = 0;
  std::uint64_t resignations_sent = 0;
  std::uint64_t resignations_received = 0;
  std::uint64_t gratuitous_sent = 0;
  std::uint64_t announce_errors = 0;
  std::uint64_t repairs = 0;  ///< addresses put back after something else removed them
  std::map<std::pair<vrrp::State, std::string>, std::uint64_t> transitions;  ///< by (to, reason)
  LatenessHistogram lateness;

  friend bool operator==(const RouterCounters&, const RouterCounters&) = default;
};

struct VirtualRouterStatus {
  std::string name;
  vrrp::Vrid vrid;
  Family family = Family::ipv4;
  int version = 3;
  std::string interface;
  std::optional<std::string> group;
  vrrp::State state = vrrp::State::init;
  std::string why;  ///< of the last transition: "the active router fell silent"
  Instant since;
  std::uint64_t transitions = 0;
  vrrp::Priority configured;
  vrrp::Priority effective;
  std::vector<Reason> reasons;
  Duration advert_interval{};
  std::optional<ActiveRouter> active_router;
  std::optional<Instant> last_advert;  ///< when the last one was accepted
  std::vector<AddressStatus> addresses;
  std::vector<std::string> problems;  ///< what is waited for: "interface eth7 does not exist"
  RouterCounters counters;

  friend bool operator==(const VirtualRouterStatus&, const VirtualRouterStatus&) = default;
};

/// An interface that is tracked, as the kernel told of it last.
struct LinkStatus {
  std::string name;
  bool exists = false;
  bool up = false;       ///< IFF_UP: the administrator wants it to work
  bool carrier = false;  ///< IFF_LOWER_UP: a cable is in it

  friend bool operator==(const LinkStatus&, const LinkStatus&) = default;
};

/// Whether it is there, up and with a cable in it.
bool works(const LinkStatus& link);

/// "does not exist", "is down", "has no carrier" or "is up".
std::string describe(const LinkStatus& link);

/// What the election thread publishes.
struct ElectionStatus {
  Instant at;
  bool drained = false;
  std::vector<VirtualRouterStatus> virtual_routers;
  std::uint64_t rejected_unknown_vrid = 0;  ///< adverts for virtual routers that are not ours
  std::uint64_t netlink_errors = 0;
  Duration largest_lag{};  ///< of a timer in the last 15 s
  /// The interfaces that are tracked, in the settings' order; none before the kernel was asked.
  std::vector<LinkStatus> links = {};

  friend bool operator==(const ElectionStatus&, const ElectionStatus&) = default;
};

/// A drain as it is remembered over a restart.
struct DrainRecord {
  std::optional<std::string> reason;
  std::optional<WallTime> until;
  WallTime since;

  friend bool operator==(const DrainRecord&, const DrainRecord&) = default;
};

struct PeerStatus {
  std::string name;
  IpAddress address;
  std::optional<Instant> last_heard;  ///< by an advertisement

  friend bool operator==(const PeerStatus&, const PeerStatus&) = default;
};

enum class TrackState : std::uint8_t {
  waiting,  ///< there is no first result yet
  well,
  failed,
};

constexpr std::string_view to_string(TrackState state) {
  switch (state) {
    case TrackState::waiting:
      return "waiting";
    case TrackState::well:
      return "well";
    case TrackState::failed:
      return "failed";
  }
  return {};
}

/// One `[[track]]`: what is in force, and what was seen last.
struct TrackStatus {
  std::string what;  ///< "backend web", "interface eth1", "gateway 192.0.2.1", "command /bin/x"
  TrackState state = TrackState::waiting;
  std::string detail = {};            ///< goes on after `what`: "does not answer"
  std::optional<Instant> since = {};  ///< when it came into this state; empty while it waits

  friend bool operator==(const TrackStatus&, const TrackStatus&) = default;
};

/// Everything there is to tell.
struct NodeStatus {
  std::string node;
  std::string version;
  int pid = 0;
  Instant now;        ///< when this was put together, with
  WallTime wall_now;  ///< the same moment on the wall clock
  Instant started;
  std::uint64_t generation = 0;
  std::optional<DrainRecord> drain;
  haproxy::Facts haproxy;
  ElectionStatus election;
  std::vector<PeerStatus> peers;
  std::vector<TrackStatus> tracks = {};

  /// The wall clock's time of an earlier moment.
  [[nodiscard]] WallTime wall(Instant moment) const;
};

/// Why this node could not take the addresses now; empty when it could.
std::vector<std::string> not_ready_because(const NodeStatus& status);

/// Whether this node is Active for the virtual router `name`, or for all of them when empty. A
/// name that is not there is not active.
bool is_active(const NodeStatus& status, const std::optional<std::string>& name);

}  // namespace havip::ports
