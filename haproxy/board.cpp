// SPDX-License-Identifier: Apache-2.0
#include "haproxy/board.hpp"

#include "sidecar/base/check.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace havip::haproxy {

namespace {

/// From so many backends on, one question for all servers is cheaper than one for each.
constexpr std::size_t ask_for_all_from = 8;

}  // namespace

Result<> Board::backends(std::string_view answer, Instant now) {
  auto rows = read_backends(answer);
  if (!rows) {
    return rows.error();
  }
  wanted_.clear();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto& row = (*rows)[i];
    // HAProxy keeps its order. Should a backend vanish, those behind it are asked for once more.
    const bool as_before = i < rows_.size() && rows_[i] == row;
    if (!as_before || sums_of(row.id).unchecked > 0) {
      wanted_.insert(row.id);
    }
  }
  rows_ = std::move(*rows);
  full_wanted_ =
      !last_full_ || now - *last_full_ >= full_reading_every || wanted_.size() >= ask_for_all_from;
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
