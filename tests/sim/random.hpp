#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

namespace havip::sim {

/// splitmix64: the same numbers on every machine and with every compiler.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

class Random {
public:
  explicit Random(std::uint64_t seed) : state_{mix(seed)} {}

  std::uint64_t next() { return state_ = mix(state_); }

  int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }

private:
  std::uint64_t state_;
};

}  // namespace havip::sim
