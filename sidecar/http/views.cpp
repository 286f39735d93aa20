// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/views.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstdio>

namespace havip::http {
namespace {

using Json = nlohmann::ordered_json;
using ports::NodeStatus;

/// Names come from configurations that need not be UTF-8; dump() would throw on them.
std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// In seconds with three decimals, which is as exact as anybody wants to read.
double seconds(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
  return static_cast<double>(ms.count()) / 1000.0;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string_view to_string(ports::Reachability reachable) {
  switch (reachable) {
    case ports::Reachability::unverified:
      return "unverified";
    case ports::Reachability::verified:
      return "verified";
    case ports::Reachability::stale:
      return "stale";
  }
  return {};
}

Json json_of(const haproxy::Facts& facts) {
  Json backends = Json::array();
  for (const auto& backend : facts.backends) {
    backends.push_back({
        {"name", backend.name},
        {"state", backend.up ? "up" : "down"},
        {"servers_up", backend.servers_up},
        {"servers_total", backend.servers_total},
        {"healthy_share", backend.healthy_share},
    });
  }
  return {
      {"state", haproxy::to_string(facts.state)},
      {"pid", facts.pid},
      {"version", facts.version},
      {"uptime_seconds", facts.uptime.count()},
      {"source", facts.source == haproxy::Source::events ? "events" : "poll"},
      {"source_reason", facts.source_reason},
      {"backends", std::move(backends)},
      {"detail", facts.detail},
  };
}

Json json_of(const std::optional<ports::ActiveRouter>& router) {
  if (!router) {
    return nullptr;
  }
  return {
      {"address", router->address.to_string()},
      {"priority", router->priority.value},
      {"name", router->name},
  };
}

Json priority_json(const ports::VirtualRouterStatus& router) {
  Json reasons = Json::array();
  for (const auto& reason : router.reasons) {
    reasons.push_back({{"what", reason.what}, {"change", reason.change}});
  }
  return {
      {"configured", router.configured.value},
      {"effective", router.effective.value},
      {"reasons", std::move(reasons)},
  };
}

Json json_of(const ports::VirtualRouterStatus& router, const NodeStatus& status) {
  Json addresses = Json::array();
  for (const auto& address : router.addresses) {
    addresses.push_back({
        {"address", address.address.to_string()},
        {"present", address.present},
        {"reachable", to_string(address.reachable)},
    });
  }
  return {
      {"name", router.name},
      {"vrid", router.vrid.value},
      {"family", havip::to_string(router.family)},
      {"version", router.version},
      {"interface", router.interface},
      {"group", or_null(router.group)},
      {"state", vrrp::to_string(router.state)},
      {"since", rfc3339(status.wall(router.since))},
      {"transitions", router.transitions},
      {"priority", priority_json(router)},
      {"advert_interval_seconds", seconds(router.advert_interval)},
      {"active_router", json_of(router.active_router)},
      {"addresses", std::move(addresses)},
      {"routes", Json::array()},
      {"why", router.why},
      {"problems", router.problems},
  };
}

Json json_of(const ports::PeerStatus& peer, const NodeStatus& status) {
  const auto heard =
      peer.last_heard ? std::optional{rfc3339(status.wall(*peer.last_heard))} : std::nullopt;
  return {
      {"name", peer.name},
      {"address", peer.address.to_string()},
      {"link", "off"},
      {"drained", nullptr},
      {"haproxy", nullptr},
      {"ready", nullptr},
      {"config_matches", nullptr},
      {"last_heard", or_null(heard)},
  };
}

Json json_of(const ports::TrackStatus& track, const NodeStatus& status) {
  const auto since = track.since ? std::optional{rfc3339(status.wall(*track.since))} : std::nullopt;
  return {
      {"what", track.what},
      {"state", ports::to_string(track.state)},
      {"detail", track.detail},
      {"since", or_null(since)},
  };
}

Json json_of(const std::optional<ports::DrainRecord>& drain) {
  Json json{{"reason", nullptr}, {"until", nullptr}, {"connections", 0}};
  if (drain) {
    json["reason"] = or_null(drain->reason);
    json["until"] = drain->until ? Json(rfc3339(*drain->until)) : Json(nullptr);
  }
  return json;
}

}  // namespace

std::string rfc3339(ports::WallTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(ms);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{ms - day};
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(),
                                   text.size(),
                                   "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                                   static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()),
                                   static_cast<unsigned>(date.day()),
                                   static_cast<int>(clock.hours().count()),
                                   static_cast<int>(clock.minutes().count()),
                                   static_cast<int>(clock.seconds().count()),
                                   static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string name_of(const ports::ActiveRouter& router) {
  const auto address = router.address.to_string();
  return router.name.empty() ? address : router.name + " (" + address + ")";
}

std::string status_json(const NodeStatus& status) {
  Json routers = Json::array();
  for (const auto& router : status.election.virtual_routers) {
    routers.push_back(json_of(router, status));
  }
  Json peers = Json::array();
  for (const auto& peer : status.peers) {
    peers.push_back(json_of(peer, status));
  }
  Json tracks = Json::array();
  for (const auto& track : status.tracks) {
    tracks.push_back(json_of(track, status));
  }
  return line({
      {"node", status.node},
      {"version", status.version},
      {"pid", status.pid},
      {"uptime_seconds", seconds(status.now - status.started)},
      {"generation", status.generation},
      {"drained", status.drain.has_value()},
      {"drain", json_of(status.drain)},
      {"haproxy", json_of(status.haproxy)},
      {"virtual_routers", std::move(routers)},
      {"peers", std::move(peers)},
      {"tracks", std::move(tracks)},
  });
}

std::string drain_state_json(const NodeStatus& status) {
  Json routers = Json::array();
  for (const auto& router : status.election.virtual_routers) {
    routers.push_back({
        {"name", router.name},
        {"state", vrrp::to_string(router.state)},
        {"active_router", json_of(router.active_router)},
    });
  }
  Json json{{"drained", status.drain.has_value()}};
  json.update(json_of(status.drain));
  json["since"] = status.drain ? Json(rfc3339(status.drain->since)) : Json(nullptr);
  json["virtual_routers"] = std::move(routers);
  return line(json);
}

std::string drain_state_text(const NodeStatus& status) {
  std::string text = "not drained";
  if (status.drain) {
    text = "drained since " + rfc3339(status.drain->since);
    if (status.drain->until) {
      text += " until " + rfc3339(*status.drain->until);
    }
    if (status.drain->reason) {
      text += ": " + *status.drain->reason;
    }
  }
  text += "\n";
  for (const auto& router : status.election.virtual_routers) {
    text += router.name + ": " + std::string{vrrp::to_string(router.state)} + " here";
    if (router.active_router && router.state != vrrp::State::active) {
      text += ", active on " + name_of(*router.active_router);
    }
    text += "\n";
  }
  return text;
}

std::string verdict_json(std::string_view key,
                         bool value,
                         const std::vector<std::string>& reasons) {
  Json json;
  json[std::string{key}] = value;
  json["reasons"] = reasons;
  return line(json);
}

std::string active_json(const NodeStatus& status, const std::optional<std::string>& name) {
  Json routers = Json::array();
  for (const auto& router : status.election.virtual_routers) {
    if (!name || router.name == *name) {
      routers.push_back({{"name", router.name}, {"state", vrrp::to_string(router.state)}});
    }
  }
  return line({{"active", ports::is_active(status, name)}, {"virtual_routers", routers}});
}

std::string active_text(const NodeStatus& status, const std::optional<std::string>& name) {
  std::string text;
  std::string known;
  for (const auto& router : status.election.virtual_routers) {
    if (!name || router.name == *name) {
      text += router.name + ": " + std::string{vrrp::to_string(router.state)} + "\n";
    }
    known += (known.empty() ? "" : ", ") + router.name;
  }
  if (!text.empty()) {
    return text;
  }
  return known.empty() ? "this node has no virtual router\n"
                       : "no such virtual router; there are: " + known + "\n";
}

std::string one_key_json(std::string_view key, const std::string& value) {
  Json json;
  json[std::string{key}] = value;
  return line(json);
}

}  // namespace havip::http
