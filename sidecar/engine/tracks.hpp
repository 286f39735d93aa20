#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What makes a node less fit: the `[[track]]`s of the configuration as the health gate takes them.
#include "sidecar/base/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>

namespace havip::engine {

/// What a track does when its condition does not hold.
struct OtherwiseYield {
  friend bool operator==(const OtherwiseYield&, const OtherwiseYield&) = default;
};

struct OtherwiseFault {
  friend bool operator==(const OtherwiseFault&, const OtherwiseFault&) = default;
};

struct OtherwiseLower {
  int amount = 0;
  friend bool operator==(const OtherwiseLower&, const OtherwiseLower&) = default;
};

using Otherwise = std::variant<OtherwiseYield, OtherwiseFault, OtherwiseLower>;

/// At least so many servers, or so large a share of the healthy weight.
struct AtLeastServers {
  int servers = 1;
  friend bool operator==(const AtLeastServers&, const AtLeastServers&) = default;
};

struct AtLeastShare {
  double share = 0.5;
  friend bool operator==(const AtLeastShare&, const AtLeastShare&) = default;
};

using AtLeast = std::variant<AtLeastServers, AtLeastShare>;

/// One `[[track]]` of a backend. Without `at_least` the priority scales with the healthy share.
struct BackendTrack {
  std::string pattern;  ///< a backend's name, or a glob of fnmatch(3)
  std::optional<AtLeast> at_least;
  Otherwise otherwise = OtherwiseYield{};
  Duration recover_after = std::chrono::seconds{2};

  friend bool operator==(const BackendTrack&, const BackendTrack&) = default;
};

/// One `[[track]]` of anything else that holds or does not: an interface, a gateway, a command.
struct ConditionTrack {
  std::string what;  ///< "interface eth1", "gateway 192.0.2.1", "command /usr/local/bin/check"
  Otherwise otherwise = OtherwiseYield{};
  Duration recover_after = std::chrono::seconds{2};

  friend bool operator==(const ConditionTrack&, const ConditionTrack&) = default;
};

}  // namespace havip::engine
