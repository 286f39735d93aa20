#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace havip {

/// Reads big-endian fields from bytes that came from outside. Nothing is read past the end: the
/// first field that is not all there makes every later read fail too.
class ByteReader {
public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_{bytes} {}

  std::optional<std::uint8_t> u8() {
    const auto bytes = take(1);
    return bytes ? std::optional{std::to_integer<std::uint8_t>((*bytes)[0])} : std::nullopt;
  }

  std::optional<std::uint16_t> u16() {
    const auto bytes = take(2);
    if (!bytes) {
      return std::nullopt;
    }
    return static_cast<std::uint16_t>(std::to_integer<unsigned>((*bytes)[0]) << 8U |
                                      std::to_integer<unsigned>((*bytes)[1]));
  }

  /// The next `count` bytes, or nothing.
  std::optional<std::span<const std::byte>> take(std::size_t count) {
    if (count > rest_.size()) {
      rest_ = {};
      return std::nullopt;
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  [[nodiscard]] std::size_t left() const { return rest_.size(); }

private:
  std::span<const std::byte> rest_;
};

/// Writes big-endian fields into a container of std::byte with push_back.
template <class Container>
class ByteWriter {
public:
  explicit ByteWriter(Container& out) : out_{&out} {}

  void u8(std::uint8_t value) { out_->push_back(static_cast<std::byte>(value)); }

  void u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value >> 8U));
    u8(static_cast<std::uint8_t>(value & 0xffU));
  }

  void bytes(std::span<const std::byte> values) {
    for (const auto value : values) {
      out_->push_back(value);
    }
  }

private:
  Container* out_;
};

}  // namespace havip
