// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/keys.hpp"

#include <array>

namespace havip::config {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t second = 1000 * ms;
constexpr std::int64_t hour = 3600 * second;

constexpr std::string_view second_node = R"([[node]]
name = "lb2"
address = "10.0.0.12"
priority = 100
)";

constexpr std::string_view tracks = R"(#[[track]]
#backend = "web"                 # the priority scales with its share of healthy weight
#recover_after = "2s"
#[[track]]
#backend = "api-*"
#at_least = 1                    # servers up, or "50%" of the weight
#otherwise = "yield"
#[[track]]
#interface = "eth1"
#otherwise = "fault"
#[[track]]
#gateway = "192.0.2.1"           # must answer ARP or ND and then an echo request
#interval = "200ms"
#fall = 3
#otherwise = "yield"
#[[track]]
#command = ["/usr/local/bin/check", "--quick"]
#interval = "2s"
#timeout = "1s"
#otherwise = { lower = 20 }
)";

// A table of text is read down its columns: clang-format would give every cell a line.
// clang-format off
constexpr auto all_tables = std::to_array<TableRow>({
    {"daemon", Shape::single, "The daemon itself.", {}},
    {"haproxy", Shape::single, "How HAProxy's state is read. HAProxy itself is always tracked: dead or hung is a fault.", {}},
    {"http", Shape::single, "Where the daemon serves its state, its metrics and the operator's commands.", {}},
    {"node", Shape::repeated, "Every load balancer, this one included. Without any, this one is alone beside foreign VRRP routers.", second_node},
    {"peer_link", Shape::single, "The nodes' own authenticated channel; off without a secret.", {}},
    {"virtual_router", Shape::repeated, "Addresses that are held by one node at a time.", {}},
    {"virtual_router.routes", Shape::nested_list, "Routes that go with the addresses.", {}},
    {"virtual_router.rules", Shape::nested_list, "Policy rules that go with the addresses.", {}},
    {"virtual_router.auth", Shape::nested, "Authentication of the advertisements.", {}},
    {"anycast", Shape::repeated, "Addresses that are on `lo` of every node while it is fit and not drained; BIRD or FRR announces them.", {}},
    {"source_route", Shape::repeated, "Makes answers leave by the interface that was asked: ssh into every card of a node.", {}},
    {"track", Shape::repeated, "What makes a node less fit. Exactly one of `backend`, `interface`, `gateway` and `command`.", tracks},
    {"track.otherwise", Shape::nested, "A lower priority.", {}},
    {"hook", Shape::repeated, "A program that is told of each transition, in order, one at a time.", {}},
});

constexpr Limits any{};
constexpr Limits port{1, 65535};
constexpr Limits priority{1, 254};
constexpr Limits priority_or_owner{1, 255};
constexpr Limits table_number{1, 4294967295};

