// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/settings.hpp"

#include "sidecar/base/check.hpp"
#include "sidecar/config/resolve.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
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

engine::Auth auth(const std::optional<config::Auth>& from) {
  if (!from) {
    return {};
  }
  if (const auto* const hmac = std::get_if<config::HmacAuth>(&*from)) {
    return engine::HmacAuth{.key = {.id = hmac->key_id, .secret = hmac->key}, .mode = hmac->mode};
  }
  return engine::PasswordAuth{std::get<config::PassAuth>(*from).password};
}

/// Where unicast goes, and from where; nothing of it where there is none.
void address_unicast(const config::Config& config,
                     const config::Node* self,
                     engine::VirtualRouterSettings& settings) {
  if (settings.transport == engine::Transport::multicast) {
    return;
  }
  for (const auto& node : config.nodes) {
    if (node.address.family() != settings.family) {
      continue;
    }
    if (self != nullptr && node.name == self->name) {
      settings.node_address = node.address;
    } else {
      settings.peers.push_back(node.address);
    }
  }
}

/// Long enough to hear a router that advertises every second, as all did before version 3 and many
/// still do: else a node that starts beside one would be Active for a moment too.
constexpr Duration listen_first = std::chrono::milliseconds{1200};

engine::VirtualRouterSettings virtual_router(const config::Config& config,
                                             const config::VirtualRouter& router,
                                             const config::Node* self) {
  engine::VirtualRouterSettings settings{
      .name = router.name,
      .interface = config::interface_on(router, self),
      .vrid = router.vrid,
      .family = config::family_of(router),
      .addresses = router.addresses,
      .group = router.group,
      .version = router.version == 2 ? vrrp::Version::v2 : vrrp::Version::v3,
      .priority = config::priority_on(router, self),
      .advert_interval = router.advert_interval,
      .preempt = router.preempt,
      .preempt_delay = router.preempt_delay,
      .listen_first = listen_first,
      .transport = router.transport,
      .peers = {},
      .node_address = std::nullopt,
      .auth = auth(router.auth),
      .strict = router.strict,
      .succession = succession(config, router, self),
      .peers_relieve = config.nodes.size() > 1};
  address_unicast(config, self, settings);
  return settings;
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

/// Puts one track where it belongs.
struct Collector {
  Conditions& all;
  const config::Track& track;
  std::string node;

  void collect() {
    std::visit([this](const auto& what) { take(what); }, track.what);
  }

  void take(const config::TrackBackend& /*backend*/) {}

  void take(const config::TrackInterface& what) {
    const auto* const name = what.interface.find(node);
    CHECK(name != nullptr);
    all.interfaces.push_back(*name);
    all.interface_conditions.push_back(add("interface " + *name, what.otherwise));
  }

  void take(const config::TrackGateway& what) {
    all.gateways.push_back({.gateway = what.gateway, .interval = what.interval, .fall = what.fall});
    all.gateway_conditions.push_back(add("gateway " + what.gateway.to_string(), what.otherwise));
  }

  void take(const config::TrackCommand& what) {
    std::string words;
    for (const auto& word : what.command) {
      words += " " + word;
    }
    all.commands.push_back(
        {.command = what.command, .interval = what.interval, .timeout = what.timeout});
    all.command_conditions.push_back(add("command" + words, what.otherwise));
  }

  std::size_t add(std::string what, const config::Otherwise& from) {
    all.conditions.push_back({.what = std::move(what),
                              .otherwise = otherwise(from),
                              .recover_after = track.recover_after});
    return all.conditions.size() - 1;
  }
};

}  // namespace

engine::Settings engine_settings(const config::Config& config, const config::Node* node) {
  engine::Settings settings;
  settings.own_name = node == nullptr ? std::string{} : node->name;
  settings.first_form =
      config.nodes.empty() ? vrrp::ChecksumForm::pseudo_header : vrrp::ChecksumForm::message;
  for (const auto& listed : config.nodes) {
    settings.node_names.emplace(listed.address, listed.name);
    if (node != nullptr && listed.name != node->name && config.nodes.size() == 2) {
      settings.only_peer = listed.name;
    }
  }
  for (const auto& router : config.virtual_routers) {
    settings.virtual_routers.push_back(virtual_router(config, router, node));
  }
  settings.tracked_links = conditions(config, node).interfaces;
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

Conditions conditions(const config::Config& config, const config::Node* node) {
  Conditions all;
  for (const auto& track : config.tracks) {
    Collector{all, track, node == nullptr ? std::string{} : node->name}.collect();
  }
  return all;
}

std::vector<std::vector<std::string>> hook_commands(const config::Config& config) {
  std::vector<std::vector<std::string>> commands;
  std::ranges::transform(config.hooks, std::back_inserter(commands), &config::Hook::command);
  return commands;
}

std::set<IpAddress> virtual_addresses(const config::Config& config) {
  std::set<IpAddress> all;
  for (const auto& router : config.virtual_routers) {
    for (const auto& prefix : router.addresses) {
      all.insert(prefix.address);
    }
  }
  return all;
}

haproxy::Watcher::Settings watcher_settings(const config::Config& config) {
  haproxy::Watcher::Settings settings{.socket = config.haproxy.socket,
                                      .interval = config.haproxy.interval,
                                      .timeout = config.haproxy.timeout,
                                      .ring = config.haproxy.ring};
  if (const auto& log = config.haproxy.log_listen) {
    settings.log = haproxy::LogAddress{.address = log->address, .port = log->port};
  }
  return settings;
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
