// SPDX-License-Identifier: Apache-2.0
#include "metrics/collectors.hpp"

#include "sidecar/base/check.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace havip::metrics {
namespace {

using ports::NodeStatus;
using Router = ports::VirtualRouterStatus;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

prometheus::ClientMetric labelled(Labels names, std::initializer_list<std::string> values) {
  CHECK(names.size() == values.size());
  prometheus::ClientMetric sample;
  const auto* value = values.begin();
  for (const auto name : names) {
    sample.label.push_back({.name = std::string{name}, .value = *value++});
  }
  return sample;
}

double seconds(Duration duration) {
  return std::chrono::duration<double>{duration}.count();
}

double unix_time(ports::WallTime time) {
  return std::chrono::duration<double>{time.time_since_epoch()}.count();
}

double number(vrrp::Priority priority) {
  return static_cast<double>(priority.value);
}

const std::vector<Router>& routers(const Source& source) {
  return source.status.election.virtual_routers;
}

}  // namespace

prometheus::ClientMetric gauge(Labels names,
                               std::initializer_list<std::string> values,
                               double value) {
  auto sample = labelled(names, values);
  sample.gauge.value = value;
  return sample;
}

prometheus::ClientMetric counter(Labels names,
                                 std::initializer_list<std::string> values,
                                 std::uint64_t value) {
  auto sample = labelled(names, values);
  sample.counter.value = static_cast<double>(value);
  return sample;
}

Samples build_info(const Source& source, Labels labels) {
  const auto& version = source.status.version;
  const auto plus = version.find('+');  // what follows is build metadata (semver.org, 10)
  const auto revision = plus == std::string::npos ? "unknown" : version.substr(plus + 1);
  return {gauge(labels, {version.substr(0, plus), revision}, 1)};
}

double start_time(const NodeStatus& status) {
  return unix_time(status.wall(status.started));
}

double generation(const NodeStatus& status) {
  return static_cast<double>(status.generation);
}

double event_loop_lag(const NodeStatus& status) {
  return seconds(status.election.largest_lag);
}

Samples state(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : routers(source)) {
    for (std::size_t i = 0; i < vrrp::state_count; ++i) {
      const auto one = static_cast<vrrp::State>(i);
      samples.push_back(gauge(labels,
                              {router.name,
                               std::to_string(router.vrid.value),
                               std::string{to_string(router.family)},
                               std::string{to_string(one)}},
                              router.state == one ? 1 : 0));
    }
  }
  return samples;
}

double state_change_time(const Router& router, const NodeStatus& status) {
  return unix_time(status.wall(router.since));
}

double priority(const Router& router, const NodeStatus& /*status*/) {
  return number(router.effective);
}

double configured_priority(const Router& router, const NodeStatus& /*status*/) {
  return number(router.configured);
}

double master_priority(const Router& router, const NodeStatus& /*status*/) {
  return router.active_router ? number(router.active_router->priority) : unknown;
}

double advertisement_interval(const Router& router, const NodeStatus& /*status*/) {
  return seconds(router.advert_interval);
}

double last_advertisement_age(const Router& router, const NodeStatus& status) {
  const bool listens = router.state == vrrp::State::backup && router.last_advert;
  return listens ? seconds(status.now - *router.last_advert) : unknown;
}

double drained(const Router& /*router*/, const NodeStatus& status) {
  return status.election.drained ? 1 : 0;
}

/// Reasons are sentences of the code, so their number is bounded; a series begins with the first
/// transition of its kind.
Samples transitions(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : routers(source)) {
    for (const auto& [kind, count] : router.counters.transitions) {
      samples.push_back(
          counter(labels, {router.name, std::string{to_string(kind.first)}, kind.second}, count));
    }
  }
  return samples;
}

/// The other nodes from the start, by name; a router that is not ours once it was heard.
Samples adverts_received(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : routers(source)) {
    auto counts = router.counters.adverts_received;
    for (const auto& peer : source.status.peers) {
      const auto found = counts.find(peer.address);
      const auto count = found == counts.end() ? 0 : found->second;
      samples.push_back(counter(labels, {router.name, peer.name}, count));
      counts.erase(peer.address);
    }
    for (const auto& [address, count] : counts) {
      samples.push_back(counter(labels, {router.name, address.to_string()}, count));
    }
  }
  return samples;
}

/// Adverts for virtual routers that are not ours stand under an empty virtual_router.
Samples rejected(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : routers(source)) {
    for (std::size_t i = 0; i < vrrp::rejection_count; ++i) {
      const std::string reason{to_string(static_cast<vrrp::Rejection>(i))};
      samples.push_back(counter(labels, {router.name, reason}, router.counters.rejected.at(i)));
    }
  }
  samples.push_back(counter(labels, {"", "vrid"}, source.status.election.rejected_unknown_vrid));
  return samples;
}

Samples priority_zero(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : routers(source)) {
    const auto& counters = router.counters;
    samples.push_back(counter(labels, {router.name, "sent"}, counters.resignations_sent));
    samples.push_back(counter(labels, {router.name, "received"}, counters.resignations_received));
  }
  return samples;
}

Samples lateness(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : routers(source)) {
    const auto& counted = router.counters.lateness;
    auto sample = labelled(labels, {router.name});
    for (std::size_t i = 0; i < counted.buckets.size(); ++i) {
      const bool last = i == ports::lateness_bounds.size();
      sample.histogram.sample_count += counted.buckets.at(i);
      sample.histogram.bucket.push_back(
          {.cumulative_count = sample.histogram.sample_count,
           .upper_bound =
               last ? std::numeric_limits<double>::infinity() : ports::lateness_bounds.at(i)});
    }
    sample.histogram.sample_sum = counted.sum_seconds;
    samples.push_back(std::move(sample));
  }
  return samples;
}

Samples address_present(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : routers(source)) {
    for (const auto& address : router.addresses) {
      samples.push_back(
          gauge(labels, {router.name, address.address.to_string()}, address.present ? 1 : 0));
    }
  }
  return samples;
}

/// The status counts all kinds of requests together.
Samples netlink_errors(const Source& source, Labels labels) {
  return {counter(labels, {"any"}, source.status.election.netlink_errors)};
}

/// One worker process is asked; a second one would be "2".
Samples haproxy_up(const Source& source, Labels labels) {
  const bool up = source.status.haproxy.state == haproxy::ProcessState::up;
  return {gauge(labels, {"1"}, up ? 1 : 0)};
}

Samples backend_up_ratio(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& backend : source.status.haproxy.backends) {
    samples.push_back(gauge(labels, {backend.name}, backend.healthy_share));
  }
  return samples;
}

/// A track may be there more than once (a backend with two demands); a series may not.
Samples track_up(const Source& source, Labels labels) {
  std::map<std::string, double> worst;
  for (const auto& track : source.status.tracks) {
    if (track.state != ports::TrackState::waiting) {
      const double up = track.state == ports::TrackState::well ? 1 : 0;
      const auto [entry, fresh] = worst.emplace(track.what, up);
      entry->second = std::min(entry->second, up);
    }
  }
  Samples samples;
  for (const auto& [what, up] : worst) {
    samples.push_back(gauge(labels, {what}, up));
  }
  return samples;
}

Samples http_requests(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& [series, count] : source.http.all()) {
    samples.push_back(
        counter(labels, {series.method, series.path, std::to_string(series.code)}, count));
  }
  return samples;
}

}  // namespace havip::metrics
