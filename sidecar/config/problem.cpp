// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/problem.hpp"

#include <algorithm>

namespace havip::config {
namespace {

constexpr std::size_t longest_quote = 60;

/// Never cuts a character of several bytes in two.
std::string_view shortened(std::string_view text) {
  if (text.size() <= longest_quote) {
    return text;
  }
  auto end = longest_quote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace

std::string Problem::to_string() const {
  const auto place =
      line == 0 ? std::string{} : ":" + std::to_string(line) + ":" + std::to_string(column);
  return file + place + ": " + text;
}

std::string Report::where(Place place) const {
  return files_.at(place.file) + ":" + std::to_string(place.line) + ":" +
         std::to_string(place.column);
}

std::vector<Problem> Report::sorted(Found found) const {
  std::ranges::sort(found);
  std::vector<Problem> problems;
  problems.reserve(found.size());
  for (auto& [place, text] : found) {
    problems.push_back({files_.at(place.file), place.line, place.column, std::move(text)});
  }
  return problems;
}

std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result{'"'};
  for (const char character : shortened(text)) {
    const auto number = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      result += '\\';
      result += character;
    } else if (number < 0x20 || number == 0x7f) {
      result += "\\u00";
      result += digits[number >> 4U];
      result += digits[number & 0xfU];
    } else {
      result += character;
    }
  }
  return result + (text.size() > longest_quote ? R"(...")" : R"(")");
}

}  // namespace havip::config
