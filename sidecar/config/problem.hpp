#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace havip::config {

/// One thing that is wrong with the configuration, for the operator.
struct Problem {
  std::string file;
  unsigned line = 0;  ///< from 1; 0 when it is about the file as a whole
  unsigned column = 0;
  std::string text;  ///< "what is wrong; what is allowed"

  /// FILE:LINE:COL: TEXT, or FILE: TEXT.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// A spot in one of the files that are being read. Ordered as they are read.
struct Place {
  std::size_t file = 0;  ///< index among the files
  unsigned line = 0;
  unsigned column = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

/// Collects problems, so that the operator sees all of them at once, and warnings: what is
/// accepted, but will not do what is meant.
class Report {
public:
  /// `files` are the names that a Place's index means.
  explicit Report(std::vector<std::string> files) : files_{std::move(files)} {}

  void add(Place place, std::string text) { found_.emplace_back(place, std::move(text)); }

  void warn(Place place, std::string text) { warned_.emplace_back(place, std::move(text)); }

  /// Whether there is no problem; warnings are none.
  [[nodiscard]] bool empty() const { return found_.empty(); }

  /// FILE:LINE:COL, to mention a second place within a text.
  [[nodiscard]] std::string where(Place place) const;

  /// Everything collected, sorted by place.
  [[nodiscard]] std::vector<Problem> problems() const { return sorted(found_); }

  /// Likewise.
  [[nodiscard]] std::vector<Problem> warnings() const { return sorted(warned_); }

private:
  using Found = std::vector<std::pair<Place, std::string>>;

  [[nodiscard]] std::vector<Problem> sorted(Found found) const;

  std::vector<std::string> files_;
  Found found_;
  Found warned_;
};

/// The text in double quotes, for messages: what cannot be printed is escaped, and after a few
/// dozen characters the rest is left out.
std::string quoted(std::string_view text);

}  // namespace havip::config
