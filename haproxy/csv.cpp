// SPDX-License-Identifier: Apache-2.0
#include "haproxy/csv.hpp"

#include "haproxy/error.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

namespace havip::haproxy {

namespace {

constexpr std::size_t most_columns = 4096;

struct Field {
  std::string_view raw;  ///< without the outer quotes, but with doubled inner ones
  bool last = false;     ///< of its row
};

/// Cuts a table into fields without copying any.
class Fields {
public:
  explicit Fields(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  /// Empty when the quoting is wrong.
  std::optional<Field> next() { return rest_.starts_with('"') ? quoted() : plain(); }

private:
  std::optional<Field> plain() {
    const auto end = std::min(rest_.find_first_of(",\n\""), rest_.size());
    if (end < rest_.size() && rest_[end] == '"') {
      return std::nullopt;
    }
    return finish(rest_.substr(0, end), end);
  }

  std::optional<Field> quoted() {
    std::size_t from = 1;
    while (true) {
      const auto quote = rest_.find('"', from);
      if (quote == std::string_view::npos) {
        return std::nullopt;
      }
      const auto behind = quote + 1;
      if (behind == rest_.size() || rest_[behind] == ',' || rest_[behind] == '\n') {
        return finish(rest_.substr(1, quote - 1), behind);
      }
      if (rest_[behind] != '"') {
        return std::nullopt;
      }
      from = behind + 1;
    }
  }

  Field finish(std::string_view raw, std::size_t end) {
    const bool last = end == rest_.size() || rest_[end] == '\n';
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return {raw, last};
  }

  std::string_view rest_;
};

std::string unquoted(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    text.push_back(raw[i]);
    if (raw[i] == '"') {
      ++i;  // Fields has seen to it that they come in pairs
    }
  }
  return text;
}

Error malformed(std::size_t line, const std::string& what) {
  return fault(Fault::malformed, "row " + std::to_string(line) + " of a table " + what);
}

/// For each column of the table, its place in what was asked for, or none.
using Places = std::vector<std::optional<std::size_t>>;

Result<Places> read_header(Fields& fields, std::span<const std::string_view> columns) {
  Places places;
  std::vector<bool> found(columns.size(), false);
  for (bool last = false; !last;) {
    const auto field = fields.next();
    if (!field || places.size() == most_columns) {
      return fault(Fault::malformed, "the header of a table is malformed");
    }
    const auto wanted = std::ranges::find(columns, field->raw);
    places.emplace_back();
    if (wanted != columns.end()) {
      const auto place = static_cast<std::size_t>(std::distance(columns.begin(), wanted));
      if (found[place]) {
        return fault(Fault::malformed,
                     "a table has two columns named " + std::string{columns[place]});
      }
      found[place] = true;
      places.back() = place;
    }
    last = field->last;
  }
  const auto missing = std::ranges::find(found, false);
  if (missing != found.end()) {
    const auto place = static_cast<std::size_t>(std::distance(found.begin(), missing));
    return fault(Fault::no_such_column,
                 "a table has no column named " + std::string{columns[place]});
  }
  return places;
}

Result<std::vector<std::string>> read_row(Fields& fields,
                                          const Places& places,
                                          std::size_t count,
                                          std::size_t line) {
  std::vector<std::string> row(count);
  std::size_t got = 0;
  std::size_t column = 0;
  for (bool last = false; !last; ++column) {
    const auto field = fields.next();
    if (!field) {
      return malformed(line, "is not quoted as RFC 4180 says");
    }
    if (column == places.size()) {
      return malformed(line, "has more fields than the header");
    }
    if (places[column]) {
      row[*places[column]] = unquoted(field->raw);
      ++got;
    }
    last = field->last;
  }
  if (got != count) {
    return malformed(line, "ends too early");
  }
  return row;
}

}  // namespace

Result<Rows> read_csv(std::string_view text, std::span<const std::string_view> columns) {
  constexpr std::string_view mark = "# ";
  if (!text.starts_with(mark)) {
    return fault(Fault::refused, "not a table but \"" + printable(text) + '"');
  }
  Fields fields{text.substr(mark.size())};
  const auto places = read_header(fields, columns);
  if (!places) {
    return places.error();
  }
  Rows rows;
  for (std::size_t line = 1; !fields.at_end(); ++line) {
    auto row = read_row(fields, *places, columns.size(), line);
    if (!row) {
      return row.error();
    }
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace havip::haproxy
