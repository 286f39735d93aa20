// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/reference.hpp"

#include "sidecar/config/keys.hpp"

#include <algorithm>
#include <string_view>

namespace havip::config {
namespace {

bool is_nested(const TableRow& table) {
  return table.shape == Shape::nested || table.shape == Shape::nested_list;
}

std::string path_of(const Key& key) {
  return std::string{key.table} + "." + std::string{key.name};
}

/// "; only 3 in this version", "; not in this version", or nothing.
std::string support_note(const Missing* row) {
  if (row == nullptr) {
    return {};
  }
  return row->only.empty() ? "not in this version" : "only " + std::string{row->only} + " yet";
}

/// A cell must not end early.
std::string cell(std::string_view text) {
  std::string result;
  for (const char character : text) {
    result += character == '|' ? "\\|" : std::string{character};
  }
  return result;
}

std::string code(std::string_view text) {
  return text.empty() ? std::string{} : "`" + std::string{text} + "`";
}

/// The range where there is one; the other types say enough by their name and example.
std::string allowed_cell(const Key& key) {
  switch (key.type) {
    case Type::integer:
    case Type::priority:
    case Type::duration:
      return range_text(key);
    case Type::command:
      return "an absolute path and its arguments";
    case Type::boolean:
    case Type::tables:
    case Type::table:
      return {};
    default:
      break;
  }
  auto text = allowed_for(key);
  if (text.ends_with(',')) {
    text.pop_back();
  }
  return text;
}

std::string heading_of(const TableRow& table) {
  if (!is_nested(table)) {
    return header_of(table);
  }
  const auto dot = table.path.rfind('.');
  return header_of(table) + " of " + header_of(table_row(table.path.substr(0, dot)));
}

std::string markdown_row(const Key& key, std::span<const Missing> missing) {
  const auto fallback = key.required           ? "required"
                        : key.fallback.empty() ? std::string{}
                                               : code(key.fallback);
  const auto note = support_note(find_missing(missing, path_of(key)));
  const auto help = std::string{key.help} + (note.empty() ? "" : " *(" + note + ")*");
  return "| `" + std::string{key.name} + "` | " + std::string{type_name(key.type)} + " | " +
         cell(fallback) + " | " + cell(allowed_cell(key)) + " | " + cell(help) + " |\n";
}

/// Help and setting; a comment where the default or nothing does as well. Nodes are told apart by
/// their priorities, so these are shown.
std::string example_line(const Key& key, std::span<const Missing> missing) {
  const auto value = key.example.empty() ? key.fallback : key.example;
  const auto note = support_note(find_missing(missing, path_of(key)));
  return "# " + std::string{key.help} + (note.empty() ? "" : " (" + note + ")") + "\n" +
         (key.required || key.table == "node" ? "" : "#") + std::string{key.name} + " = " +
         std::string{value} + "\n";
}

/// Only what every configuration needs is active in the example file.
bool is_active(const TableRow& table) {
  return table.path == "node" || table.path == "virtual_router";
}

/// Calls `visit` with each line, its end included.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto size = std::min(text.find('\n'), text.size() - 1) + 1;
    visit(text.substr(0, size));
    text.remove_prefix(size);
  }
}

/// A table's own example text; what is missing in this version says so.
std::string written_example(const TableRow& table, std::span<const Missing> missing) {
  std::string text;
  for_each_line(table.example, [&](std::string_view line) {
    const auto name = line.substr(1, line.find(' ') - 1);
    const auto note =
        support_note(find_missing(missing, std::string{table.path} + "." + std::string{name}));
    text += (note.empty() ? "" : "# (" + note + ")\n") + std::string{line};
  });
  return text;
}

std::string example_of(const TableRow& table, std::span<const Missing> missing) {
  std::string text;
  for (const auto& key : keys()) {
    if (key.table == table.path) {
      text += example_line(key, missing);
    }
  }
  if (is_active(table)) {
    return header_of(table) + "\n" + text + std::string{table.example};
  }
  if (!table.example.empty()) {
    return written_example(table, missing);
  }
  std::string commented = "#" + header_of(table) + "\n";
  for_each_line(text, [&](std::string_view line) {
    commented += (line.starts_with('#') ? "" : "#") + std::string{line};
  });
  return commented;
}

}  // namespace

std::string reference_markdown(std::span<const Missing> missing) {
  std::string text;
  for (const auto& table : tables()) {
    const auto note = support_note(find_missing(missing, table.path));
    text += (text.empty() ? "" : "\n") + std::string{"#### `"} + heading_of(table) + "`\n" +
            std::string{table.help} + (note.empty() ? "" : " *(" + note + ")*") +
            "\n\n| key | type | default | allowed | what it is |\n|---|---|---|---|---|\n";
    for (const auto& key : keys()) {
      if (key.table == table.path) {
        text += markdown_row(key, missing);
      }
    }
  }
  return text;
}

std::string example_toml(std::span<const Missing> missing) {
  std::string text =
      "# The configuration of havip: the same file on every node. `havip check` judges it.\n"
      "# \"# \" begins an explanation, \"#\" alone a setting that is at its default or off.\n";
  for (const auto& table : tables()) {
    if (is_nested(table)) {
      continue;
    }
    const auto note = support_note(find_missing(missing, table.path));
    text += "\n# " + std::string{table.help} + (note.empty() ? "" : " (" + note + ")") + "\n" +
            example_of(table, missing);
  }
  return text;
}

}  // namespace havip::config
