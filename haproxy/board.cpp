// SPDX-License-Identifier: Apache-2.0
#include "haproxy/board.hpp"

#include "haproxy/pace.hpp"
#include "sidecar/base/check.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace havip::haproxy {

namespace {

/// From so many backends on, if they are half of all, one question for all servers is cheaper than
/// one for each: HAProxy's time is as long as the rows are many.
constexpr std::size_t ask_for_all_from = 8;

int usable(const BackendRow& row) {
  return row.active + row.backup;
}

}  // namespace

Result<> Board::backends(std::string_view answer, Instant now) {
  auto rows = read_backends(answer);
  if (!rows) {
    return rows.error();
  }
  wanted_.clear();
  servers_changed_ = false;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto& row = (*rows)[i];
    // HAProxy keeps its order. Should a backend vanish, those behind it are asked for once more.
    const bool as_before = i < rows_.size() && rows_[i] == row;
    if (!as_before || sums_of(row.id).unchecked > 0) {
      wanted_.insert(row.id);
    }
    const bool known = i < rows_.size() && rows_[i].id == row.id;
    servers_changed_ = servers_changed_ || (known && usable(rows_[i]) != usable(row));
  }
  rows_ = std::move(*rows);
  const bool many = wanted_.size() >= ask_for_all_from && 2 * wanted_.size() >= rows_.size();
  full_wanted_ = !last_full_ || now - *last_full_ >= full_reading_interval(servers_total()) || many;
  return {};
}

std::optional<std::string> Board::next_command() const {
  if (full_wanted_) {
    return "show stat -1 4 -1";
  }
  if (!wanted_.empty()) {
    return "show stat " + std::to_string(*wanted_.begin()) + " 4 -1";
  }
  return std::nullopt;
}

Result<> Board::servers(std::string_view answer, Instant now) {
  CHECK(next_command());
  auto sums = read_servers(answer);
  if (!sums) {
    return sums.error();
  }
  if (full_wanted_) {
    sums_ = std::move(*sums);
    last_full_ = now;
    full_wanted_ = false;
    wanted_.clear();
  } else {
    const auto id = *wanted_.begin();
    sums_[id] = (*sums)[id];  // without rows: its last server was deleted
    wanted_.erase(id);
  }
  return {};
}

std::size_t Board::servers_total() const {
  std::size_t count = 0;
  for (const auto& [id, sums] : sums_) {
    count += static_cast<std::size_t>(sums.servers);
  }
  return count;
}

int Board::unchecked() const {
  int count = 0;
  for (const auto& row : rows_) {
    count += sums_of(row.id).unchecked;
  }
  return count;
}

std::vector<Backend> Board::judged() const {
  std::vector<Backend> backends;
  backends.reserve(rows_.size());
  std::ranges::transform(rows_, std::back_inserter(backends), [this](const BackendRow& row) {
    return judge(row, sums_of(row.id));
  });
  return backends;
}

const ServerSums& Board::sums_of(ProxyId id) const {
  static const ServerSums none;
  const auto found = sums_.find(id);
  return found == sums_.end() ? none : found->second;
}

}  // namespace havip::haproxy
