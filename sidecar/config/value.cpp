// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/value.hpp"

#include <array>
#include <cstddef>

namespace havip::config {

std::string_view Value::kind() const {
  constexpr std::array<std::string_view, 7> kinds{
      "true or false", "a number", "a number", "a string", "a date or time", "a list", "a table"};
  static_assert(kinds.size() == std::variant_size_v<decltype(data)>);
  return kinds.at(data.index());
}

std::string Value::text() const {
  if (const auto* const text = as<std::string>()) {
    return quoted(*text);
  }
  if (const auto* const number = as<std::int64_t>()) {
    return std::to_string(*number);
  }
  if (const auto* const flag = as<bool>()) {
    return *flag ? "true" : "false";
  }
  return std::string{kind()};
}

}  // namespace havip::config
