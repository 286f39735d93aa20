// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/scenario.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace havip::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t first_vrid = 51;

/// The address that stands in the configuration, by which the nodes are known.
IpAddress listed_address(int node) {
  return address_of(node, 0, Family::ipv4);
}

/// Every listed node knows who comes after whom, as the daemon derives it from the configuration.
vrrp::Succession succession_of(const Scenario& scenario, const RouterPlan& router, int self) {
  if (scenario.nodes() == 2) {
    return {.of_anyone = true, .of = {}};
  }
  const auto rank = [&](int node) {
    return std::pair{router.priorities.at(static_cast<std::size_t>(node)), listed_address(node)};
  };
  vrrp::Succession result;
  for (int gone = 0; gone < scenario.nodes(); ++gone) {
    bool first = gone != self;
    for (int other = 0; other < scenario.nodes(); ++other) {
      first = first && (other == gone || other == self || rank(self) > rank(other));
    }
    if (first) {
      result.of.insert(listed_address(gone));
    }
  }
  return result;
}

engine::Auth auth_of(const Scenario& scenario) {
  if (!scenario.is_signed) {
    return {};
  }
  constexpr std::size_t key_size = 32;
  return engine::HmacAuth{
      .key = {.id = 1, .secret = Secret{std::vector<std::byte>(key_size, std::byte{7})}},
      .mode = engine::HmacMode::enforce};
}

std::vector<Prefix> addresses_of(const Scenario& scenario, std::size_t router) {
  const auto& plan = scenario.routers.at(router);
  std::vector<Prefix> result;
  for (int i = 0; i < scenario.addresses; ++i) {
    const auto host = 10 + 10 * router + static_cast<std::size_t>(i);
    if (plan.family == Family::ipv4) {
      result.push_back({IpAddress::v4(0xC0000200U + static_cast<std::uint32_t>(host)), 24});
    } else {
      const std::string network = i == 0 ? "fe80::5:" : "2001:db8::";
      result.push_back({*IpAddress::parse(network + std::to_string(host)), 64});
    }
  }
  return result;
}

}  // namespace

int Scenario::wires() const {
  int most = 0;
  for (const auto& router : routers) {
    most = std::max(most, router.wire);
  }
  return most + 1;
}

std::vector<Unit> units_of(const Scenario& scenario) {
  std::vector<Unit> units;
  for (std::size_t i = 0; i < scenario.routers.size(); ++i) {
    if (i == 0 || !scenario.grouped) {
      units.emplace_back();
    }
    units.back().push_back(i);
  }
  return units;
}

IpAddress address_of(int node, int wire, Family family) {
  const auto host = 11 + node;
  if (family == Family::ipv4) {
    return IpAddress::v4(0x0A000000U + 256U * static_cast<std::uint32_t>(wire) +
                         static_cast<std::uint32_t>(host));
  }
  return *IpAddress::parse("fe80::" + std::to_string(wire + 1) + ":" + std::to_string(host));
}

namespace {

void address_unicast(const Scenario& scenario,
                     const RouterPlan& plan,
                     int node,
                     engine::VirtualRouterSettings& router) {
  if (scenario.transport == engine::Transport::multicast) {
    return;
  }
  router.node_address = address_of(node, plan.wire, plan.family);
  for (int other = 0; other < scenario.nodes(); ++other) {
    if (other != node) {
      router.peers.push_back(address_of(other, plan.wire, plan.family));
    }
  }
}

}  // namespace

engine::Settings settings_of(const Scenario& scenario, int node) {
  engine::Settings settings;
  // Others may still advertise once a second.
  const bool moved = scenario.kind == Kind::migration && scenario.version == 3;
  for (int i = 0; i < scenario.nodes(); ++i) {
    settings.node_names.emplace(listed_address(i), "lb" + std::to_string(i));
  }
  for (std::size_t i = 0; i < scenario.routers.size(); ++i) {
    const auto& plan = scenario.routers[i];
    const auto priority = plan.priorities.at(static_cast<std::size_t>(node));
    engine::VirtualRouterSettings router{
        .name = "router" + std::to_string(i),
        .interface = "eth" + std::to_string(plan.wire),
        .vrid = {static_cast<std::uint8_t>(first_vrid + i)},
        .family = plan.family,
        .addresses = addresses_of(scenario, i),
        .group = scenario.grouped ? std::optional<std::string>{"all"} : std::nullopt,
        .version = scenario.version == 2 ? vrrp::Version::v2 : vrrp::Version::v3,
        .priority = {static_cast<std::uint8_t>(priority)},
        .advert_interval = scenario.interval,
        .preempt = scenario.preempt,
        .preempt_delay = scenario.preempt_delay,
        .listen_first = moved ? milliseconds{1200} : Duration{},
        .transport = scenario.transport,
        .auth = auth_of(scenario),
        .succession = succession_of(scenario, plan, node),
        .peers_relieve = true};
    address_unicast(scenario, plan, node, router);
    settings.virtual_routers.push_back(std::move(router));
  }
  return settings;
}

}  // namespace havip::sim
