#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/events.hpp"
#include "sidecar/engine/fitness.hpp"
#include "sidecar/engine/settings.hpp"
#include "sidecar/ports/status.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/announce_plan.hpp"
#include "sidecar/vrrp/router.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace havip::engine {

/// The interface of a virtual router as far as it can be used now.
struct Attachment {
  std::optional<ports::Link> link;       ///< none: there is no such interface
  std::optional<IpAddress> own_address;  ///< the sending interface's primary address
  bool deaf = false;  ///< VRRP's socket could not be opened: a node that cannot listen seems alone

  friend bool operator==(const Attachment&, const Attachment&) = default;
};

/// What the whole node brings to each of its virtual routers.
struct NodeCondition {
  Fitness fitness;
  bool drained = false;
};

/// One virtual router of this node: the election, and all that hangs on its outcome.
///
/// It joins the pure election (vrrp::Router) with the interface, the node's health, the drain and
/// the announcing, and keeps the counts. Which addresses are on the link is the AddressKeeper's;
/// this class only says whether it holds them.
class VirtualRouter {
public:
  VirtualRouter(RouterNumber number,
                VirtualRouterSettings settings,
                std::map<IpAddress, std::string> node_names,
                vrrp::ChecksumForm first_form);

  /// The interface changed. With `adopt` the addresses of an earlier run are still on the link, so
  /// that a router that starts now goes on where that run ended.
  Actions attach(const Attachment& attachment, bool adopt, Instant now);

  /// The node's health or drain changed; `adopt` as for attach().
  Actions judge(const NodeCondition& condition, bool adopt, Instant now);

  /// A datagram of this virtual router's VRID and family arrived on its link.
  Actions receive(const ports::Datagram& datagram, Instant now);

  /// Deadlines may have come.
  Actions expire(Instant now);

  /// Announcements that are due, for those addresses that are `present`.
  Actions announce_due(const std::vector<Prefix>& present, Instant now);

  /// Announces now, as a campaign of its own.
  void announce(Instant now) { plan_.start(now); }

  /// The daemon ends.
  Actions stop(Instant now);

  void count_failure(const SendDatagram& action);
  void count_failure(const SendArp& action);

  void count_repairs(std::uint64_t repairs) { counters_.repairs += repairs; }

  [[nodiscard]] bool holds() const { return router_.state() == vrrp::State::active; }

  [[nodiscard]] vrrp::State state() const { return router_.state(); }

  [[nodiscard]] const VirtualRouterSettings& settings() const { return settings_; }

  [[nodiscard]] const Attachment& attachment() const { return attachment_; }

  [[nodiscard]] std::optional<Instant> router_deadline() const { return router_.deadline(); }

  [[nodiscard]] std::optional<Instant> announce_deadline() const { return plan_.deadline(); }

  /// How long the kernel may keep an address without news from the daemon.
  [[nodiscard]] std::chrono::seconds lease() const;

  /// Everything but what is known of the addresses in the kernel.
  [[nodiscard]] ports::VirtualRouterStatus status(Instant now) const;

private:
  /// Another router's last accepted advertisement.
  struct HeardRouter {
    IpAddress address;
    vrrp::Priority priority;
    Instant at;
  };

  [[nodiscard]] std::string link_problem() const;
  [[nodiscard]] std::string name_of(const IpAddress& address) const;
  Actions reconsider(bool adopt, Instant now);
  Actions take(const vrrp::RouterActions& wishes, Instant now);
  void perform(const vrrp::SendAdvert& send, Instant now, Actions& actions);
  void perform(const vrrp::Announce& announce, Instant now, Actions& actions);
  static void perform(const vrrp::ClaimAddresses& claim, Instant now, Actions& actions);
  void perform(const vrrp::ReleaseAddresses& release, Instant now, Actions& actions);
  Actions note_transition(vrrp::State before, const std::string& why, Instant now);
  [[nodiscard]] SendDatagram advert(vrrp::Priority priority) const;
  Actions reject(const ports::Datagram& datagram, vrrp::Rejection why, Instant now);
  Actions accept(const ports::Datagram& datagram, const vrrp::DecodedAdvert& decoded, Instant now);
  Actions note_differences(const vrrp::Advert& advert, const IpAddress& sender);
  [[nodiscard]] std::string story(const vrrp::Advert& advert, const IpAddress& sender) const;

  RouterNumber number_;
  VirtualRouterSettings settings_;
  std::map<IpAddress, std::string> node_names_;
  vrrp::ChecksumForm form_;
  vrrp::Router router_;
  vrrp::AnnouncePlan plan_;
  Attachment attachment_;
  NodeCondition condition_;
  bool ran_ = false;  ///< from then on what is on the link is not of an earlier run
  EffectivePriority effective_;
  std::optional<HeardRouter> heard_;
  std::string why_;
  Instant since_;
  std::uint64_t transitions_ = 0;
  ports::RouterCounters counters_;
  std::array<std::optional<Instant>, vrrp::rejection_count> told_;  ///< last log line by reason
  bool told_interval_ = false;
  bool told_addresses_ = false;
};

}  // namespace havip::engine
