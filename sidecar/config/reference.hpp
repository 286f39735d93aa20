#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/support.hpp"

#include <span>
#include <string>

namespace havip::config {

/// The configuration reference of README.md: a table of keys for each table of the file.
std::string reference_markdown(std::span<const Missing> missing = missing_features());

/// An example file: what every configuration needs is active, every other key stands as a comment
/// with its default. A comment with a space behind the # is prose, one without is a setting.
std::string example_toml(std::span<const Missing> missing = missing_features());

}  // namespace havip::config
