// SPDX-License-Identifier: Apache-2.0
#include "metrics/families.hpp"

#include <array>

namespace havip::metrics {
namespace {

constexpr Labels none{};
constexpr std::array<std::string_view, 2> of_build{"version", "revision"};
constexpr std::array<std::string_view, 1> of_router{"virtual_router"};
constexpr std::array<std::string_view, 4> of_state{"virtual_router", "vrid", "family", "state"};
constexpr std::array<std::string_view, 3> of_transition{"virtual_router", "to", "reason"};
constexpr std::array<std::string_view, 2> of_peer{"virtual_router", "peer"};
constexpr std::array<std::string_view, 2> of_rejection{"virtual_router", "reason"};
constexpr std::array<std::string_view, 2> of_direction{"virtual_router", "direction"};
constexpr std::array<std::string_view, 2> of_address{"virtual_router", "address"};
constexpr std::array<std::string_view, 2> of_kind{"virtual_router", "kind"};
constexpr std::array<std::string_view, 1> of_operation{"operation"};
constexpr std::array<std::string_view, 1> of_process{"process"};
constexpr std::array<std::string_view, 1> of_backend{"backend"};
constexpr std::array<std::string_view, 1> of_track{"track"};
constexpr std::array<std::string_view, 3> of_request{"method", "path", "code"};

constexpr auto gauge_type = prometheus::MetricType::Gauge;
constexpr auto counter_type = prometheus::MetricType::Counter;
constexpr auto histogram_type = prometheus::MetricType::Histogram;

using Counters = ports::RouterCounters;

// One family is one row of facts.
// clang-format off
const std::array table{
    Family{"havip_build_info", gauge_type, of_build, "",
           "Version of the running binary; always 1.", build_info},
    Family{"havip_start_time_seconds", gauge_type, none, "seconds",
           "Unix time the daemon started (kept across an in-place upgrade).",
           node_gauge<start_time>},
    Family{"havip_generation", gauge_type, none, "",
           "In-place upgrades (re-executions) since the cold start.", node_gauge<generation>},
    Family{"havip_vrrp_state", gauge_type, of_state, "",
           "1 for the state the virtual_router is in, 0 for the others (init, backup, active, "
           "fault).", state},
    Family{"havip_vrrp_state_change_timestamp_seconds", gauge_type, of_router, "seconds",
           "Unix time of the last state change.", router_gauge<state_change_time>},
    Family{"havip_vrrp_priority", gauge_type, of_router, "",
           "Priority in use now, 0-255.", router_gauge<priority>},
    Family{"havip_vrrp_configured_priority", gauge_type, of_router, "",
           "Priority of the configuration.", router_gauge<configured_priority>},
    Family{"havip_vrrp_master_priority", gauge_type, of_router, "",
           "Priority in the last accepted advertisement of the present active.",
           router_gauge<master_priority>},
    Family{"havip_vrrp_advertisement_interval_seconds", gauge_type, of_router, "seconds",
           "Interval between advertisements in use.", router_gauge<advertisement_interval>},
    Family{"havip_vrrp_transitions_total", counter_type, of_transition, "",
           "State changes, by state entered and reason.", transitions},
    Family{"havip_vrrp_advertisements_sent_total", counter_type, of_router, "",
           "Advertisements sent.", router_counter<&Counters::adverts_sent>},
    Family{"havip_vrrp_advertisements_received_total", counter_type, of_peer, "",
           "Advertisements accepted, by sender.", adverts_received},
    Family{"havip_vrrp_advertisements_rejected_total", counter_type, of_rejection, "",
           "Advertisements dropped: ttl, checksum, version, length, type, vrid, address_list, "
           "interval, auth, replay, unknown_peer.", rejected},
    Family{"havip_vrrp_send_errors_total", counter_type, of_router, "",
           "Advertisements the kernel refused to send.", router_counter<&Counters::send_errors>},
    Family{"havip_vrrp_priority_zero_total", counter_type, of_direction, "",
           "Advertisements with priority 0 (active resigns).", priority_zero},
    Family{"havip_vrrp_last_advertisement_age_seconds", gauge_type, of_router, "seconds",
           "Time since the last accepted advertisement (backup only).",
           router_gauge<last_advertisement_age>},
    Family{"havip_vrrp_advertisement_lateness_seconds", histogram_type, of_router, "seconds",
           "How late own advertisements left after they were due.", lateness},
    Family{"havip_address_present", gauge_type, of_address, "",
           "1 when the virtual address is on the interface.", address_present},
    Family{"havip_address_repairs_total", counter_type, of_router, "",
           "Addresses, rules or routes put back after something else removed them.",
           router_counter<&Counters::repairs>},
    Family{"havip_announcements_sent_total", counter_type, of_kind, "",
           "Gratuitous ARP and unsolicited neighbour advertisements sent.",
           announce_counter<&Counters::gratuitous_sent>},
    Family{"havip_announce_errors_total", counter_type, of_kind, "",
           "Announcements that could not be sent.", announce_counter<&Counters::announce_errors>},
    Family{"havip_netlink_errors_total", counter_type, of_operation, "",
           "Netlink requests that failed.", netlink_errors},
    Family{"havip_haproxy_up", gauge_type, of_process, "",
           "1 when HAProxy's Runtime API answers.", haproxy_up},
    Family{"havip_haproxy_backend_up_ratio", gauge_type, of_backend, "ratio",
           "Servers up by weight, 0 to 1.", backend_up_ratio},
    Family{"havip_track_up", gauge_type, of_track, "",
           "1 when what is tracked is well, 0 when it makes the node less fit.", track_up},
    Family{"havip_drained", gauge_type, of_router, "",
           "1 while the node was told to give the virtual_router away.", router_gauge<drained>},
    Family{"havip_event_loop_lag_seconds", gauge_type, none, "seconds",
           "Largest delay of a timer in the last 15 seconds.", node_gauge<event_loop_lag>},
    Family{"havip_http_requests_total", counter_type, of_request, "",
           "Requests to the admin endpoint.", http_requests},
};
// clang-format on

}  // namespace

std::span<const Family> families() {
  return table;
}

}  // namespace havip::metrics
