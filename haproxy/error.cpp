// SPDX-License-Identifier: Apache-2.0
#include "haproxy/error.hpp"

#include <algorithm>
#include <utility>

namespace havip::haproxy {

namespace {

constexpr std::size_t longest_quotation = 80;
constexpr std::size_t longest_name = 256;

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

const char* text_of(Fault fault) {
  switch (fault) {
    case Fault::closed:
      return "the connection was closed";
    case Fault::too_long:
      return "the answer is too long";
    case Fault::not_text:
      return "the answer is not text";
    case Fault::not_asked:
      return "something came that was not asked for";
    case Fault::refused:
      return "the command was refused";
    case Fault::malformed:
      return "the answer is malformed";
    case Fault::no_such_column:
      return "the table lacks a column";
    case Fault::stopping:
      return "the process is stopping";
  }
  return "unknown fault";
}

class FaultCategory final : public std::error_category {
public:
  [[nodiscard]] const char* name() const noexcept override { return "haproxy"; }

  [[nodiscard]] std::string message(int value) const override {
    return text_of(static_cast<Fault>(value));
  }
};

}  // namespace

const std::error_category& fault_category() {
  static const FaultCategory category;
  return category;
}

std::error_code make_error_code(Fault fault) {
  return {static_cast<int>(fault), fault_category()};
}

Error fault(Fault kind, std::string message) {
  return {make_error_code(kind), std::move(message)};
}

std::string printable(std::string_view text) {
  std::string line{text.substr(0, std::min(text.find_first_of("\r\n"), longest_quotation))};
  std::ranges::replace_if(
      line, [](char c) { return !is_printable(c); }, '?');
  return line;
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= longest_name && std::ranges::all_of(text, is_printable);
}

}  // namespace havip::haproxy
