#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/convert.hpp"
#include "sidecar/config/keys.hpp"
#include "sidecar/config/places.hpp"
#include "sidecar/config/problem.hpp"
#include "sidecar/config/value.hpp"

#include <set>
#include <string>
#include <string_view>

namespace havip::config {

/// What the readers of all tables share.
struct Decoding {
  Report& report;
  Places& places;
  /// The rows that were asked for, as "table.key": proves that every row has a reader.
  std::set<std::string, std::less<>> asked;
};

/// Reads one table of a file key by key, by the rows of keys.hpp. What nobody may write there is
/// reported when the reader is made, what is missing or wrong when it is read.
class Reader {
public:
  /// `table` is the path of the row, `path` the place in the model, `value` holds a Table.
  Reader(Decoding& decoding, std::string_view table, const Value& value, std::string path);

  /// Reads a key into `out`. False when it is not there or wrong; `out` is then as it was.
  template <class T>
  bool read(std::string_view name, T& out) {
    const auto* const value = find(name);
    if (value == nullptr) {
      return false;
    }
    const auto it = cell(name, *value);
    const bool good = convert(it, out);
    if (!good) {
      decoding_.places.mark_wrong(it.path);
    }
    return good;
  }

  /// The value of a key whose row is of type table, tables or otherwise; null when not there.
  const Value* find(std::string_view name);

  [[nodiscard]] Cell cell(std::string_view name, const Value& value) const;

  [[nodiscard]] bool has(std::string_view name) const { return member(name) != nullptr; }

  [[nodiscard]] Place header() const { return value_.place; }

  [[nodiscard]] Decoding& decoding() const { return decoding_; }

  /// Where the key stands in the file, for messages about the key rather than its value.
  [[nodiscard]] Place key_place(std::string_view name) const;

private:
  [[nodiscard]] const Member* member(std::string_view name) const;
  void refuse_unknown_keys() const;

  Decoding& decoding_;
  const TableRow& table_;
  const Value& value_;
  std::string path_;
};

}  // namespace havip::config
