// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/node_admin.hpp"

#include "metrics/render.hpp"
#include "sidecar/async/task.hpp"
#include "sidecar/base/version.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace havip::app {
namespace {

/// The election thread publishes at least once a second.
constexpr Duration longest_silence = std::chrono::seconds{5};

Error busy() {
  return {std::make_error_code(std::errc::resource_unavailable_try_again),
          "the election thread takes no commands"};
}

}  // namespace

NodeAdmin::NodeAdmin(std::string node,
                     std::vector<ports::PeerStatus> peers,
                     const std::string& state_directory,
                     Post post)
    : node_{std::move(node)},
      peers_{std::move(peers)},
      store_{state_directory},
      post_{std::move(post)},
      started_{async::monotonic_now()},
      drain_{store_.load()},
      election_{std::make_shared<const ports::ElectionStatus>()} {
  haproxy_.detail = "it was not asked yet";
  if (drain_) {
    static_cast<void>(tell_election(true));
  }
}

std::shared_ptr<const ports::NodeStatus> NodeAdmin::status() const {
  auto status = std::make_shared<ports::NodeStatus>();
  status->node = node_;
  status->version = version;
  status->pid = ::getpid();
  status->now = async::monotonic_now();
  status->wall_now = std::chrono::system_clock::now();
  status->started = started_;
  status->drain = drain_;
  status->haproxy = haproxy_;
  status->election = *election_;
  status->peers = peers_;
  status->tracks = tracks_;
  for (auto& peer : status->peers) {
    for (const auto& router : election_->virtual_routers) {
      const auto& active = router.active_router;
      if (active && active->address == peer.address && router.last_advert) {
        peer.last_heard = std::max(peer.last_heard.value_or(Instant::min()), *router.last_advert);
      }
    }
  }
  return status;
}

Result<> NodeAdmin::tell_election(bool drained) {
  return post_(engine::DrainChanged{drained}) ? Result<>{} : Result<>{busy()};
}

Result<> NodeAdmin::drain(const ports::DrainRequest& request) {
  const auto now = std::chrono::system_clock::now();
  ports::DrainRecord record{
      .reason = request.reason, .until = std::nullopt, .since = drain_ ? drain_->since : now};
  if (request.lasting) {
    record.until = now + std::chrono::duration_cast<ports::WallTime::duration>(*request.lasting);
  }
  if (auto saved = store_.save(record); !saved) {
    return saved;
  }
  if (auto told = tell_election(true); !told) {
    static_cast<void>(drain_ ? store_.save(*drain_) : store_.forget());
    return told;
  }
  drain_ = record;
  return {};
}

Result<> NodeAdmin::undrain() {
  if (auto forgotten = store_.forget(); !forgotten) {
    return forgotten;
  }
  if (auto told = tell_election(false); !told) {
    static_cast<void>(drain_ ? store_.save(*drain_) : Result<>{});
    return told;
  }
  drain_.reset();
  return {};
}

Result<> NodeAdmin::announce() {
  const bool holds = std::ranges::any_of(election_->virtual_routers, [](const auto& router) {
    return router.state == vrrp::State::active;
  });
  if (!holds) {
    return Error{std::make_error_code(std::errc::operation_not_permitted),
                 "this node holds no virtual address now"};
  }
  return post_(engine::AnnounceRequested{}) ? Result<>{} : Result<>{busy()};
}

std::string NodeAdmin::metrics() const {
  return havip::metrics::render(*status(), http_);
}

std::optional<std::string> NodeAdmin::stuck_because() const {
  const auto silence = async::monotonic_now() - std::max(election_->at, started_);
  if (silence <= longest_silence) {
    return std::nullopt;
  }
  return "the election thread has not turned for " +
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(silence).count()) + " s";
}

void NodeAdmin::count_request(std::string_view method, std::string_view path, unsigned code) {
  http_.count(method, path, code);
}

void NodeAdmin::set_election(std::shared_ptr<const ports::ElectionStatus> election) {
  election_ = std::move(election);
}

Instant NodeAdmin::expire_drain(Instant now) {
  if (!drain_ || !drain_->until) {
    return Instant::max();
  }
  const auto left = *drain_->until - std::chrono::system_clock::now();
  if (left <= ports::WallTime::duration{} && undrain()) {
    return Instant::max();
  }
  // The wall clock may jump: look again soon even when the end is far.
  const auto pause =
      std::clamp<Duration>(left, std::chrono::milliseconds{10}, std::chrono::seconds{10});
  return now + pause;
}

}  // namespace havip::app
