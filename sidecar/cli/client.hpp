#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"

#include <chrono>
#include <string>

namespace havip::cli {

/// The daemon's answer.
struct Answer {
  unsigned code = 0;
  std::string content_type;
  std::string body;

  friend bool operator==(const Answer&, const Answer&) = default;
};

struct Question {
  std::string method = "GET";
  std::string target = "/";  ///< path and query
  std::string accept = "text/plain";
  std::chrono::seconds patience{5};  ///< with a daemon that takes the question but says nothing
};

/// Asks the daemon at `url` ("unix:/path" or "http://host:port") and waits for the whole answer.
/// The error says in one line that nobody answers there, or not in time, and what to do.
Result<Answer> ask(const std::string& url, const Question& question);

/// For a value in a query: everything but letters, digits and -._~ as %XX.
std::string percent_encoded(const std::string& text);

}  // namespace havip::cli
