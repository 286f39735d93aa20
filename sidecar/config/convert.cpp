// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/convert.hpp"

#include "sidecar/base/check.hpp"
#include "sidecar/config/duration.hpp"
#include "sidecar/config/text.hpp"

#include <utility>

namespace havip::config {
namespace {

/// The text, if the value is a string.
const std::string* string_in(const Cell& cell) {
  const auto* const text = cell.value.as<std::string>();
  if (text == nullptr) {
    cell.refuse_kind();
  }
  return text;
}

/// What the value says for one node.
Cell part(const Cell& cell, const Value& value, const std::string& path, std::string label) {
  return {cell.key, value, cell.path + path, cell.report, cell.places, std::move(label), false};
}

/// An element of the value, which is a list.
Cell element_of(const Cell& list, const Value& value, std::size_t index) {
  return {list.key, value, path_of(list.path, index), list.report, list.places, list.label, true};
}

/// Reads with `read(text)`, which answers an optional; empty refuses the text.
template <class T, class Read>
bool convert_text(const Cell& cell, T& out, Read read) {
  const auto* const text = string_in(cell);
  if (text == nullptr) {
    return false;
  }
  auto value = read(*text);
  if (!value) {
    cell.refuse();
    return false;
  }
  out = std::move(*value);
  return true;
}

/// Reads a list that may not be empty. Elements that are refused are left out, so that what is
/// said about the others has the index that it has in the model.
template <class T, class Read>
bool convert_list(const Cell& cell, std::vector<T>& out, Read read) {
  const auto* const array = cell.value.as<Array>();
  if (array == nullptr) {
    cell.refuse_kind();
    return false;
  }
  if (array->empty()) {
    cell.refuse(cell.label + " is empty", kind_for(cell.key));
    return false;
  }
  std::vector<T> values;
  for (const auto& element : *array) {
    const auto inner = element_of(cell, element, values.size());
    T value{};
    if (convert_text(inner, value, read)) {
      cell.places.put(inner.path, element.place, element.text());
      values.push_back(std::move(value));
    }
  }
  out = std::move(values);
  return true;
}

/// Reads one value, or a table of values by node.
template <class T>
bool convert_per_node(const Cell& cell, PerNode<T>& out) {
  const auto* const table = cell.value.as<Table>();
  if (table == nullptr) {
    T value{};
    const bool good = convert(cell, value);
    if (good) {
      out.value = std::move(value);
    }
    return good;
  }
  typename PerNode<T>::ByName by_name;
  for (const auto& member : *table) {
    const auto inner =
        part(cell, member.value, "." + member.key, cell.label + " of " + quoted(member.key));
    cell.places.put(inner.path, member.place, member.value.text());
    T value{};
    if (convert(inner, value)) {
      by_name.insert_or_assign(member.key, std::move(value));
    }
  }
  if (table->empty()) {
    cell.refuse(cell.label + " names no node", kind_for(cell.key));
  }
  out.value = std::move(by_name);
  return !table->empty();
}

}  // namespace

void Cell::refuse_kind() const {
  // A flag is told best by itself, and what the whole list may be is no help with an element.
  const auto what = value.as<bool>() != nullptr ? value.text() : std::string{value.kind()};
  refuse(label + (element ? " has " : " is ") + what, element ? allowed_for(key) : kind_for(key));
}

void Cell::refuse() const {
  refuse(label + (element ? " has " : " is ") + value.text(), allowed_for(key));
}

void Cell::refuse(const std::string& what, const std::string& allowed) const {
  report.add(value.place, what + "; " + allowed + " is allowed");
}

std::optional<std::int64_t> integer_in(const Cell& cell) {
  CHECK(cell.key.type == Type::integer || cell.key.type == Type::priority);
  const auto* const number = cell.value.as<std::int64_t>();
  if (number == nullptr) {
    cell.refuse_kind();
    return std::nullopt;
  }
  if (*number < cell.key.limits.low || *number > cell.key.limits.high) {
    cell.refuse();
    return std::nullopt;
  }
  return *number;
}

std::optional<std::size_t> word_in(const Cell& cell) {
  CHECK(cell.key.type == Type::word);
  const auto* const text = string_in(cell);
  if (text == nullptr) {
    return std::nullopt;
  }
  const auto words = split(cell.key.allowed, '|');
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == *text) {
      return i;
    }
  }
  cell.refuse();
  return std::nullopt;
}

