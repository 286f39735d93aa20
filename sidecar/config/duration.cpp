// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace havip::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::array units{
    Unit{"h", 3'600'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},
};

constexpr std::size_t most_fraction_digits = 9;

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t number = 0;
  const auto* const end = digits.data() + digits.size();
  if (!all_digits(digits) || std::from_chars(digits.data(), end, number).ec != std::errc{}) {
    return std::nullopt;
  }
  return number;
}

/// `digits` behind a decimal point, in nanoseconds; empty when they are not a whole number.
std::optional<std::int64_t> fraction_of(std::string_view digits, std::int64_t unit) {
  while (digits.ends_with('0') && digits.size() > 1) {
    digits.remove_suffix(1);
  }
  const auto number = number_of(digits);
  if (!number || digits.size() > most_fraction_digits) {
    return std::nullopt;
  }
  // Dividing by ten digit by digit keeps the product in 64 bits: 3.6e12 x 1e9 would not fit.
  std::int64_t sum = 0;
  for (const char character : digits) {
    const std::int64_t digit = character - '0';
    if (digit != 0 && unit % 10 != 0) {
      return std::nullopt;
    }
    unit /= 10;
    sum += digit * unit;
  }
  return sum;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto letters = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto* const unit = std::ranges::find(units, text.substr(letters), &Unit::name);
  if (unit == units.end()) {
    return std::nullopt;
  }
  const auto number = text.substr(0, letters);
  const auto point = number.find('.');
  const auto whole = number_of(number.substr(0, point));
  const auto fraction = point == std::string_view::npos
                            ? std::optional<std::int64_t>{0}
                            : fraction_of(number.substr(point + 1), unit->nanoseconds);
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  if (!whole || !fraction || *whole > largest / unit->nanoseconds - 1) {
    return std::nullopt;
  }
  return Duration{*whole * unit->nanoseconds + *fraction};
}

std::string to_string(Duration duration) {
  const auto count = duration.count();
  if (count == 0) {
    return "0s";
  }
  constexpr std::int64_t second = 1'000'000'000;
  const bool seconds = count >= second;
  for (const auto& unit : units) {
    const bool natural = seconds == (unit.nanoseconds >= second);
    if (natural && count % unit.nanoseconds == 0) {
      return std::to_string(count / unit.nanoseconds) + std::string{unit.name};
    }
  }
  const auto unit = seconds ? second : second / 1000;
  auto digits = std::to_string(unit + count % unit).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return std::to_string(count / unit) + "." + digits + (seconds ? "s" : "ms");
}

}  // namespace havip::config
