#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace havip::config {

/// No file may be larger, in bytes.
inline constexpr std::size_t largest_file = std::size_t{1} << 20U;
/// No list or table may lie deeper in others. The grammar needs 4.
inline constexpr unsigned deepest_nesting = 16;
/// No dotted key may have more parts. The grammar needs 3.
inline constexpr unsigned most_key_parts = 16;

/// Where in a text something is wrong.
struct TextProblem {
  unsigned line = 0;
  unsigned column = 0;  ///< in characters, as the TOML parser counts
  std::string text;

  friend bool operator==(const TextProblem&, const TextProblem&) = default;
};

/// What makes a text unfit to be shown to the TOML parser, which can be made to overflow the
/// stack: size, an encoding that is not UTF-8, control characters (TOML forbids them too),
/// nesting, dotted keys. Takes time in proportion to the text and no memory.
std::optional<TextProblem> out_of_bounds(std::string_view text);

}  // namespace havip::config
