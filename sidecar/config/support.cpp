// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/support.hpp"

#include "sidecar/config/keys.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace havip::config {
namespace {

constexpr auto missing_rows = std::to_array<Missing>({
    {"http.token_file", {}},
    {"peer_link", {}},
    {"virtual_router.virtual_mac", "false"},
    {"virtual_router.gateway", {}},
    {"virtual_router.routes", {}},
    {"virtual_router.rules", {}},
    {"anycast", {}},
    {"source_route", {}},
});

bool is_there(const Missing& row, const Given& given) {
  return !row.only.empty() && given.text == row.only;
}

/// Elements of a list say nothing that the list itself does not.
bool is_said_by_list(const Missing& row, std::string_view path) {
  return path.ends_with(']') && row.path.find('.') != std::string_view::npos;
}

/// "[[anycast]]", "virtual_mac = true", "gateway".
std::string subject_of(const Missing& row, const Given& given) {
  const auto dot = row.path.rfind('.');
  if (dot == std::string_view::npos) {
    return header_of(table_row(row.path));
  }
  const std::string key{row.path.substr(dot + 1)};
  return row.only.empty() ? key : key + " = " + given.text;
}

}  // namespace

std::span<const Missing> missing_features() {
  return missing_rows;
}

const Missing* find_missing(std::span<const Missing> missing, std::string_view path) {
  const auto found = std::ranges::find(missing, path, &Missing::path);
  return found == missing.end() ? nullptr : &*found;
}

void check_support(std::span<const Missing> missing, const Places& places, Report& report) {
  for (const auto& [path, given] : places.all()) {
    const auto* const row = find_missing(missing, without_indexes(path));
    if (row == nullptr || given.wrong || is_there(*row, given) || is_said_by_list(*row, path)) {
      continue;
    }
    report.add(given.place,
               subject_of(*row, given) + " is not supported by this version of havip; " +
                   (row->only.empty() ? "leaving it out" : "only " + std::string{row->only}) +
                   " is allowed");
  }
}

}  // namespace havip::config
