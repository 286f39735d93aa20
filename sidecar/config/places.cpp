// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/places.hpp"

namespace havip::config {

void Places::mark_wrong(std::string_view path) {
  if (const auto found = given_.find(path); found != given_.end()) {
    found->second.wrong = true;
  }
}

bool Places::has_good(std::string_view path) const {
  const auto found = given_.find(path);
  return found != given_.end() && !found->second.wrong;
}

Place Places::of(std::string_view path) const {
  for (;;) {
    if (const auto found = given_.find(path); found != given_.end()) {
      return found->second.place;
    }
    const auto end = path.find_last_of(".[");
    if (end == std::string_view::npos) {
      return {0, 1, 1};
    }
    path = path.substr(0, end);
  }
}

std::string path_of(std::string_view table, std::size_t index, std::string_view key) {
  auto path = std::string{table} + "[" + std::to_string(index) + "]";
  return key.empty() ? path : path + "." + std::string{key};
}

std::string without_indexes(std::string_view path) {
  std::string result;
  bool inside = false;
  for (const char character : path) {
    inside = inside || character == '[';
    if (!inside) {
      result += character;
    }
    inside = inside && character != ']';
  }
  return result;
}

}  // namespace havip::config
