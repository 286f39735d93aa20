#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/vrrp/transitions.hpp"
#include "sidecar/vrrp/types.hpp"

#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace havip::vrrp {

/// Who need not wait when the Active router goes. Several candidates must not claim at once, so
/// only the one that every listed node knows to be next may skip Skew_Time.
struct Succession {
  bool of_anyone = false;       ///< exactly two nodes are listed: the other one's heir is this one
  std::set<IpAddress> of = {};  ///< otherwise: the senders whose heir this node is

  friend bool operator==(const Succession&, const Succession&) = default;
};

/// What a received advertisement means to the election.
struct Heard {
  IpAddress sender;
  Priority priority;
  Duration interval{};

  friend bool operator==(const Heard&, const Heard&) = default;
};

struct RouterSettings {
  IpAddress own_address;  ///< breaks ties (RFC 9568 section 6.4.3)
  Priority priority;
  Duration interval{};  ///< Advertisement_Interval
  bool preempt = true;
  Duration preempt_delay{};
  Succession succession;
  Version version = Version::v3;
  bool grouped = false;  ///< claims only by claim(), when all of its group are ready to
  bool strict = false;   ///< an owner discards another owner's advertisement too (section 7.1)

  friend bool operator==(const RouterSettings&, const RouterSettings&) = default;
};

/// Advertise now, with this priority.
struct SendAdvert {
  Priority priority;
  friend bool operator==(const SendAdvert&, const SendAdvert&) = default;
};

/// Put the addresses on the link.
struct ClaimAddresses {
  friend bool operator==(const ClaimAddresses&, const ClaimAddresses&) = default;
};

/// Take them off.
struct ReleaseAddresses {
  friend bool operator==(const ReleaseAddresses&, const ReleaseAddresses&) = default;
};

/// Tell the neighbours where the addresses are.
struct Announce {
  friend bool operator==(const Announce&, const Announce&) = default;
};

using RouterAction = std::variant<SendAdvert, ClaimAddresses, ReleaseAddresses, Announce>;
using RouterActions = std::vector<RouterAction>;

/// The election of one virtual router on one interface (RFC 9568 section 6).
///
/// Pure: it is told what happened and when, and answers what to do, in order. It holds no clock;
/// the caller calls expire() when deadline() has come, and must hand over all received
/// advertisements before that, or a delayed process would take over from a living router.
class Router {
public:
  explicit Router(const RouterSettings& settings)
      : settings_{settings}, active_interval_{settings.interval} {}

  /// Takes part from now on (section 6.4.1): first as a backup, but for the address owner.
  RouterActions start(Instant now);

  /// Takes part as the Active router at once, because the addresses of an earlier run are still on
  /// the link. If another router claimed them meanwhile, the first advertisement settles it.
  RouterActions resume(Instant now);

  /// Can be heard from now on. Before it claims for the first time, a router listens for at least
  /// `at_least`: others may advertise more slowly than it does.
  void listen(Instant now, Duration at_least) { listens_until_ = now + at_least; }

  /// Leaves: `stop` for good, `fail` until start() is called again.
  RouterActions stop(Instant now) { return apply(Stimulus::stop, now); }

  RouterActions fail(Instant now) { return apply(Stimulus::fail, now); }

  /// Gives the addresses away with priority 0, and waits as a backup.
  RouterActions cede(Instant now) { return apply(Stimulus::cede, now); }

  RouterActions receive(const Heard& advert, Instant now);

  /// Does nothing before the deadline.
  RouterActions expire(Instant now);

  /// The process was away for so long that others may have taken over, and what they said may be
  /// lost: it listens before it speaks.
  RouterActions pause(Instant now) { return apply(Stimulus::gap, now); }

  /// One of a group that would be Active if the rest could be as well.
  [[nodiscard]] bool is_ready() const { return ready_; }

  /// All of the group are ready.
  RouterActions claim(Instant now);

  /// Another Advertisement_Interval, learnt from a version 2 router that wants it to be the same.
  void set_interval(Duration interval) { settings_.interval = interval; }

  /// Another priority, at once: an Active router tells the others without waiting for its timer.
  RouterActions set_priority(Priority priority, Instant now);

  /// The interface has another primary address.
  void set_own_address(const IpAddress& address) { settings_.own_address = address; }

  [[nodiscard]] State state() const { return state_; }

  [[nodiscard]] std::optional<Instant> deadline() const { return deadline_; }

  [[nodiscard]] Priority priority() const { return settings_.priority; }

  /// What the last advertisement or call was taken for; for logs and counters.
  [[nodiscard]] Stimulus last_stimulus() const { return last_stimulus_; }

  /// Skew_Time and Active_Down_Interval (section 6.1) for the interval learnt last; version 2's
  /// Skew_Time is of a second, whatever the interval (RFC 3768 section 6.1).
  [[nodiscard]] Duration skew_time() const;
  [[nodiscard]] Duration active_down_interval() const;

  friend bool operator==(const Router&, const Router&) = default;

private:
  [[nodiscard]] bool is_next_after(const IpAddress& sender) const;
  [[nodiscard]] bool is_asked_by(const Heard& advert) const;
  [[nodiscard]] Stimulus classify(const Heard& advert, Instant now) const;
  [[nodiscard]] Stimulus classify_as_active(const Heard& advert) const;
  [[nodiscard]] Stimulus classify_as_owner(const Heard& advert) const;
  [[nodiscard]] Stimulus classify_resignation(const Heard& advert) const;
  RouterActions apply(Stimulus stimulus, Instant now);
  RouterActions perform(Stimulus stimulus, Instant now);
  RouterActions advertise(Instant now);
  void leave();
  void forget_others(Instant now);
  void wait(Instant now);

  RouterSettings settings_;
  Duration active_interval_;  ///< Active_Adver_Interval
  State state_ = State::init;
  std::optional<Instant> deadline_;
  std::optional<Instant> waiting_since_;  ///< while a whole Active_Down_Interval is waited for
  std::optional<IpAddress> obeyed_;       ///< sender of the last superior advertisement
  Instant preempt_from_;
  Instant listens_until_;
  bool ready_ = false;
  Stimulus last_stimulus_ = Stimulus::stop;
};

}  // namespace havip::vrrp
