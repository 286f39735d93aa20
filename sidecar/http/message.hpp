#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A request and its answer as plain values. Beast's types stay in session.cpp, so that everything
// that decides about a request can be tested without a socket.
#include "sidecar/base/time.hpp"
#include "sidecar/ports/status.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace havip::http {

enum class Method : std::uint8_t { get, head, post, delete_, other };

/// "GET"; what is not one of ours is "other", which keeps the metrics' label bounded.
std::string_view to_string(Method method);

/// Over what a client reached us. `loopback`: both ends of the TCP connection are on this host's
/// loopback; `elsewhere`: any other TCP connection.
enum class Way : std::uint8_t { unix_socket, loopback, elsewhere };

struct Caller {
  Way way = Way::elsewhere;
  std::optional<std::uint32_t> uid;  ///< empty when nobody could say
  bool in_group = false;             ///< belongs to the group that may change things

  friend bool operator==(const Caller&, const Caller&) = default;
};

using Query = std::vector<std::pair<std::string, std::string>>;

struct Request {
  Method method = Method::get;
  std::string path = "/";
  Query query;
  bool http_1_0 = false;
  bool has_body = false;
  std::string accept;
  std::optional<std::string> host;
  std::optional<std::string> origin;
  std::optional<std::string> fetch_site;   ///< Sec-Fetch-Site (W3C Fetch Metadata)
  std::optional<std::string> socket_path;  ///< of the unix socket it came by
  Caller caller;

  [[nodiscard]] std::optional<std::string> parameter(std::string_view key) const;

  /// GET and HEAD never change anything (RFC 9110 section 9.2.1).
  [[nodiscard]] bool changes() const { return method != Method::get && method != Method::head; }

  /// Reading below /v1/ is for programs; everywhere else the client asks for JSON by Accept.
  [[nodiscard]] bool wants_json() const;

  [[nodiscard]] bool wants_html() const;
};

inline constexpr std::string_view text_type = "text/plain; charset=utf-8";
inline constexpr std::string_view json_type = "application/json";

struct Response {
  unsigned status = 200;
  std::string content_type{text_type};
  std::string body;
  std::string allow;  ///< the Allow header, when not empty

  friend bool operator==(const Response&, const Response&) = default;
};

/// An answer that time has to give: `poll` is called with the newest status, again and again,
/// until it answers. It may not fail and may not wait.
struct Pending {
  std::function<std::optional<Response>(const ports::NodeStatus& now, Duration waited)> poll;
};

using Answer = std::variant<Response, Pending>;

/// How to ask this daemon for something else, as a command for the terminal of the one who asked.
std::string curl_line(const Request& request, Method method, std::string_view path);

/// A request-target (RFC 9112 section 3.2), decoded. `authority` stands only in the absolute form
/// and then replaces the Host header.
struct Target {
  std::optional<std::string> authority;
  std::string path;
  Query query;

  friend bool operator==(const Target&, const Target&) = default;
};

/// Empty when it is not a path, or holds a broken escape or a control character.
std::optional<Target> parse_target(std::string_view text);

}  // namespace havip::http
