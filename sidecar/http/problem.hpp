#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/message.hpp"

#include <string>

namespace havip::http {

/// Why a request was not fulfilled (RFC 9457), with what the client can do about it.
struct Problem {
  unsigned status = 500;
  std::string slug;  ///< names the kind of problem for programs: "no-fit-peer"
  std::string title;
  std::string detail;
  std::string hint;

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// The answer as application/problem+json for a client that wants JSON, else the same as text.
Response answer_problem(const Request& request, const Problem& problem);

/// Answers to what cannot be understood as a request at all; such a client gets text.
Response answer_malformed(unsigned status, const std::string& detail);

}  // namespace havip::http
