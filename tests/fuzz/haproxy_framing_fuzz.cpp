// SPDX-License-Identifier: Apache-2.0
//
// What may come on the Runtime API's socket, cut into pieces at will: an answer is found exactly
// when the bytes end with a prompt, wherever they were cut, and never more is kept than is allowed.
// Input: how long an answer may be, the sizes of the pieces, the bytes.
#include "haproxy/error.hpp"
#include "haproxy/framing.hpp"
#include "sidecar/base/check.hpp"
#include "tests/fuzz/input.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace havip::fuzz {
namespace {

using haproxy::Fault;
using haproxy::Framing;

constexpr std::string_view prompt = "\n> ";

std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const auto byte : bytes) {
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

/// An answer is what was fed since the last one, less its prompt, and has none in it.
void check_answer(const std::string& answer, const std::string& fed, std::size_t largest) {
  CHECK(answer + std::string{prompt} == fed);
  CHECK(answer.find(prompt) == std::string::npos);
  CHECK(answer.find('\0') == std::string::npos);
  CHECK(answer.size() <= largest);
}

void feed(Input input) {
  const std::size_t largest = input.u16();
  Framing framing{largest};
  std::string fed;
  while (!input.is_empty()) {
    const auto piece = text_of(input.take(std::size_t{input.u8()} + 1));
    const auto result = framing.feed(piece);
    fed += piece;
    if (!result) {
      const auto code = result.error().code;
      CHECK(code == Fault::too_long || code == Fault::not_text || code == Fault::not_asked);
      CHECK(code != Fault::too_long || fed.size() > largest);
      framing.reset();
      fed.clear();
    } else if (*result) {
      check_answer(**result, fed, largest);
      fed.clear();
    } else {
      CHECK(!fed.ends_with(prompt));
      CHECK(fed.size() <= largest + prompt.size());
    }
    CHECK(framing.in_answer() == !fed.empty());
  }
}

}  // namespace
}  // namespace havip::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  havip::fuzz::feed(havip::fuzz::Input{data, size});
  return 0;
}
