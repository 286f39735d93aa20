#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace havip::http {

/// "500ms", "90s", "1.5m", "2h", "30d", and "0" by itself; empty for anything else, signs and
/// what does not fit into a Duration included. A fraction has at most nine digits.
std::optional<Duration> parse_duration(std::string_view text);

/// For people: "74 ms", "1.2 s", "5 min", "2 h". Rounded down to what is shown.
std::string spell(Duration duration);

}  // namespace havip::http
