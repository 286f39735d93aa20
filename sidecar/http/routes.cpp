// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/routes.hpp"

#include "sidecar/http/access.hpp"
#include "sidecar/http/handlers.hpp"
#include "sidecar/http/problem.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace havip::http {
namespace {

constexpr std::span<const std::string_view> none{};
constexpr std::array<std::string_view, 1> of_active{"virtual_router"};
constexpr std::array<std::string_view, 4> of_drain{"wait", "for", "reason", "force"};

constexpr bool to_all = true;
constexpr bool local = false;

constexpr std::array<Route, 15> table{{
    {Method::get, "/", none, local, get_page, "what this node does, and these lines"},
    {Method::get, "/livez", none, to_all, get_livez, "200 while the daemon works"},
    {Method::get, "/readyz", none, to_all, get_readyz, "200 if it could take the addresses now"},
    {Method::get, "/active", of_active, to_all, get_active, "200 if it holds the addresses"},
    {Method::get, "/metrics", none, to_all, get_metrics, "for Prometheus"},
    {Method::get, "/v1/status", none, local, get_status, "everything, as JSON"},
    {Method::get, "/drain", none, local, get_drain, "whether this node is drained"},
    {Method::post, "/drain", of_drain, local, post_drain, "give the addresses away"},
    {Method::post, "/undrain", none, local, post_undrain, "take part again"},
    {Method::post, "/announce", none, local, post_announce, "tell the neighbours again"},
    {Method::get, "/v1/drain", none, local, get_drain, "the same as /drain, as JSON"},
    {Method::post, "/v1/drain", of_drain, local, post_drain, "the same as /drain"},
    {Method::delete_, "/v1/drain", none, local, post_undrain, "the same as /undrain"},
    {Method::post, "/v1/undrain", none, local, post_undrain, "the same as /undrain"},
    {Method::post, "/v1/announce", none, local, post_announce, "the same as /announce"},
}};

std::vector<const Route*> rows_of(std::string_view path) {
  std::vector<const Route*> rows;
  for (const auto& route : table) {
    if (route.path == path) {
      rows.push_back(&route);
    }
  }
  return rows;
}

const Route* find(std::string_view path, Method method) {
  const auto wanted = method == Method::head ? Method::get : method;
  for (const auto* const route : rows_of(path)) {
    if (route->method == wanted) {
      return route;
    }
  }
  return nullptr;
}

std::string join(std::span<const std::string_view> words) {
  std::string text;
  for (const auto word : words) {
    text += (text.empty() ? "" : ", ") + std::string{word};
  }
  return text;
}

Response not_found(const Request& request) {
  return answer_problem(
      request,
      {.status = 404,
       .slug = "not-found",
       .title = "no such endpoint",
       .detail = "there is no " + request.path,
       .hint = "see what there is with: " + curl_line(request, Method::get, "/")});
}

/// The hint is the command that was meant: the row that changes something, where there is one.
Response wrong_method(const Request& request) {
  std::string allow;
  const Route* meant = nullptr;
  for (const auto* const route : rows_of(request.path)) {
    const bool get = route->method == Method::get;
    allow +=
        (allow.empty() ? "" : ", ") + std::string{get ? "GET, HEAD" : to_string(route->method)};
    if (meant == nullptr || meant->method == Method::get) {
      meant = route;
    }
  }
  const bool known = request.method != Method::other;
  auto response =
      answer_problem(request,
                     {.status = 405,
                      .slug = "wrong-method",
                      .title = "wrong method",
                      .detail = request.path + " does not take " +
                                (known ? std::string{to_string(request.method)} : "this method") +
                                "; it takes " + allow,
                      .hint = curl_line(request, meant->method, meant->path)});
  response.allow = allow;
  return response;
}

/// What is wrong with the parts of the request that the table knows about.
std::optional<Response> malformed(const Request& request, const Route& route) {
  const auto problem = [&](const std::string& detail, const std::string& hint) {
    return answer_problem(request,
                          {.status = 400,
                           .slug = "bad-request",
                           .title = "bad request",
                           .detail = detail,
                           .hint = hint});
  };
  if (request.has_body) {
    return problem("this endpoint takes no body",
                   "write parameters behind a question mark: " +
                       curl_line(request, route.method, route.path) + "?KEY=VALUE");
  }
  for (auto pair = request.query.begin(); pair != request.query.end(); ++pair) {
    const auto& key = pair->first;
    if (std::ranges::find(route.keys, key) == route.keys.end()) {
      return problem("unknown parameter '" + key + "'",
                     route.keys.empty() ? "it takes none" : "it takes " + join(route.keys));
    }
    if (std::find_if(request.query.begin(), pair, [&](const auto& earlier) {
          return earlier.first == key;
        }) != pair) {
      return problem("the parameter '" + key + "' is there twice", "write it once");
    }
  }
  return std::nullopt;
}

}  // namespace

std::span<const Route> routes() {
  return table;
}

Dispatched dispatch(const Call& call, std::string_view host_name) {
  const auto& request = call.request;
  const auto rows = rows_of(request.path);
  const auto* const route = find(request.path, request.method);
  const bool known = !rows.empty();
  const std::string_view pattern = known ? rows.front()->path : "other";

  const auto decision = decide(request, known && rows.front()->open_to_all, host_name);
  if (!request.host && !request.http_1_0) {
    return {pattern, answer_malformed(400, "a request of HTTP/1.1 needs a Host header")};
  }
  if (decision == Decision::misdirected || decision == Decision::hidden) {
    return {pattern, answer_problem(request, problem_of(decision, request))};
  }
  if (!known) {
    return {pattern, not_found(request)};
  }
  if (route == nullptr) {
    return {pattern, wrong_method(request)};
  }
  if (decision != Decision::allowed) {
    return {pattern, answer_problem(request, problem_of(decision, request))};
  }
  if (auto wrong = malformed(request, *route)) {
    return {pattern, std::move(*wrong)};
  }
  return {pattern, route->handler(call)};
}

}  // namespace havip::http
