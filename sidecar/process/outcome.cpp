// SPDX-License-Identifier: Apache-2.0
#include "sidecar/process/outcome.hpp"

#include "sidecar/base/duration_text.hpp"

#include <cstring>

namespace havip::process {
namespace {

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name == nullptr ? std::to_string(number) : "SIG" + std::string{name};
}

std::string quoted(const std::string& text) {
  return text.empty() ? text : ": \"" + text + '"';
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

char made_printable(char c) {
  const bool is_graphic = c > ' ' && c <= '~';
  if (!is_graphic) {
    return '?';
  }
  return c == '"' ? '\'' : c;
}

}  // namespace

std::string describe(const Outcome& outcome) {
  switch (outcome.end) {
    case End::exited:
      return "exit status " + std::to_string(outcome.number) + quoted(outcome.text);
    case End::signalled:
      return "ended by " + signal_name(outcome.number) + quoted(outcome.text);
    case End::timed_out:
      return "no end within " + text_of(outcome.limit) + quoted(outcome.text);
    case End::cancelled:
      return "stopped" + quoted(outcome.text);
    case End::not_started:
      return "cannot be run: " + outcome.text;
    case End::stuck:
      return "cannot be run: the run before was killed and has not ended yet";
  }
  return {};
}

std::string printable(std::string_view output) {
  std::string line;
  for (const char c : output) {
    if (!is_space(c)) {
      line += made_printable(c);
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (!line.empty() && line.back() == ' ') {
    line.pop_back();
  }
  return line;
}

}  // namespace havip::process
