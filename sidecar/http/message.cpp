// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/message.hpp"

#include <algorithm>
#include <charconv>

namespace havip::http {
namespace {

std::optional<std::string> unescape(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      unsigned value = 0;
      const auto digits = text.substr(at + 1, 2);
      const auto* const end = digits.data() + digits.size();
      if (digits.size() != 2 || std::from_chars(digits.data(), end, value, 16).ptr != end) {
        return std::nullopt;
      }
      c = static_cast<char>(value);
      at += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    out.push_back(c);
  }
  return out;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

std::optional<Query> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    if (pair.empty()) {
      continue;
    }
    const auto equals = std::min(pair.find('='), pair.size());
    auto key = unescape(pair.substr(0, equals), true);
    auto value = unescape(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value) {
      return std::nullopt;
    }
    query.emplace_back(std::move(*key), std::move(*value));
  }
  return query;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::delete_:
      return "DELETE";
    case Method::other:
      return "other";
  }
  return {};
}

std::optional<std::string> Request::parameter(std::string_view key) const {
  const auto found = std::ranges::find(query, key, &Query::value_type::first);
  return found == query.end() ? std::nullopt : std::optional{found->second};
}

bool Request::wants_json() const {
  return (path.starts_with("/v1/") && !changes()) ||
         accept.find("application/json") != std::string::npos ||
         accept.find("application/problem+json") != std::string::npos;
}

bool Request::wants_html() const {
  return accept.find("text/html") != std::string::npos;
}

std::string curl_line(const Request& request, Method method, std::string_view path) {
  std::string line = "curl ";
  if (method != Method::get) {
    line += "-X " + std::string{to_string(method)} + " ";
  }
  if (request.socket_path) {
    line += "--unix-socket " + *request.socket_path + " localhost";
  } else {
    line += request.host.value_or("localhost:8406");
  }
  return line + std::string{path};
}

std::optional<Target> parse_target(std::string_view text) {
  Target target;
  constexpr std::string_view scheme = "http://";
  if (text.starts_with(scheme)) {
    text.remove_prefix(scheme.size());
    const auto end = std::min(text.find('/'), text.size());
    target.authority = text.substr(0, end);
    text = end == text.size() ? "/" : text.substr(end);
  }
  const auto question = std::min(text.find('?'), text.size());
  auto path = unescape(text.substr(0, question), false);
  auto query = parse_query(text.substr(std::min(question + 1, text.size())));
  if (!path || !query || !path->starts_with('/') || has_control_character(*path)) {
    return std::nullopt;
  }
  target.path = std::move(*path);
  target.query = std::move(*query);
  return target;
}

}  // namespace havip::http
