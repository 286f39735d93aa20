#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"
#include "sidecar/async/task_group.hpp"
#include "sidecar/base/ip.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/net/gateway_probe.hpp"
#include "sidecar/netlink/path_finder.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace havip::app {

/// A gateway that has to answer.
struct GatewayTrack {
  IpAddress gateway;
  Duration interval{};  ///< between two questions
  int fall = 1;         ///< so many unanswered ones in a row are a failure

  friend bool operator==(const GatewayTrack&, const GatewayTrack&) = default;
};

/// Asks gateways whether they are there, each every `interval`, and tells what comes of it.
///
/// The kernel's route to the gateway is looked up anew for each question. Where the gateway is on
/// the link, the link is asked for it (ARP, neighbour discovery), and after half of the interval
/// without an answer the gateway itself (echo); else it is asked by echo both times. Any answer
/// within the interval is good. A question that could not be asked is an unanswered one. Questions
/// come from an address of the node's own.
///
/// One thread, the executor's; nothing here blocks or throws.
class GatewayChecks {
public:
  /// The text goes on after the gateway's address: "does not answer".
  using OnResult = std::function<void(std::size_t track, bool well, std::string detail)>;

  /// `on_result` is called with the first result of a track, whose place in `tracks` it gets, and
  /// whenever that changes. It must not throw.
  GatewayChecks(boost::asio::any_io_executor executor,
                std::vector<GatewayTrack> tracks,
                std::set<IpAddress> virtual_addresses,
                OnResult on_result);

  /// Asks until it is cancelled.
  async::Task<> run();

private:
  /// What one gateway was asked and answered.
  struct Watch;
  enum class Heard : unsigned char { answer, silence, cancelled };

  async::Task<> watch(std::size_t index);
  async::Task<Heard> ask(Watch& watch, Instant begin);
  static async::Task<Heard> listen(Watch& watch, Instant until);
  std::string begin_question(Watch& watch);
  void judge(Watch& watch, bool answered);

  boost::asio::any_io_executor executor_;
  std::vector<GatewayTrack> tracks_;
  std::set<IpAddress> virtual_addresses_;
  OnResult on_result_;
  std::optional<netlink::PathFinder> paths_;
  async::TaskGroup tasks_;
};

}  // namespace havip::app
