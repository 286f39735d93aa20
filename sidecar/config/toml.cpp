// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/toml.hpp"

#include "sidecar/config/bounds.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <string>
#include <utility>

namespace havip::config {
namespace {

Place place_of(const toml::source_region& region, std::size_t file) {
  return {file, region.begin.line, region.begin.column};
}

/// Copies a node with everything below it. The depth is bounded by out_of_bounds().
Value copy(const toml::node& node, std::size_t file) {
  Value value{place_of(node.source(), file), DateTime{}};
  if (const auto* const table = node.as_table()) {
    Table members;
    for (const auto& [key, child] : *table) {
      members.push_back({std::string{key.str()}, place_of(key.source(), file), copy(child, file)});
    }
    std::ranges::sort(members, {}, &Member::place);
    value.data = std::move(members);
  } else if (const auto* const array = node.as_array()) {
    Array elements;
    for (const auto& child : *array) {
      elements.push_back(copy(child, file));
    }
    value.data = std::move(elements);
  } else if (const auto text = node.value_exact<std::string>()) {
    value.data = *text;
  } else if (const auto number = node.value_exact<std::int64_t>()) {
    value.data = *number;
  } else if (const auto real = node.value_exact<double>()) {
    value.data = *real;
  } else if (const auto flag = node.value_exact<bool>()) {
    value.data = *flag;
  }
  return value;
}

/// "Error while parsing key-value pair: expected '=', saw 't'" for somebody who did not write a
/// parser.
std::string explain(const toml::parse_error& error) {
  std::string text{error.description()};
  const auto says = [&](std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  constexpr std::string_view opening = "Error while parsing ";
  const auto colon = text.find(": ");
  if (text.starts_with(opening) && colon != std::string::npos) {
    text = "(" + text.substr(opening.size(), colon - opening.size()) + ")" + text.substr(colon);
  }
  // Every other control character was refused before.
  if (says("unescaped control characters")) {
    text = "(string): the line ends within it; a closing quote is required";
  } else if (says("could not determine value type")) {
    text += R"(; "text" in quotes, a number, true or false, a list or a table is allowed)";
  } else if (says("expected") && (says("(decimal integer)") || says("(floating-point)"))) {
    text += R"(; a text such as "100ms" or "192.0.2.1" must stand in quotes)";
  }
  return "this is not TOML " + text;
}

}  // namespace

std::optional<Value> parse_toml(std::string_view text, std::size_t file, Report& report) {
  if (const auto problem = out_of_bounds(text)) {
    report.add({file, problem->line, problem->column}, problem->text);
    return std::nullopt;
  }
  try {
    return copy(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    report.add(place_of(error.source(), file), explain(error));
    return std::nullopt;
  }
}

}  // namespace havip::config
