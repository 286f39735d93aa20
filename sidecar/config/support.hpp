#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/places.hpp"
#include "sidecar/config/problem.hpp"

#include <span>
#include <string_view>

namespace havip::config {

/// A part of the contract that this version of havip does not have yet. It is refused rather than
/// ignored: a configuration that was accepted is one that is carried out.
struct Missing {
  std::string_view path;  ///< a table or a key of keys.hpp
  /// The value that is there already, as in the file; empty when the key as a whole is missing.
  std::string_view only;
};

/// The one list of what is missing. Implementing a feature takes its line out.
std::span<const Missing> missing_features();

/// The row of a key or table; null when all of it is there.
const Missing* find_missing(std::span<const Missing> missing, std::string_view path);

/// Refuses what the files give of the `missing` features.
void check_support(std::span<const Missing> missing, const Places& places, Report& report);

}  // namespace havip::config
