#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/facts.hpp"
#include "haproxy/stat.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace havip::haproxy {

/// The backends of one process as they are known, and what must be asked to know them.
///
/// One reading is a dialogue: ask backends_command and give the answer to backends(), then ask
/// next_command() and give the answers to servers() until there is none. The rows of all servers,
/// which is what costs HAProxy time, are asked for once at the beginning and each
/// full_reading_interval(); else only those of backends that changed, and of those whose servers
/// are called UP before their first health check. For so long the change of weight of a server that
/// is down may go unnoticed: nothing else of what counts leaves the row of the backend as it is.
class Board {
public:
  /// The rows of all backends and nothing else.
  static constexpr std::string_view backends_command = "show stat -1 2 -1";

  /// Begins a reading.
  Result<> backends(std::string_view answer, Instant now);

  /// The next command of this reading; empty when it is complete.
  [[nodiscard]] std::optional<std::string> next_command() const;

  /// The answer to next_command().
  Result<> servers(std::string_view answer, Instant now);

  /// Whether the last backends() found that servers came or went in a backend that was known.
  [[nodiscard]] bool servers_changed() const { return servers_changed_; }

  /// Servers that are known, of all backends.
  [[nodiscard]] std::size_t servers_total() const;

  /// Servers whose first health check has not ended.
  [[nodiscard]] int unchecked() const;

  /// In the order of HAProxy's configuration; complete when next_command() is empty.
  [[nodiscard]] std::vector<Backend> judged() const;

  /// Forgets everything: another process, whose numbers mean something else.
  void forget() { *this = Board{}; }

private:
  [[nodiscard]] const ServerSums& sums_of(ProxyId id) const;

  std::vector<BackendRow> rows_;
  std::map<ProxyId, ServerSums> sums_;
  std::optional<Instant> last_full_;
  bool full_wanted_ = false;
  bool servers_changed_ = false;
  std::set<ProxyId> wanted_;  ///< whose servers are to be asked for in this reading
};

}  // namespace havip::haproxy
