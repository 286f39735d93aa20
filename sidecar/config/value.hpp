#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace havip::config {

struct Value;
struct Member;

/// A date or a time: TOML has them, no key of ours takes one.
struct DateTime {};

using Array = std::vector<Value>;
/// The members of a table in the order of the file.
using Table = std::vector<Member>;

/// A value of a TOML file and where it stands. A table's place is that of its header.
struct Value {
  Place place;
  std::variant<bool, std::int64_t, double, std::string, DateTime, Array, Table> data;

  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&data);
  }

  /// The kind of value, as a sentence names it: "a number", "a list".
  [[nodiscard]] std::string_view kind() const;

  /// The value as it could stand in a file, for messages; the kind for lists and tables.
  [[nodiscard]] std::string text() const;
};

struct Member {
  std::string key;
  Place place;  ///< of the key
  Value value;
};

}  // namespace havip::config
