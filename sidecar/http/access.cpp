// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/access.hpp"

#include "sidecar/base/check.hpp"
#include "sidecar/base/ip.hpp"

#include <algorithm>
#include <cctype>

namespace havip::http {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(
      out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The host of "host:port" or "[address]:port", without brackets.
std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return end == std::string_view::npos ? std::string_view{} : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_addressed_to_us(const Request& request, std::string_view host_name) {
  if (request.caller.way == Way::unix_socket || !request.host) {
    return true;  // no browser speaks to a unix socket, or HTTP without a Host
  }
  const auto host = lower(without_port(*request.host));
  const auto own = lower(host_name);
  return host == "localhost" || IpAddress::parse(host).has_value() ||
         (!host.empty() && (host == own || host == own.substr(0, own.find('.'))));
}

/// Whether the request is for the very site that the browser shows.
bool is_same_site(const Request& request) {
  if (request.fetch_site && *request.fetch_site != "same-origin" && *request.fetch_site != "none") {
    return false;
  }
  if (!request.origin) {
    return true;
  }
  const auto scheme_end = request.origin->find("://");
  return request.host && scheme_end != std::string::npos &&
         lower(request.origin->substr(scheme_end + 3)) == lower(*request.host);
}

bool may_change(const Caller& caller) {
  return caller.way != Way::elsewhere && caller.uid && (*caller.uid == 0 || caller.in_group);
}

std::string describe(const Caller& caller) {
  if (caller.way == Way::elsewhere) {
    return "the request comes from elsewhere than this host's loopback, which may only read";
  }
  if (!caller.uid) {
    return "it could not be found out which user sent the request";
  }
  return "user " + std::to_string(*caller.uid) + " is neither root nor a member of group havip";
}

}  // namespace

Decision decide(const Request& request, bool open_to_all, std::string_view host_name) {
  if (!is_addressed_to_us(request, host_name)) {
    return Decision::misdirected;
  }
  if (request.caller.way == Way::elsewhere && !open_to_all) {
    return Decision::hidden;
  }
  if (!request.changes()) {
    return Decision::allowed;
  }
  if (!is_same_site(request)) {
    return Decision::cross_site;
  }
  return may_change(request.caller) ? Decision::allowed : Decision::forbidden;
}

Problem problem_of(Decision decision, const Request& request) {
  switch (decision) {
    case Decision::allowed:
      break;
    case Decision::misdirected:
      return {.status = 421,
              .slug = "misdirected",
              .title = "not this host",
              .detail = "the Host header is '" + request.host.value_or("") + "'",
              .hint = "use localhost, an IP address or this host's name"};
    case Decision::hidden:
      return {.status = 404,
              .slug = "not-served-here",
              .title = "not served here",
              .detail = "beyond loopback only /livez, /readyz, /active and /metrics are served",
              .hint = "ask on the node itself, on 127.0.0.1 or the unix socket"};
    case Decision::cross_site:
      return {.status = 403,
              .slug = "cross-site",
              .title = "sent by another site",
              .detail = "a page of another origin may not change anything here",
              .hint = "use curl or havip on the node"};
    case Decision::forbidden:
      return {.status = 403,
              .slug = "forbidden",
              .title = "not permitted",
              .detail = describe(request.caller),
              .hint = "run it on the node as root, or add yourself to the group havip"};
  }
  CHECK(decision != Decision::allowed);
  return {};
}

}  // namespace havip::http
