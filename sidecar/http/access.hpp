#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Who may ask for what. Reading is open to everybody who can reach a loopback listener or the unix
// socket; changing is for root and the members of group havip, whose uid the kernel tells. The
// kernel vouches for the process, not for the page that a browser shows: so a request must be
// addressed to this host by a name that an attacker's DNS cannot have (against DNS rebinding),
// and a change must not come from another site's page.
#include "sidecar/http/message.hpp"
#include "sidecar/http/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace havip::http {

enum class Decision : std::uint8_t {
  allowed,
  misdirected,  ///< the Host header names somebody else (RFC 9110 section 15.5.20)
  hidden,       ///< not served to this caller
  cross_site,   ///< a browser sent it on behalf of another site
  forbidden,    ///< the caller may only read
};

/// `open_to_all` says that the endpoint is also served beyond loopback. `host_name` is this
/// host's name, with or without its domain.
Decision decide(const Request& request, bool open_to_all, std::string_view host_name);

/// What the client is told about a decision other than `allowed`.
Problem problem_of(Decision decision, const Request& request);

}  // namespace havip::http
