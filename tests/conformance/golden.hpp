#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <fstream>
#include <stdexcept>
#include <string>

namespace havip::test {

/// The hexadecimal digits of golden/NAME.hex: a whole Ethernet frame, without the file's remarks.
inline std::string golden_frame(const std::string& name) {
  std::ifstream file{std::string{HAVIP_GOLDEN_FRAMES "/"} + name + ".hex"};
  std::string digits;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) {
      digits += line;
    }
  }
  const bool hexadecimal = std::ranges::all_of(
      digits, [](unsigned char c) { return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f'); });
  if (digits.empty() || digits.size() % 2 != 0 || !hexadecimal) {
    throw std::runtime_error{"no golden frame: " + name};
  }
  return digits;
}

}  // namespace havip::test
