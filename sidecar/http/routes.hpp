#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The endpoints, one row each. What is not in the table is 404; a path that is there with other
// methods is 405, with Allow taken from the rows.
#include "sidecar/base/log.hpp"
#include "sidecar/http/message.hpp"
#include "sidecar/ports/admin.hpp"

#include <span>
#include <string>
#include <string_view>

namespace havip::http {

/// What a handler works with. The Admin outlives the answer, the rest the call.
struct Call {
  ports::Admin& admin;
  const LogSink& log;
  const Request& request;
};

/// Answers at once or leaves a Pending. By then the caller is known to be allowed, and the query
/// to have no key but the row's.
using Handler = Answer (*)(const Call& call);

struct Route {
  Method method;
  std::string_view path;
  std::span<const std::string_view> keys;  ///< of the query
  bool open_to_all;                        ///< also served beyond loopback
  Handler handler;
  std::string_view help;
};

/// In the order in which the page shows them. GET rows also answer HEAD.
std::span<const Route> routes();

struct Dispatched {
  std::string_view pattern;  ///< of the route, or "other"; lives as long as the program
  Answer answer;
};

/// Finds the row, judges the caller (access.hpp) and calls the handler.
Dispatched dispatch(const Call& call, std::string_view host_name);

}  // namespace havip::http
