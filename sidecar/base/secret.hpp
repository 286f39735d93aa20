#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace havip {

/// Bytes that must not be seen in a log, a status or an error: nothing prints them.
class Secret {
public:
  Secret() = default;

  explicit Secret(std::vector<std::byte> bytes) : bytes_{std::move(bytes)} {}

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  friend bool operator==(const Secret&, const Secret&) = default;

private:
  std::vector<std::byte> bytes_;
};

}  // namespace havip
