// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/settings.hpp"

#include "sidecar/config/resolve.hpp"

#include <tuple>
#include <utility>
#include <variant>

namespace havip::app {
namespace {

/// Whose heir a node is: after which other node's end every listed node knows it to be next.
vrrp::Succession succession(const config::Config& config,
                            const config::VirtualRouter& router,
                            const config::Node* self) {
  vrrp::Succession result;
  if (self == nullptr) {
    return result;
  }
  if (config.nodes.size() == 2) {
    result.of_anyone = true;
    return result;
  }
  const auto rank = [&](const config::Node& node) {
    return std::tuple{config::priority_on(router, &node), node.address};
  };
  for (const auto& gone : config.nodes) {
    bool first = gone.name != self->name;
    for (const auto& other : config.nodes) {
      const bool stays = other.name != gone.name && other.name != self->name;
      first = first && (!stays || rank(*self) > rank(other));
    }
    if (first) {
      result.of.insert(gone.address);
    }
  }
  return result;
}

engine::Otherwise otherwise(const config::Otherwise& from) {
  if (const auto* const lower = std::get_if<config::Lower>(&from)) {
    return engine::OtherwiseLower{lower->by};
  }
  if (std::holds_alternative<config::Fault>(from)) {
    return engine::OtherwiseFault{};
  }
  return engine::OtherwiseYield{};
}

engine::AtLeast at_least(const config::AtLeast& from) {
  if (const auto* const servers = std::get_if<config::Servers>(&from)) {
    return engine::AtLeastServers{static_cast<int>(servers->count)};
  }
  return engine::AtLeastShare{std::get<config::WeightShare>(from).percent / 100.0};
}

}  // namespace

engine::Settings engine_settings(const config::Config& config, const config::Node* node) {
  engine::Settings settings;
  settings.first_form =
      config.nodes.empty() ? vrrp::ChecksumForm::pseudo_header : vrrp::ChecksumForm::message;
  for (const auto& listed : config.nodes) {
    settings.node_names.emplace(listed.address, listed.name);
  }
  for (const auto& router : config.virtual_routers) {
    settings.virtual_routers.push_back({.name = router.name,
                                        .interface = config::interface_on(router, node),
                                        .vrid = router.vrid,
                                        .family = config::family_of(router),
                                        .addresses = router.addresses,
                                        .priority = config::priority_on(router, node),
                                        .advert_interval = router.advert_interval,
                                        .preempt = router.preempt,
                                        .preempt_delay = router.preempt_delay,
                                        .succession = succession(config, router, node),
                                        .peers_relieve = config.nodes.size() > 1});
  }
  return settings;
}

std::vector<engine::BackendTrack> tracks(const config::Config& config) {
  std::vector<engine::BackendTrack> result;
  for (const auto& track : config.tracks) {
    if (const auto* const backend = std::get_if<config::TrackBackend>(&track.what)) {
      engine::BackendTrack row{.pattern = backend->backend,
                               .at_least = std::nullopt,
                               .otherwise = otherwise(backend->otherwise),
                               .recover_after = track.recover_after};
      if (backend->at_least) {
        row.at_least = at_least(*backend->at_least);
      }
      result.push_back(std::move(row));
    }
  }
  return result;
}

haproxy::Watcher::Settings watcher_settings(const config::Config& config) {
  return {.socket = config.haproxy.socket,
          .interval = config.haproxy.interval,
          .timeout = config.haproxy.timeout};
}

std::vector<http::Listen> listeners(const config::Config& config) {
  std::vector<http::Listen> result;
  for (const auto& listener : config.http.listen) {
    http::Listen where;
    if (const auto* const socket = std::get_if<config::UnixSocket>(&listener)) {
      where.unix_path = socket->path;
    } else {
      const auto& endpoint = std::get<config::Endpoint>(listener);
      where.address = endpoint.address;
      where.port = endpoint.port;
    }
    result.push_back(std::move(where));
  }
  return result;
}

std::vector<ports::PeerStatus> peers(const config::Config& config, const config::Node* node) {
  std::vector<ports::PeerStatus> result;
  for (const auto& listed : config.nodes) {
    if (node == nullptr || listed.name != node->name) {
      result.push_back(
          {.name = listed.name, .address = listed.address, .last_heard = std::nullopt});
    }
  }
  return result;
}

}  // namespace havip::app
