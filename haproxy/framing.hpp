#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace havip::haproxy {

/// Finds where an answer of the Runtime API ends (management guide, section 9.3).
///
/// In `prompt` mode each answer is followed by an empty line and the prompt: "\n> ". No answer we
/// ask for has a line that starts with "> ", and only one command is under way at a time, so the
/// end of an answer is the end of what has come so far. Should a peer send more than one answer,
/// that is an error and not a shift by one of all later answers.
class Framing {
public:
  /// `largest` is how many bytes an answer may have before it is refused.
  explicit Framing(std::size_t largest) : largest_{largest} {}

  /// Takes bytes as they come. The answer without its prompt when it is complete; empty when more
  /// must come. After an error the conversation is beyond repair: close the connection.
  /// Errors: Fault::too_long, not_text (a NUL byte), not_asked (a second answer).
  Result<std::optional<std::string>> feed(std::string_view bytes);

  /// Whether a part of an answer has come.
  [[nodiscard]] bool in_answer() const { return !buffer_.empty(); }

  /// Forgets what came, for a new connection.
  void reset();

private:
  std::size_t largest_;
  std::string buffer_;
};

}  // namespace havip::haproxy
