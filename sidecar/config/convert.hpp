#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/keys.hpp"
#include "sidecar/config/model.hpp"
#include "sidecar/config/places.hpp"
#include "sidecar/config/problem.hpp"
#include "sidecar/config/value.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace havip::config {

/// A value that a key has in a file, on its way into the model.
struct Cell {
  const Key& key;
  const Value& value;
  std::string path;  ///< in the model
  Report& report;
  Places& places;
  std::string label;     ///< what a message calls it: "vrid", "interface of lb1"
  bool element = false;  ///< the value is an element of the list that the label names

  /// Says that the value is of a wrong kind or not allowed, and what is.
  void refuse_kind() const;
  void refuse() const;
  void refuse(const std::string& what, const std::string& allowed) const;
};

// Each reads the value into `out`, or reports why it cannot and leaves `out` as it was. The key's
// type must be the one that belongs to the type of `out`; anything else is a bug.
bool convert(const Cell& cell, bool& out);
bool convert(const Cell& cell, std::string& out);
bool convert(const Cell& cell, Duration& out);
bool convert(const Cell& cell, vrrp::Vrid& out);
bool convert(const Cell& cell, vrrp::Priority& out);
bool convert(const Cell& cell, IpAddress& out);
bool convert(const Cell& cell, Prefix& out);
bool convert(const Cell& cell, std::vector<Prefix>& out);
bool convert(const Cell& cell, Endpoint& out);
bool convert(const Cell& cell, std::vector<Listener>& out);
bool convert(const Cell& cell, std::vector<std::string>& out);
bool convert(const Cell& cell, PerNode<std::string>& out);
bool convert(const Cell& cell, PerNode<vrrp::Priority>& out);
bool convert(const Cell& cell, AtLeast& out);

/// The integer, if the value is one within the key's limits.
std::optional<std::int64_t> integer_in(const Cell& cell);

/// Which of the key's words the value is, from 0.
std::optional<std::size_t> word_in(const Cell& cell);

template <std::unsigned_integral Number>
bool convert(const Cell& cell, Number& out) {
  const auto number = integer_in(cell);
  if (number) {
    out = static_cast<Number>(*number);
  }
  return number.has_value();
}

/// The key's words stand in the order of the enumerators.
template <class Enum>
requires std::is_enum_v<Enum>

bool convert(const Cell& cell, Enum& out) {
  const auto index = word_in(cell);
  if (index) {
    out = static_cast<Enum>(*index);
  }
  return index.has_value();
}

template <class T>
bool convert(const Cell& cell, std::optional<T>& out) {
  T value{};
  if (!convert(cell, value)) {
    return false;
  }
  out = std::move(value);
  return true;
}

}  // namespace havip::config
