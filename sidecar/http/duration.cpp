// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace havip::http {
namespace {

using std::chrono::duration_cast;

constexpr std::array<std::pair<std::string_view, Duration>, 5> units{{
    {"ms", std::chrono::milliseconds{1}},
    {"s", std::chrono::seconds{1}},
    {"m", std::chrono::minutes{1}},
    {"h", std::chrono::hours{1}},
    {"d", std::chrono::hours{24}},
}};

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 9 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// One digit behind the point, and none when it is a zero: "1.2 s", "3 h".
std::string with_one_digit(std::int64_t tenths, std::string_view unit) {
  auto text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) {
    text += "." + std::to_string(tenths % 10);
  }
  return text + " " + std::string{unit};
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") {
    return Duration{};
  }
  const auto digits_end = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto* const unit = std::ranges::find(
      units, text.substr(digits_end), &std::pair<std::string_view, Duration>::first);
  const auto figures = text.substr(0, digits_end);
  const auto point = std::min(figures.find('.'), figures.size());
  const auto whole = figures.substr(0, point);
  const auto fraction = figures.substr(std::min(point + 1, figures.size()));
  const bool has_fraction = point != figures.size();
  if (unit == units.end() || !is_number(whole) || (has_fraction && !is_number(fraction)) ||
      number(whole) > Duration::max() / unit->second - 1) {
    return std::nullopt;
  }
  std::int64_t scale = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) {
    scale *= 10;
  }
  const auto part = static_cast<double>(number(fraction)) / static_cast<double>(scale);
  return unit->second * number(whole) +
         Duration{static_cast<Duration::rep>(part * static_cast<double>(unit->second.count()))};
}

std::string spell(Duration duration) {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  using std::chrono::minutes;
  using std::chrono::seconds;
  if (duration < seconds{1}) {
    return std::to_string(duration_cast<milliseconds>(duration).count()) + " ms";
  }
  if (duration < minutes{2}) {
    return with_one_digit(duration / milliseconds{100}, "s");
  }
  if (duration < hours{2}) {
    return with_one_digit(duration / seconds{6}, "min");
  }
  return with_one_digit(duration / minutes{6}, "h");
}

}  // namespace havip::http
