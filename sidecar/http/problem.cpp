// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/problem.hpp"

#include <nlohmann/json.hpp>

namespace havip::http {
namespace {

std::string problem_text(const Problem& problem) {
  std::string text = std::to_string(problem.status) + " " + problem.title + "\n";
  if (!problem.detail.empty()) {
    text += problem.detail + "\n";
  }
  if (!problem.hint.empty()) {
    text += "hint: " + problem.hint + "\n";
  }
  return text;
}

std::string problem_json(const Problem& problem) {
  const nlohmann::ordered_json json{
      {"type", "urn:havip:problem:" + problem.slug},
      {"title", problem.title},
      {"status", problem.status},
      {"detail", problem.detail},
      {"hint", problem.hint},
  };
  // A detail may quote what the client sent, which need not be UTF-8.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

Response answer_problem(const Request& request, const Problem& problem) {
  if (request.wants_json()) {
    return {.status = problem.status,
            .content_type = "application/problem+json",
            .body = problem_json(problem),
            .allow = {}};
  }
  return {.status = problem.status,
          .content_type = std::string{text_type},
          .body = problem_text(problem),
          .allow = {}};
}

Response answer_malformed(unsigned status, const std::string& detail) {
  return {.status = status,
          .content_type = std::string{text_type},
          .body = std::to_string(status) + " " + detail + "\n",
          .allow = {}};
}

}  // namespace havip::http