constexpr auto all_keys = std::to_array<Key>({
    // table, name, type, required, default, limits, allowed, example, help
    {"daemon", "state_directory", Type::path, false, R"("/var/lib/havip")", any, {}, {},
     "What outlives a reboot: drained or not, until when, why."},
    {"daemon", "realtime", Type::boolean, false, "true", any, {}, {},
     "Real-time priority for the election, where permitted."},

    {"haproxy", "socket", Type::path, false, R"("/run/haproxy/admin.sock")", any, {}, {},
     "HAProxy's Runtime API (`stats socket`)."},
    {"haproxy", "ring", Type::label, false, R"("havip")", any, {}, {},
     "HAProxy's ring of events, where its configuration has one."},
    {"haproxy", "log_listen", Type::endpoint, false, {}, any, {}, R"("127.0.0.1:8408")",
     "Listens for HAProxy's log lines (`log 127.0.0.1:8408 local7 notice`); off by default."},
    {"haproxy", "interval", Type::duration, false, R"("200ms")", {10 * ms, hour}, {}, {},
     "How often the state is read when nothing is pushed."},
    {"haproxy", "timeout", Type::duration, false, R"("1s")", {10 * ms, hour}, {}, {},
     "No answer for this long: HAProxy hangs."},

    {"http", "listen", Type::listeners, false, R"(["unix:/run/havip/admin.sock", "127.0.0.1:8406"])", any, {}, {},
     "Unix sockets and TCP addresses. One that is not loopback serves strangers the probes and the metrics only."},
    {"http", "token_file", Type::path, false, {}, any, {}, R"("/etc/havip/token")",
     "Lets the bearer of the token change things from elsewhere; off by default."},

    {"node", "name", Type::host, true, {}, any, {}, R"("lb1")",
     "This node is the one that is named like the host, or by `--node NAME`."},
    {"node", "address", Type::address, true, {}, any, {}, R"("10.0.0.11")",
     "Where the other nodes reach it."},
    {"node", "priority", Type::integer, false, "100", priority, {}, "150",
     "For its virtual routers that do not say their own. The highest is preferred."},

    {"peer_link", "port", Type::integer, false, "8407", port, {}, {},
     "On each node's own address."},
    {"peer_link", "secret_file", Type::path, false, {}, any, {}, R"("/etc/havip/secret")",
     "The secret that all nodes share."},

    {"virtual_router", "name", Type::name, true, {}, any, {}, R"("public")",
     "In the status, the metrics and the log."},
    {"virtual_router", "interface", Type::interface, true, {}, any, {}, R"("eth0")",
     R"(Where the addresses are, and the election; may differ: `{ lb1 = "eth0", lb2 = "ens3" }`.)"},
    {"virtual_router", "vrid", Type::integer, true, {}, {1, 255}, {}, "51",
     "The same on all nodes, and nobody else's on that network."},
    {"virtual_router", "addresses", Type::prefixes, true, {}, any, {}, R"(["192.0.2.10/24", "192.0.2.11/32"])",
     "Of one family. IPv6: the first one is the virtual router's link-local address."},
    {"virtual_router", "priority", Type::priority, false, {}, priority_or_owner, {}, "{ lb1 = 150, lb2 = 100 }",
     "Instead of the nodes' own; one number, or one for each node. Needed where there is no [[node]]. 255 is for one node, which owns the addresses: somebody else has configured them on its interface."},
    {"virtual_router", "group", Type::name, false, {}, any, {}, R"("edge")",
     "Virtual routers of a group move together, all or none. Each node has the same `priority`, `preempt` and `preempt_delay` in all of them."},
    {"virtual_router", "version", Type::integer, false, "3", {2, 3}, {}, {},
     "Of VRRP; 2, which is IPv4 only, to stand beside an old router."},
    {"virtual_router", "strict", Type::boolean, false, "false", any, {}, {},
     "The RFC's letter where it would make two routers Active: version 2 discards another interval (RFC 3768 7.1) or address list, version 3 discards version 2."},
    {"virtual_router", "advert_interval", Type::duration, false, R"("100ms")", {10 * ms, 40950 * ms}, {}, {},
     "In steps of 10ms. In version 2 whole seconds, by default 1s."},
    {"virtual_router", "preempt", Type::boolean, false, "true", any, {}, {},
     "Whether a node takes the addresses from one of lower priority."},
    {"virtual_router", "preempt_delay", Type::duration, false, R"("0s")", {0, hour}, {}, {},
     "How long a node waits after its start before it does."},
    {"virtual_router", "transport", Type::word, false, R"("multicast")", any, "multicast|unicast|both", {},
     "Unicast goes to the other nodes' addresses and takes from nobody else; they must be of the family of `addresses`. With both, either path keeps the election alive."},
    {"virtual_router", "virtual_mac", Type::boolean, false, "false", any, {}, {},
     "RFC 9568's MAC address, on a macvlan."},
    {"virtual_router", "gateway", Type::address, false, {}, any, {}, R"("192.0.2.1")",
     "Answers from these addresses leave by this gateway."},
    {"virtual_router", "routes", Type::tables, false, {}, any, {}, R"([ { to = "10.9.0.0/16", via = "192.0.2.254", table = 100 } ])",
     "Routes that go with the addresses."},
    {"virtual_router", "rules", Type::tables, false, {}, any, {}, R"([ { from = "192.0.2.10", table = 100, priority = 1000 } ])",
     "Policy rules that go with the addresses."},
    {"virtual_router", "auth", Type::table, false, {}, any, {}, R"({ type = "hmac", key_file = "/etc/havip/vrrp.key", key_id = 1, mode = "enforce" })",
     "Authentication of the advertisements; off by default."},

    {"virtual_router.routes", "to", Type::prefix, true, {}, any, {}, R"("10.9.0.0/16")",
     "The network; `0.0.0.0/0` is the default route."},
    {"virtual_router.routes", "via", Type::address, false, {}, any, {}, R"("192.0.2.254")",
     "The next hop; without one the network is on the link itself."},
    {"virtual_router.routes", "table", Type::integer, false, "254", table_number, {}, {},
     "The routing table; 254 is the main one."},
    {"virtual_router.rules", "from", Type::prefix, true, {}, any, {}, R"("192.0.2.10")",
     "Packets from these addresses"},
    {"virtual_router.rules", "table", Type::integer, true, {}, table_number, {}, "100",
     "are routed by this table."},
    {"virtual_router.rules", "priority", Type::integer, false, "1000", {1, 32765}, {}, {},
     "Rules are tried in this order, lowest first."},
    {"virtual_router.auth", "type", Type::word, true, {}, any, "pass|hmac", R"("hmac")",
     "`pass` is version 2's password, which goes over the wire in clear text; `hmac`, in either version, is draft-cassen-vrrp-auth-hmac."},
    {"virtual_router.auth", "key_file", Type::path, true, {}, any, {}, R"("/etc/havip/vrrp.key")",
     "For `pass` 1 to 8 printable characters, for `hmac` 64 to 128 hex digits (`openssl rand -hex 32`). Others must not be able to read it: `chown root:_havip`, `chmod 640`."},
    {"virtual_router.auth", "key_id", Type::integer, false, "1", {1, 255}, {}, {},
     "For `hmac`: the number of the key."},
    {"virtual_router.auth", "mode", Type::word, false, R"("enforce")", any, "receive-only|permissive|enforce", {},
     "For `hmac`: `receive-only` sends no authentication, `permissive` sends it, both take messages with and without; `enforce` sends it and takes nothing else."},

    {"anycast", "name", Type::name, true, {}, any, {}, R"("edge")",
     "In the status and the log."},
    {"anycast", "addresses", Type::prefixes, true, {}, any, {}, R"(["203.0.113.10/32"])",
     "Whole addresses: /32 or /128."},

    {"source_route", "interface", Type::interface, true, {}, any, {}, R"("eth1")",
     "What comes in here is answered from here."},
    {"source_route", "gateway", Type::address, true, {}, any, {}, R"("10.1.0.1")",
     "The interface's way out."},

    {"track", "backend", Type::glob, false, {}, any, {}, R"("web")",
     "HAProxy's backends; `*`, `?` and `[...]` match several. Without `at_least` the priority scales with their share of healthy weight."},
    {"track", "interface", Type::interface, false, {}, any, {}, R"("eth1")",
     "Must be up."},
    {"track", "gateway", Type::address, false, {}, any, {}, R"("192.0.2.1")",
     "Must be reachable from this node."},
    {"track", "command", Type::command, false, {}, any, {}, R"(["/usr/local/bin/check"])",
     "Must end with status 0."},
    {"track", "at_least", Type::at_least, false, {}, any, {}, "1",
     "For `backend`: servers up, or the share of the weight."},
    {"track", "otherwise", Type::otherwise, false, R"("yield")", any, {}, {},
     "What a failure does: take part behind everyone who is well, not take part, or lower the priority."},
    {"track", "interval", Type::duration, false, {}, {10 * ms, hour}, {}, R"("2s")",
     "For `gateway` (default 200ms) and `command` (default 2s): how often it is tried."},
    {"track", "timeout", Type::duration, false, R"("1s")", {10 * ms, hour}, {}, {},
     "For `command`: it must have ended by then."},
    {"track", "fall", Type::integer, false, "3", {1, 100}, {}, {},
     "For `gateway`: failures in a row until it counts."},
    {"track", "recover_after", Type::duration, false, R"("2s")", {0, hour}, {}, {},
     "A worsening acts at once, a recovery after so long without a setback."},
    {"track.otherwise", "lower", Type::integer, true, {}, priority, {}, "20",
     "Subtracted from the priority, which stays at least 1."},

    {"hook", "command", Type::command, true, {}, any, {}, R"(["/usr/local/bin/tell-cloud"])",
     "Finds HAVIP_VIRTUAL_ROUTER, HAVIP_STATE, HAVIP_REASON and HAVIP_SEQUENCE in its environment."},
});
// clang-format on

}  // namespace

std::span<const TableRow> tables() {
  return all_tables;
}

std::span<const Key> keys() {
  return all_keys;
}

}  // namespace havip::config
