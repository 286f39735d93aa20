#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <span>

namespace havip {

/// The Internet checksum (RFC 1071) of several pieces one after another. Each piece but the last
/// has an even number of bytes.
class Checksum {
public:
  Checksum& add(std::span<const std::byte> bytes);
  Checksum& add_u16(std::uint16_t value);

  /// The complement of the sum, as it stands in a header. Over data that contains its own correct
  /// checksum this is 0.
  [[nodiscard]] std::uint16_t value() const;

private:
  std::uint32_t sum_ = 0;
};

}  // namespace havip
