#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/events.hpp"
#include "sidecar/engine/fitness.hpp"
#include "sidecar/engine/listener.hpp"
#include "sidecar/engine/observer.hpp"
#include "sidecar/engine/settings.hpp"
#include "sidecar/engine/speaker.hpp"
#include "sidecar/ports/status.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/announce_plan.hpp"
#include "sidecar/vrrp/router.hpp"

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
/// the announcing, and keeps the counts. How it speaks, whom it believes and what it makes of the
/// others are the Speaker's, the Listener's and the Observer's. Which addresses are on the link is
/// the AddressKeeper's; this class only says whether it holds them.
class VirtualRouter {
public:
  VirtualRouter(RouterNumber number, VirtualRouterSettings settings, const Settings& node);

  /// The interface changed; judge() follows. Whether there is anything new.
  bool attach(const Attachment& attachment, Instant now);

  /// The interface, the node's health or drain changed, or what the rest of its group can do:
  /// `group_problem` says why that can not be Active. With `adopt` the addresses of an earlier run
  /// are still on the link, so that a router that starts now goes on where that run ended.
  Actions judge(const NodeCondition& condition,
                const std::string& group_problem,
                bool adopt,
                Instant now);

  /// A datagram of this virtual router's VRID and family arrived on its link.
  Actions receive(const ports::Datagram& datagram, Instant now);

  /// If the process stood still for too long, the router listens before it speaks. To be called
  /// first of all: what waits to be handled may make it renew what it must let go.
  Actions notice_gap(Instant now);

  /// Deadlines may have come.
  Actions expire(Instant now);

  /// All of its group are ready to be Active.
  Actions claim(Instant now);

  /// Another one of its group is not Active, `why`.
  Actions follow_group(const std::string& why, Instant now);

  /// Announcements that are due, for those addresses that are `present`.
  Actions announce_due(const std::vector<Prefix>& present, Instant now);

  /// Announces now, as a campaign of its own.
  void announce(Instant now) { plan_.start(now); }

  /// The daemon ends.
  Actions stop(Instant now);

  /// The wall clock at Instant{}; for signed advertisements.
  void set_wall_clock(vrrp::WallTime at_zero) { wall_at_zero_ = at_zero; }

  void count_failure(const SendDatagram& action);
  void count_announce_failure();

  void count_repairs(std::uint64_t repairs) { counters_.repairs += repairs; }

  [[nodiscard]] bool holds() const { return router_.state() == vrrp::State::active; }

  /// One of a group that waits for the rest of it.
  [[nodiscard]] bool is_ready() const { return router_.is_ready(); }

  /// Why the interface can not be used; empty when it can.
  [[nodiscard]] std::string link_problem() const;

  /// Changes whenever what must be in the kernel may have changed.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

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
  [[nodiscard]] std::optional<IpAddress> source() const;
  Actions reconsider(const std::string& group_problem, bool adopt, Instant now);
  Actions take_part(bool adopt, Instant now);
  Actions take(const vrrp::RouterActions& wishes, Instant now);
  void perform(const vrrp::SendAdvert& send, Instant now, Actions& actions);
  void perform(const vrrp::Announce& announce, Instant now, Actions& actions);
  static void perform(const vrrp::ClaimAddresses& claim, Instant now, Actions& actions);
  void perform(const vrrp::ReleaseAddresses& release, Instant now, Actions& actions);
  Actions note_transition(vrrp::State before, const std::string& why, Instant now);
  Actions accept(const ports::Datagram& datagram, const vrrp::DecodedAdvert& decoded, Instant now);
  void count_sender(const IpAddress& sender);
  void learn_interval(const vrrp::Advert& advert);
  [[nodiscard]] std::string story(const vrrp::Advert& advert, const IpAddress& sender) const;
  [[nodiscard]] std::string silence(Instant now) const;

  RouterNumber number_;
  VirtualRouterSettings settings_;
  Duration interval_;  ///< that of the settings, or the one learnt in version 2
  vrrp::Router router_;
  vrrp::AnnouncePlan plan_;
  Speaker speaker_;
  Listener listener_;
  Observer observer_;
  Attachment attachment_;
  NodeCondition condition_;
  bool heard_ = false;  ///< the interface could be used at some time
  bool ran_ = false;    ///< from then on what is on the link is not of an earlier run
  EffectivePriority effective_;
  vrrp::WallTime wall_at_zero_;
  std::string why_;
  Instant since_;
  std::uint64_t transitions_ = 0;
  std::uint64_t generation_ = 0;
  ports::RouterCounters counters_;
};

}  // namespace havip::engine