bool convert(const Cell& cell, bool& out) {
  CHECK(cell.key.type == Type::boolean);
  const auto* const flag = cell.value.as<bool>();
  if (flag == nullptr) {
    cell.refuse_kind();
    return false;
  }
  out = *flag;
  return true;
}

bool convert(const Cell& cell, std::string& out) {
  return convert_text(cell, out, [&](const std::string& text) {
    return is_text_for(cell.key.type, text) ? std::optional{text} : std::nullopt;
  });
}

bool convert(const Cell& cell, Duration& out) {
  CHECK(cell.key.type == Type::duration);
  const auto* const text = string_in(cell);
  if (text == nullptr) {
    return false;
  }
  const auto duration = parse_duration(*text);
  if (!duration) {
    cell.refuse(cell.label + " is " + cell.value.text(), kind_for(cell.key));
    return false;
  }
  if (duration->count() < cell.key.limits.low || duration->count() > cell.key.limits.high) {
    cell.refuse();
    return false;
  }
  out = *duration;
  return true;
}

bool convert(const Cell& cell, vrrp::Vrid& out) {
  return convert(cell, out.value);
}

bool convert(const Cell& cell, vrrp::Priority& out) {
  const auto* const number = cell.value.as<std::int64_t>();
  const std::int64_t owner = vrrp::owner_priority.value;
  if (number != nullptr && *number == owner && cell.key.limits.high < owner) {
    cell.refuse(
        cell.label + " is 255, which is for the owner of a virtual router's addresses",
        range_text(cell.key) + ", or priority = { NODE = 255, ... } in a " + "[[virtual_router]],");
    return false;
  }
  return convert(cell, out.value);
}

bool convert(const Cell& cell, IpAddress& out) {
  CHECK(cell.key.type == Type::address);
  return convert_text(cell, out, IpAddress::parse);
}

bool convert(const Cell& cell, Prefix& out) {
  CHECK(cell.key.type == Type::prefix);
  return convert_text(cell, out, Prefix::parse);
}

bool convert(const Cell& cell, std::vector<Prefix>& out) {
  CHECK(cell.key.type == Type::prefixes);
  return convert_list(cell, out, Prefix::parse);
}

bool convert(const Cell& cell, Endpoint& out) {
  CHECK(cell.key.type == Type::endpoint);
  return convert_text(cell, out, parse_endpoint);
}

bool convert(const Cell& cell, std::vector<Listener>& out) {
  CHECK(cell.key.type == Type::listeners);
  return convert_list(cell, out, parse_listener);
}

bool convert(const Cell& cell, std::vector<std::string>& out) {
  CHECK(cell.key.type == Type::command);
  std::vector<std::string> words;
  const bool good = convert_list(cell, words, [](const std::string& text) {
    return has_nul(text) ? std::nullopt : std::optional{text};
  });
  // A command with a word missing would be another command.
  if (!good || words.size() != cell.value.as<Array>()->size()) {
    return false;
  }
  if (!is_text_for(Type::path, words.front())) {
    element_of(cell, cell.value.as<Array>()->front(), 0)
        .refuse(cell.label + " begins with " + quoted(words.front()), "an absolute path");
    return false;
  }
  out = std::move(words);
  return true;
}

bool convert(const Cell& cell, PerNode<std::string>& out) {
  CHECK(cell.key.type == Type::interface);
  return convert_per_node(cell, out);
}

bool convert(const Cell& cell, PerNode<vrrp::Priority>& out) {
  CHECK(cell.key.type == Type::priority);
  return convert_per_node(cell, out);
}

bool convert(const Cell& cell, AtLeast& out) {
  CHECK(cell.key.type == Type::at_least);
  const auto* const number = cell.value.as<std::int64_t>();
  const auto* const text = cell.value.as<std::string>();
  constexpr std::int64_t most_servers = 1'000'000;
  if (number != nullptr && *number >= 1 && *number <= most_servers) {
    out = Servers{static_cast<std::uint32_t>(*number)};
    return true;
  }
  if (const auto percent = text == nullptr ? std::nullopt : parse_percent(*text)) {
    out = WeightShare{*percent};
    return true;
  }
  number != nullptr || text != nullptr ? cell.refuse() : cell.refuse_kind();
  return false;
}

}  // namespace havip::config
