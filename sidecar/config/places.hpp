#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/problem.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace havip::config {

/// A value that a file gives.
struct Given {
  Place place;
  std::string text;    ///< as in the file, for plain values
  bool wrong = false;  ///< it was refused; the model has the default
};

/// What the files give and where, by path in the model: "haproxy.timeout",
/// "virtual_router[0].addresses[1]", "virtual_router[0].interface.lb1". Indexes are those of the
/// Config's vectors.
class Places {
public:
  void put(std::string path, Place place, std::string text) {
    given_.insert_or_assign(std::move(path), Given{place, std::move(text)});
  }

  void mark_wrong(std::string_view path);

  [[nodiscard]] bool has(std::string_view path) const { return given_.contains(path); }

  /// Whether the value is given and the model has it.
  [[nodiscard]] bool has_good(std::string_view path) const;

  /// Where the value stands, or what it would be a part of: a key that was left out is looked for
  /// in its table's header, a table that was left out at the front of the first file.
  [[nodiscard]] Place of(std::string_view path) const;

  [[nodiscard]] const std::map<std::string, Given, std::less<>>& all() const { return given_; }

private:
  std::map<std::string, Given, std::less<>> given_;
};

/// "virtual_router[3].addresses" from its parts.
std::string path_of(std::string_view table, std::size_t index, std::string_view key = {});

/// The path without its indexes: the rows of a key's table are found by it.
std::string without_indexes(std::string_view path);

}  // namespace havip::config
