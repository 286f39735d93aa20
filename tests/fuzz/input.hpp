#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace havip::fuzz {

/// What the fuzzer made up, taken piece by piece. An input that has ended goes on with zeros, so
/// that every input means something.
class Input {
public:
  Input(const std::uint8_t* data, std::size_t size) : rest_{std::as_bytes(std::span{data, size})} {}

  [[nodiscard]] bool is_empty() const { return rest_.empty(); }

  std::uint8_t u8() { return ByteReader{take(1)}.u8().value_or(0); }

  std::uint16_t u16() { return ByteReader{take(2)}.u16().value_or(0); }

  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16U | u16();
  }

  /// As many of the next `count` bytes as there are.
  std::span<const std::byte> take(std::size_t count) {
    const auto taken = rest_.first(count < rest_.size() ? count : rest_.size());
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  /// All that is left.
  std::span<const std::byte> rest() { return take(rest_.size()); }

private:
  std::span<const std::byte> rest_;
};

}  // namespace havip::fuzz
