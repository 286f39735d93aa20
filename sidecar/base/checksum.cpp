// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/checksum.hpp"

namespace havip {

Checksum& Checksum::add(std::span<const std::byte> bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto high = std::to_integer<unsigned>(bytes[i]) << 8U;
    const auto low = i + 1 < bytes.size() ? std::to_integer<unsigned>(bytes[i + 1]) : 0U;
    add_u16(static_cast<std::uint16_t>(high | low));
  }
  return *this;
}

Checksum& Checksum::add_u16(std::uint16_t value) {
  sum_ += value;
  sum_ = (sum_ & 0xffffU) + (sum_ >> 16U);
  return *this;
}

std::uint16_t Checksum::value() const {
  return static_cast<std::uint16_t>(~sum_ & 0xffffU);
}

}  // namespace havip
