// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/suggest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace havip::config {
namespace {

/// Longer words than this are not compared: the comparison takes the product of the lengths.
constexpr std::size_t longest_word = 40;

/// Optimal string alignment distance, row by row.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before(right.size() + 1);
  std::vector<std::size_t> previous(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    before.swap(previous);
    previous.swap(current);
  }
  return previous[right.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view typed,
                                        std::span<const std::string_view> known) {
  if (typed.size() > longest_word) {
    return std::nullopt;
  }
  std::optional<std::string_view> best;
  std::size_t best_distance = longest_word;
  for (const auto word : known) {
    const auto few = 1 + std::min(typed.size(), word.size()) / 4;
    const auto changes = distance(typed, word);
    if (changes <= few && changes < best_distance) {
      best = word;
      best_distance = changes;
    }
  }
  return best;
}

}  // namespace havip::config
