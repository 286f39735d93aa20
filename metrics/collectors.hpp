#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the rows of the table of families (families.cpp) are filled with: functions from what is
// exposed to the series of one family.
#include "metrics/http_counters.hpp"
#include "sidecar/ports/status.hpp"

#include <prometheus/client_metric.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace havip::metrics {

/// What is exposed: the node, and what the admin endpoint counted itself.
struct Source {
  const ports::NodeStatus& status;
  const HttpCounters& http;
};

/// The names of a family's labels.
using Labels = std::span<const std::string_view>;

using Samples = std::vector<prometheus::ClientMetric>;

/// One series; there are as many values as names.
prometheus::ClientMetric gauge(Labels names,
                               std::initializer_list<std::string> values,
                               double value);
prometheus::ClientMetric counter(Labels names,
                                 std::initializer_list<std::string> values,
                                 std::uint64_t value);

/// A value of the node.
template <double (*Value)(const ports::NodeStatus&)>
Samples node_gauge(const Source& source, Labels labels) {
  return {gauge(labels, {}, Value(source.status))};
}

/// A value of each virtual router.
template <double (*Value)(const ports::VirtualRouterStatus&, const ports::NodeStatus&)>
Samples router_gauge(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : source.status.election.virtual_routers) {
    samples.push_back(gauge(labels, {router.name}, Value(router, source.status)));
  }
  return samples;
}

/// A count of each virtual router.
template <std::uint64_t ports::RouterCounters::*Count>
Samples router_counter(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : source.status.election.virtual_routers) {
    samples.push_back(counter(labels, {router.name}, router.counters.*Count));
  }
  return samples;
}

/// What is announced, by the family of the virtual router.
template <std::uint64_t ports::RouterCounters::*Count>
Samples announce_counter(const Source& source, Labels labels) {
  Samples samples;
  for (const auto& router : source.status.election.virtual_routers) {
    const std::string kind =
        router.family == havip::Family::ipv4 ? "gratuitous_arp" : "neighbour_advertisement";
    samples.push_back(counter(labels, {router.name, kind}, router.counters.*Count));
  }
  return samples;
}

// The values of the node and of a virtual router; NaN for what does not exist now, so that the
// series stays and no comparison is true.
double start_time(const ports::NodeStatus& status);
double generation(const ports::NodeStatus& status);
double event_loop_lag(const ports::NodeStatus& status);
double state_change_time(const ports::VirtualRouterStatus& router, const ports::NodeStatus& status);
double priority(const ports::VirtualRouterStatus& router, const ports::NodeStatus& status);
double configured_priority(const ports::VirtualRouterStatus& router,
                           const ports::NodeStatus& status);
double master_priority(const ports::VirtualRouterStatus& router, const ports::NodeStatus& status);
double advertisement_interval(const ports::VirtualRouterStatus& router,
                              const ports::NodeStatus& status);
double last_advertisement_age(const ports::VirtualRouterStatus& router,
                              const ports::NodeStatus& status);
double drained(const ports::VirtualRouterStatus& router, const ports::NodeStatus& status);

// The other families, with all their series.
Samples build_info(const Source& source, Labels labels);
Samples state(const Source& source, Labels labels);
Samples transitions(const Source& source, Labels labels);
Samples adverts_received(const Source& source, Labels labels);
Samples rejected(const Source& source, Labels labels);
Samples priority_zero(const Source& source, Labels labels);
Samples lateness(const Source& source, Labels labels);
Samples address_present(const Source& source, Labels labels);
Samples netlink_errors(const Source& source, Labels labels);
Samples haproxy_up(const Source& source, Labels labels);
Samples backend_up_ratio(const Source& source, Labels labels);
Samples track_up(const Source& source, Labels labels);
Samples http_requests(const Source& source, Labels labels);

}  // namespace havip::metrics
