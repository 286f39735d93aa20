#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace havip::config {

/// "10ms", "1.5s", "1m" (a minute), "2h": a decimal number and a unit, without sign or space.
/// Empty for anything else, for a fraction of a nanosecond and for what does not fit.
std::optional<Duration> parse_duration(std::string_view text);

/// The shortest text that parse_duration() reads as the same duration, for 0 or more.
std::string to_string(Duration duration);

}  // namespace havip::config
