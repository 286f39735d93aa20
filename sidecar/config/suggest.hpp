#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <span>
#include <string_view>

namespace havip::config {

/// The word among `known` that `typed` was probably meant to be: the one with the fewest letters
/// added, left out, changed or swapped, if those are few for its length. The first one on a tie.
std::optional<std::string_view> nearest(std::string_view typed,
                                        std::span<const std::string_view> known);

}  // namespace havip::config
