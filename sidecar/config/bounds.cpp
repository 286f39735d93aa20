// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/bounds.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace havip::config {
namespace {

/// Which bytes may begin a UTF-8 character, and which may follow as its second (Unicode 15, table
/// 3-7); each further one is 80..BF.
struct Utf8Form {
  unsigned first_low;
  unsigned first_high;
  unsigned second_low;
  unsigned second_high;
  std::size_t size;
};

constexpr auto utf8_forms = std::to_array<Utf8Form>({
    {0x00, 0x7f, 0x00, 0xff, 1},
    {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
});

bool has_form(std::string_view text, const Utf8Form& form) {
  if (text.size() < form.size) {
    return false;
  }
  const auto is_within = [&](std::size_t index, unsigned low, unsigned high) {
    const auto byte = static_cast<unsigned char>(text[index]);
    return byte >= low && byte <= high;
  };
  bool fits = is_within(0, form.first_low, form.first_high);
  for (std::size_t i = 1; i < form.size; ++i) {
    fits = fits && is_within(i, i == 1 ? form.second_low : 0x80, i == 1 ? form.second_high : 0xbf);
  }
  return fits;
}

/// The number of bytes of the UTF-8 character at the front; 0 when there is none.
std::size_t character_size(std::string_view text) {
  const auto* const form =
      std::ranges::find_if(utf8_forms, [&](const Utf8Form& each) { return has_form(text, each); });
  return form == utf8_forms.end() ? 0 : form->size;
}

bool is_forbidden_control(std::string_view rest) {
  const auto first = static_cast<unsigned char>(rest.front());
  if (rest.starts_with("\r\n")) {
    return false;
  }
  return (first < 0x20 && first != '\t' && first != '\n') || first == 0x7f;
}

/// Follows the outline of a TOML text one character at a time: what is a string or a comment, how
/// deep brackets and braces lie, how many dots a key has. A text that is no TOML may be followed
/// wrongly only behind the spot where the TOML parser gives up.
class Outline {
public:
  /// The number of bytes that were taken, or 0 when the text is out of bounds here.
  std::size_t take(std::string_view rest) {
    switch (mode_) {
      case Mode::comment:
        return take_in_comment(rest);
      case Mode::text:
        return take_in_string(rest);
      case Mode::plain:
        return take_plain(rest);
    }
    return 0;
  }

  [[nodiscard]] std::string complaint() const {
    if (depth_ > deepest_nesting) {
      return "lists and tables lie too deep in each other; a depth of up to " +
             std::to_string(deepest_nesting) + " is allowed";
    }
    return "this key has too many parts; up to " + std::to_string(most_key_parts) +
           " parts between dots are allowed";
  }

private:
  enum class Mode : std::uint8_t { plain, comment, text };

  std::size_t take_in_comment(std::string_view rest) {
    if (rest.front() == '\n') {
      return newline();
    }
    return 1;
  }

  std::size_t take_in_string(std::string_view rest) {
    const bool many_lines = end_.size() == 3;
    if (rest.front() == '\n' && !many_lines) {
      return newline();  // the parser stops here: a string on one line must end there
    }
    if (rest.front() == '\\' && end_.front() == '"' && rest.size() > 1 && rest[1] != '\n') {
      return character_size(rest.substr(1)) == 1 ? 2 : 1;
    }
    if (rest.starts_with(end_)) {
      mode_ = Mode::plain;
      // Up to two quotes may stand in front of the three that end a string of several lines.
      auto size = end_.size();
      while (many_lines && size < 5 && size < rest.size() && rest[size] == end_.front()) {
        ++size;
      }
      return size;
    }
    return 1;
  }

  std::size_t take_plain(std::string_view rest) {
    static constexpr std::array<std::string_view, 4> quotes{R"(""")", "'''", R"(")", "'"};
    for (const auto quote : quotes) {
      if (rest.starts_with(quote)) {
        mode_ = Mode::text;
        end_ = quote;
        return quote.size();
      }
    }
    switch (rest.front()) {
      case '\n':
        return newline();
      case '#':
        mode_ = Mode::comment;
        return 1;
      case '.':
        return ++dots_ < most_key_parts ? 1 : 0;
      case '[':
      case '{':
        dots_ = 0;
        return ++depth_ <= deepest_nesting ? 1 : 0;
      case ']':
      case '}':
        depth_ -= depth_ > 0 ? 1 : 0;
        return 1;
      case '=':
      case ',':
        dots_ = 0;
        return 1;
      default:
        return 1;
    }
  }

  std::size_t newline() {
    mode_ = Mode::plain;
    dots_ = 0;
    return 1;
  }

  Mode mode_ = Mode::plain;
  std::string_view end_;  ///< of the string we are in
  unsigned depth_ = 0;
  unsigned dots_ = 0;
};

/// Counts lines and columns.
class Cursor {
public:
  explicit Cursor(std::string_view text) : rest_{text} {}

  [[nodiscard]] std::string_view rest() const { return rest_; }

  /// One character.
  void advance(std::size_t bytes) {
    ++column_;
    if (rest_.front() == '\n') {
      ++line_;
      column_ = 1;
    }
    rest_.remove_prefix(bytes);
  }

  [[nodiscard]] TextProblem problem(std::string text) const {
    return {line_, column_, std::move(text)};
  }

private:
  std::string_view rest_;
  unsigned line_ = 1;
  unsigned column_ = 1;
};

}  // namespace

std::optional<TextProblem> out_of_bounds(std::string_view text) {
  if (text.size() > largest_file) {
    return TextProblem{0, 0, "is larger than 1 MiB; a smaller file is allowed"};
  }
  Cursor cursor{text};
  Outline outline;
  std::size_t taken = 0;  // bytes in front of the cursor that the outline has seen already
  while (!cursor.rest().empty()) {
    const auto size = character_size(cursor.rest());
    if (size == 0) {
      return cursor.problem("this is not UTF-8; a text in UTF-8 is allowed");
    }
    if (is_forbidden_control(cursor.rest())) {
      return cursor.problem("this is a control character; text, tabs and line ends are allowed");
    }
    if (taken == 0) {
      taken = outline.take(cursor.rest());
      if (taken == 0) {
        return cursor.problem(outline.complaint());
      }
      taken = taken < size ? size : taken;
    }
    taken -= size;
    cursor.advance(size);
  }
  return std::nullopt;
}

}  // namespace havip::config
