// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/reader.hpp"

#include "sidecar/base/check.hpp"
#include "sidecar/config/suggest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace havip::config {
namespace {

std::vector<std::string_view> names_of_keys(std::string_view table) {
  std::vector<std::string_view> names;
  for (const auto& key : keys()) {
    if (key.table == table) {
      names.push_back(key.name);
    }
  }
  return names;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const auto name : names) {
    text += (text.empty() ? "" : ", ") + std::string{name};
  }
  return text;
}

}  // namespace

Reader::Reader(Decoding& decoding, std::string_view table, const Value& value, std::string path)
    : decoding_{decoding}, table_{table_row(table)}, value_{value}, path_{std::move(path)} {
  CHECK(value.as<Table>() != nullptr);
  decoding_.places.put(path_, value.place, {});
  refuse_unknown_keys();
}

const Value* Reader::find(std::string_view name) {
  const auto* const key = find_key(table_.path, name);
  CHECK(key != nullptr);
  decoding_.asked.insert(std::string{key->table} + "." + std::string{name});
  const auto* const found = member(name);
  if (found == nullptr) {
    if (key->required) {
      decoding_.report.add(header(),
                           header_of(table_) + " has no " + std::string{name} + "; " +
                               kind_for(*key) + " is required");
    }
    return nullptr;
  }
  decoding_.places.put(path_ + "." + std::string{name}, found->value.place, found->value.text());
  return &found->value;
}

Cell Reader::cell(std::string_view name, const Value& value) const {
  return {*find_key(table_.path, name),
          value,
          path_ + "." + std::string{name},
          decoding_.report,
          decoding_.places,
          std::string{name},
          false};
}

Place Reader::key_place(std::string_view name) const {
  const auto* const found = member(name);
  return found == nullptr ? header() : found->place;
}

const Member* Reader::member(std::string_view name) const {
  const auto& members = *value_.as<Table>();
  const auto found = std::ranges::find(members, name, &Member::key);
  return found == members.end() ? nullptr : &*found;
}

void Reader::refuse_unknown_keys() const {
  const auto names = names_of_keys(table_.path);
  for (const auto& member : *value_.as<Table>()) {
    if (std::ranges::find(names, member.key) != names.end()) {
      continue;
    }
    const auto meant = nearest(member.key, names);
    decoding_.report.add(member.place,
                         quoted(member.key) + " is no key of " + header_of(table_) + "; " +
                             (meant ? "did you mean " + std::string{*meant} + "?"
                                    : "its keys are " + joined(names)));
  }
}

}  // namespace havip::config
