#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The composition root: makes the parts of the daemon from the configuration, joins them, and
// takes them down in order. What runs here is the service thread; see election_thread.hpp for the
// other one.
#include "haproxy/watcher.hpp"
#include "sidecar/app/command_checks.hpp"
#include "sidecar/app/election_thread.hpp"
#include "sidecar/app/gateway_checks.hpp"
#include "sidecar/app/hooks.hpp"
#include "sidecar/app/node_admin.hpp"
#include "sidecar/app/settings.hpp"
#include "sidecar/async/task_group.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/config/model.hpp"
#include "sidecar/engine/health_gate.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/ports/admin.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace havip::app {

class Daemon {
public:
  /// `node` is this node of the configuration, or null when none are configured; `name` is what it
  /// calls itself.
  Daemon(const config::Config& config,
         const config::Node* node,
         const std::string& name,
         LogSink log);

  /// Opens sockets; the error names the one that could not be, and what it needs.
  Result<> open();

  /// Runs until a signal asks it to end, then gives the addresses back. 0, or 1 after a bug.
  int run();

private:
  async::Task<> receive_news();
  async::Task<> recover_health();
  async::Task<> keep_house();
  async::Task<> await_signals();
  async::Task<> end();

  void take(const News& news);
  void see_links(const ports::ElectionStatus& status);
  void see_condition(std::size_t index, bool holds, std::string detail);
  void judge_health();
  void judge_again();
  [[nodiscard]] bool holds_something() const;

  LogSink log_;
  boost::asio::io_context io_{1};
  ElectionThread election_;
  NodeAdmin admin_;
  Conditions conditions_;
  engine::HealthGate gate_;
  std::optional<engine::Fitness> told_;
  std::vector<ports::LinkStatus> links_;  ///< the tracked ones, as they were told last
  haproxy::Watcher watcher_;
  GatewayChecks gateways_;
  CommandChecks commands_;
  Hooks hooks_;
  std::unique_ptr<ports::CallerIdentity> identity_;
  std::vector<http::Listen> listen_;
  std::optional<http::Server> server_;
  boost::asio::posix::stream_descriptor news_;
  boost::asio::steady_timer recovery_;
  boost::asio::signal_set signals_;
  async::TaskGroup tasks_;
  bool ended_ = false;
};

}  // namespace havip::app
