#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/problem.hpp"
#include "sidecar/config/value.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace havip::config {

/// The TOML document `text`; empty when it is none, with the reason in `report`. `file` is its
/// index in the report. This is the only place that knows the TOML library.
std::optional<Value> parse_toml(std::string_view text, std::size_t file, Report& report);

}  // namespace havip::config
