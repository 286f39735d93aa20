#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace havip::haproxy {

/// A whole decimal number that is at least 0; empty for anything else, or when it does not fit.
template <class Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end || number < 0) {
    return std::nullopt;
  }
  return number;
}

}  // namespace havip::haproxy
