// SPDX-License-Identifier: Apache-2.0
#include "haproxy/framing.hpp"

#include "haproxy/error.hpp"

#include <utility>

namespace havip::haproxy {

namespace {

constexpr std::string_view prompt = "\n> ";

}  // namespace

Result<std::optional<std::string>> Framing::feed(std::string_view bytes) {
  if (bytes.size() > largest_ + prompt.size() - buffer_.size()) {
    return fault(Fault::too_long,
                 "an answer is longer than " + std::to_string(largest_) + " bytes");
  }
  if (bytes.find('\0') != std::string_view::npos) {
    return fault(Fault::not_text, "an answer is not text");
  }
  buffer_.append(bytes);
  if (!buffer_.ends_with(prompt)) {
    return std::optional<std::string>{};
  }
  auto answer = std::exchange(buffer_, {});
  answer.resize(answer.size() - prompt.size());
  if (answer.find(prompt) != std::string::npos || answer.starts_with("> ")) {
    return fault(Fault::not_asked, "more than one answer came to one command");
  }
  return std::optional{std::move(answer)};
}

void Framing::reset() {
  buffer_ = {};
}

}  // namespace havip::haproxy
