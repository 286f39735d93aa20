#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/facts.hpp"
#include "metrics/http_counters.hpp"
#include "sidecar/app/drain_store.hpp"
#include "sidecar/engine/events.hpp"
#include "sidecar/ports/admin.hpp"
#include "sidecar/ports/status.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace havip::app {

/// What the admin endpoint asks of this node. Puts the status together from what the election
/// thread, HAProxy's watcher and the drain store told, and passes commands on. Service thread.
class NodeAdmin : public ports::Admin {
public:
  /// Hands an event to the election; false when it does not take any more.
  using Post = std::function<bool(engine::Event)>;

  NodeAdmin(std::string node,
            std::vector<ports::PeerStatus> peers,
            const std::string& state_directory,
            Post post);

  [[nodiscard]] std::shared_ptr<const ports::NodeStatus> status() const override;
  Result<> drain(const ports::DrainRequest& request) override;
  Result<> undrain() override;
  Result<> announce() override;
  [[nodiscard]] std::string metrics() const override;
  [[nodiscard]] std::optional<std::string> stuck_because() const override;
  void count_request(std::string_view method, std::string_view path, unsigned code) override;

  /// News from the others.
  void set_election(std::shared_ptr<const ports::ElectionStatus> election);

  void set_haproxy(const haproxy::Facts& facts) { haproxy_ = facts; }

  void set_tracks(std::vector<ports::TrackStatus> tracks) { tracks_ = std::move(tracks); }

  /// Undrains when a drain's end has come; answers when to call again at the latest.
  Instant expire_drain(Instant now);

private:
  Result<> tell_election(bool drained);

  std::string node_;
  std::vector<ports::PeerStatus> peers_;
  DrainStore store_;
  Post post_;
  Instant started_;
  std::optional<ports::DrainRecord> drain_;
  std::shared_ptr<const ports::ElectionStatus> election_;
  haproxy::Facts haproxy_;
  std::vector<ports::TrackStatus> tracks_;
  havip::metrics::HttpCounters http_;
};

}  // namespace havip::app
