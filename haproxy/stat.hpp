#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// From the table of `show stat` (management guide, section 9.1) to haproxy::Backend.
//
// The row of a backend is cheap to ask for and tells what is usable now: how many servers, and
// the sum of their weights. It does not tell of how much that is a part; for this the rows of the
// servers are needed, which there can be thousands of, but their sums change rarely. So the two
// are read apart and put together by judge().
#include "haproxy/facts.hpp"
#include "sidecar/base/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace havip::haproxy {

/// HAProxy's number of a proxy ("iid"). Names will not do: `show stat NAME ...` takes a frontend
/// of that name first. Good within one process only.
using ProxyId = int;

/// The row of a backend (type 1).
struct BackendRow {
  ProxyId id = 0;
  std::string name;
  bool up = false;
  int active = 0;           ///< usable active servers
  int backup = 0;           ///< usable backup servers
  std::int64_t weight = 0;  ///< of the servers in use: of the backups when no active one is usable

  friend bool operator==(const BackendRow&, const BackendRow&) = default;
};

/// The rows of a backend's servers (type 2), added up.
struct ServerSums {
  int servers = 0;
  int active_role = 0;             ///< how many of them are not `backup`
  std::int64_t active_weight = 0;  ///< nominal weight of these, however they are
  int unchecked = 0;  ///< called UP only because their first health check has not ended (INI)

  friend bool operator==(const ServerSums&, const ServerSums&) = default;
};

/// Takes the backends' rows out of a table, in its order. Errors as read_csv, and
/// Fault::malformed for a value that is not what it must be.
Result<std::vector<BackendRow>> read_backends(std::string_view table);

/// Takes the servers' rows out of a table. A backend without any is not in the map.
Result<std::map<ProxyId, ServerSums>> read_servers(std::string_view table);

/// How fit a backend is. The healthy share is the weight in use of the active servers by their
/// whole weight. It is
/// * 1 where there are no servers: such a backend answers by itself (a redirect);
/// * 0 where no active server is usable, also while backups stand in: they show that the service
///   is worse here, and another node should be preferred that has it whole;
/// * 1 where all servers are configured as `backup` and one is usable: that is how it is meant.
Backend judge(const BackendRow& row, const ServerSums& servers);

}  // namespace havip::haproxy
