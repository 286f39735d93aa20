// SPDX-License-Identifier: Apache-2.0
#include "haproxy/stat.hpp"

#include "haproxy/csv.hpp"
#include "haproxy/error.hpp"
#include "haproxy/number.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace havip::haproxy {

namespace {

enum Column : std::uint8_t { pxname, svname, status, weight, act, bck, iid, type, check_status };

constexpr std::array<std::string_view, 9> columns{
    "pxname", "svname", "status", "weight", "act", "bck", "iid", "type", "check_status"};

/// More is no number of servers, and two of them still make a sum.
constexpr int most_servers = 100'000'000;

constexpr std::string_view backend_type = "1";
constexpr std::string_view server_type = "2";

using Row = Rows::value_type;

Error strange(const Row& row, Column column) {
  return fault(Fault::malformed,
               "`show stat`: " + printable(row[pxname]) + '/' + printable(row[svname]) + " has " +
                   std::string{columns[column]} + " \"" + printable(row[column]) + '"');
}

template <class Number>
bool take(const Row& row, Column column, Number& target) {
  const auto number = to_number<Number>(row[column]);
  target = number.value_or(0);
  return number.has_value();
}

Result<BackendRow> read_backend(const Row& row) {
  BackendRow backend;
  backend.name = row[pxname];
  backend.up = row[status].starts_with("UP");
  if (!is_plain(row[pxname])) {
    return strange(row, pxname);
  }
  if (!take(row, iid, backend.id)) {
    return strange(row, iid);
  }
  if (!take(row, act, backend.active) || backend.active > most_servers) {
    return strange(row, act);
  }
  if (!take(row, bck, backend.backup) || backend.backup > most_servers) {
    return strange(row, bck);
  }
  if (!take(row, weight, backend.weight)) {
    return strange(row, weight);
  }
  return backend;
}

/// Whether a server is called UP (or DOWN, with `init-state`) on trust. "* INI" is the same with
/// the first check under way. A server in maintenance is not checked and shows nothing.
bool is_unchecked(const Row& row) {
  const std::string_view check{row[check_status]};
  return check == "INI" || check == "* INI";
}

/// In the row of a server `act` and `bck` are its role and not its health.
std::optional<Error> add_server(const Row& row, std::map<ProxyId, ServerSums>& sums) {
  ProxyId id = 0;
  int active_role = 0;
  std::int32_t server_weight = 0;  // 256 at most; the sum of all rows fits 64 bits in any case
  if (!take(row, iid, id)) {
    return strange(row, iid);
  }
  if (!take(row, act, active_role) || active_role > 1) {
    return strange(row, act);
  }
  if (!take(row, weight, server_weight)) {
    return strange(row, weight);
  }
  auto& sum = sums[id];
  sum.servers += 1;
  sum.active_role += active_role;
  sum.active_weight += active_role * std::int64_t{server_weight};
  sum.unchecked += is_unchecked(row) ? 1 : 0;
  return std::nullopt;
}

double share_of(const BackendRow& row, const ServerSums& servers) {
  if (servers.servers == 0) {
    return 1.0;
  }
  if (servers.active_role == 0) {
    return row.backup > 0 ? 1.0 : 0.0;
  }
  if (row.active == 0 || servers.active_weight == 0) {
    return 0.0;
  }
  // The two numbers come from two readings; between them they may contradict each other.
  return std::clamp(
      static_cast<double>(row.weight) / static_cast<double>(servers.active_weight), 0.0, 1.0);
}

}  // namespace

Result<std::vector<BackendRow>> read_backends(std::string_view table) {
  const auto rows = read_csv(table, columns);
  if (!rows) {
    return rows.error();
  }
  std::vector<BackendRow> backends;
  for (const auto& row : *rows) {
    if (row[type] != backend_type) {
      continue;
    }
    auto backend = read_backend(row);
    if (!backend) {
      return backend.error();
    }
    backends.push_back(std::move(*backend));
  }
  return backends;
}

Result<std::map<ProxyId, ServerSums>> read_servers(std::string_view table) {
  const auto rows = read_csv(table, columns);
  if (!rows) {
    return rows.error();
  }
  std::map<ProxyId, ServerSums> sums;
  for (const auto& row : *rows) {
    if (row[type] != server_type) {
      continue;
    }
    if (const auto error = add_server(row, sums)) {
      return *error;
    }
  }
  return sums;
}

Backend judge(const BackendRow& row, const ServerSums& servers) {
  return {.name = row.name,
          .up = row.up,
          .servers_up = row.active + row.backup,
          .servers_total = servers.servers,
          .healthy_share = share_of(row, servers)};
}

}  // namespace havip::haproxy
