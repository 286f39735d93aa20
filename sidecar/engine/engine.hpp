#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The engine decides everything that the election thread does. It is a pure function of its state,
// an event and the present, and answers with actions: the daemon performs them in the kernel, the
// simulator in a model of one.
//
//   datagrams, kernel events,      +--------+   actions: send, add, remove, tell
//   fitness, drain, the clock ---> | Engine | -------------------------------------> Interpreter
//                                  +--------+ <-------------------------------------
//                                      |         how each of them ended
//                                      v status(): what is published
#include "sidecar/engine/address_keeper.hpp"
#include "sidecar/engine/events.hpp"
#include "sidecar/engine/links.hpp"
#include "sidecar/engine/settings.hpp"
#include "sidecar/engine/virtual_router.hpp"
#include "sidecar/ports/status.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace havip::engine {

class Engine {
public:
  explicit Engine(const Settings& settings);

  /// Takes an event and answers what is to be done now, in order. Whoever performs the actions
  /// reports each with performed(), and calls again with Tick while deadline() has come: some
  /// actions follow only from the success of others.
  ///
  /// All datagrams that wait must be handed in before a Tick, or a process that was delayed would
  /// take over from a router that lives.
  Actions handle(const Event& event, Instant now);

  /// How an action of handle() ended; no failure means success. Answers what the log should say.
  std::optional<Tell> performed(const Action& action, const Error* failure, Instant now);

  /// When to call with Tick.
  [[nodiscard]] std::optional<Instant> deadline() const;

  /// What the wall clock shows now; signed advertisements carry it. To be told whenever it was set.
  void see_wall_clock(vrrp::WallTime wall, Instant now);

  [[nodiscard]] ports::ElectionStatus status(Instant now) const;

private:
  using TransportKey = std::pair<ports::LinkIndex, Family>;
  /// What a datagram says of the virtual router that it is for.
  using WireName = std::tuple<ports::LinkIndex, Family, vrrp::Vrid>;

  Actions on(const Tick& tick, Instant now);
  Actions on(const ports::KernelEvent& event, Instant now);
  Actions on(const ports::Datagram& datagram, Instant now);
  Actions on(const Fitness& fitness, Instant now);
  Actions on(const DrainChanged& change, Instant now);
  Actions on(const AnnounceRequested& request, Instant now);
  Actions on(const StopRequested& request, Instant now);

  Actions attach_all(Instant now);
  Actions follow_tracked_links();
  [[nodiscard]] bool changes_nothing_here(const ports::KernelEvent& event) const;
  std::optional<Tell> ended(const AddAddress& add, const Error* failure, Instant now);
  std::optional<Tell> ended(const RemoveAddress& remove, const Error* failure, Instant now);
  std::optional<Tell> ended(const OpenTransport& open, const Error* failure, Instant now);
  static std::optional<Tell> ended(const CloseTransport& close, const Error* failure, Instant now);
  std::optional<Tell> ended(const SendDatagram& send, const Error* failure, Instant now);
  std::optional<Tell> ended(const SendArp& arp, const Error* failure, Instant now);
  std::optional<Tell> ended(const SendNeighbourAdvert& advert, const Error* failure, Instant now);
  std::optional<Tell> announced(RouterNumber router, const Error* failure);
  static std::optional<Tell> ended(const Tell& tell, const Error* failure, Instant now);

  Actions judge_all(Instant now);
  Actions settle(Instant now);
  Actions settle_groups(Instant now);
  Actions settle_group(const std::vector<std::size_t>& members, Instant now);
  [[nodiscard]] std::map<std::string, std::string> group_problems() const;
  [[nodiscard]] std::uint64_t generation() const;
  Actions announce(Instant now);
  Actions settle_transports(Instant now);
  void declare_addresses();
  void note_repairs(Instant now);
  [[nodiscard]] bool adoptable(const VirtualRouter& router) const;
  [[nodiscard]] bool has_leftovers_of(const VirtualRouter& router) const;
  [[nodiscard]] bool has_present(const VirtualRouter& router) const;
  [[nodiscard]] std::vector<Prefix> present_addresses(const VirtualRouter& router) const;
  std::optional<Tell> tell_of(const std::string& object, const Error* failure);

  /// Tells of a refusal and of its end, each once. `object` answers what it is about, and is asked
  /// only if there may be something to tell: nearly all that is done succeeds.
  template <class Object>
  std::optional<Tell> tell_once(const Object& object, const Error* failure) {
    return failure == nullptr && refusals_.empty() ? std::nullopt : tell_of(object(), failure);
  }

  void note_lag(Duration lag, Instant now);

  Links links_;
  std::vector<std::string> tracked_links_;
  std::vector<ports::LinkStatus> tracked_;  ///< what was told of them; empty at first
  AddressKeeper addresses_;
  std::vector<VirtualRouter> routers_;
  std::map<std::string, std::vector<std::size_t>> groups_;  ///< the routers of each
  std::map<WireName, std::size_t> by_wire_name_;
  std::set<IpAddress> virtual_addresses_;
  NodeCondition condition_;
  bool stopped_ = false;
  bool converges_ = false;  ///< the kernel's addresses changed
  std::uint64_t settled_ = std::numeric_limits<std::uint64_t>::max();  ///< at which generation()
  std::optional<vrrp::WallTime> wall_at_zero_;

  std::set<TransportKey> open_;
  std::map<TransportKey, Instant> reopen_at_;  ///< after a refusal
  std::set<TransportKey> deaf_;                ///< refused: nobody can be heard there
  std::optional<Instant> hearing_changed_at_;  ///< until the routers were told
  std::map<std::string, std::string> refusals_;
  std::uint64_t unknown_vrid_ = 0;
  std::optional<Instant> told_unknown_vrid_;
  std::uint64_t netlink_errors_ = 0;
  Instant lag_window_;
  Duration lag_now_{};
  Duration lag_before_{};
};

}  // namespace havip::engine
