// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/drain.hpp"

#include "sidecar/http/duration.hpp"

#include <algorithm>

namespace havip::http {
namespace {

using ports::NodeStatus;
using ports::VirtualRouterStatus;

/// RFC 9568 section 6.1 without Skew_Time, which is shorter than one interval.
Duration active_down(const VirtualRouterStatus& router) {
  return 4 * router.advert_interval;
}

bool was_active(const NodeStatus& before, const std::string& name) {
  return std::ranges::any_of(before.election.virtual_routers, [&](const auto& router) {
    return router.name == name && router.state == vrrp::State::active;
  });
}

/// Who has the virtual router instead of this node. Right after giving it away the last Active
/// router that this node knows may still be itself.
bool is_elsewhere(const VirtualRouterStatus& router, const NodeStatus& now) {
  return router.active_router &&
         (router.active_router->name.empty() || router.active_router->name != now.node);
}

/// Continuation bytes of UTF-8 do not count as characters.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

bool is_printable(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

/// A duration within the bounds, both of them included.
std::optional<Duration> duration_within(const std::string& text, Duration least, Duration most) {
  const auto duration = parse_duration(text);
  return duration && *duration >= least && *duration <= most ? duration : std::nullopt;
}

/// Takes one parameter over; says what is allowed when the value is not.
const char* set(DrainOptions& options, const std::string& key, const std::string& value) {
  using std::chrono::hours;
  using std::chrono::seconds;
  if (key == "wait") {
    const auto wait = duration_within(value, seconds{0}, hours{1});
    options.wait = wait.value_or(options.wait);
    return wait ? nullptr : "write a duration from 0s to 1h, such as 90s";
  }
  if (key == "for") {
    options.request.lasting = duration_within(value, seconds{1}, hours{24 * 30});
    return options.request.lasting ? nullptr : "write a duration from 1s to 30d, such as 2h";
  }
  if (key == "reason") {
    options.request.reason = value;
    const bool good = characters(value) <= 200 && is_printable(value);
    return good ? nullptr : "write at most 200 printable characters";
  }
  if (key == "force") {
    options.force = value.empty() || value == "true" || value == "1";
    const bool good = options.force || value == "false" || value == "0";
    return good ? nullptr : "write true or false";
  }
  return nullptr;
}

}  // namespace

DrainProgress progress(const NodeStatus& before, const NodeStatus& now) {
  DrainProgress progress;
  progress.told = now.election.drained;
  for (const auto& router : now.election.virtual_routers) {
    const bool here = router.state == vrrp::State::active;
    if (!here && !was_active(before, router.name)) {
      continue;
    }
    if (!here && is_elsewhere(router, now)) {
      progress.moved.push_back({.virtual_router = router.name, .to = *router.active_router});
      continue;
    }
    (here ? progress.held : progress.unclaimed).push_back(router.name);
    progress.active_down = std::max(progress.active_down, active_down(router));
  }
  return progress;
}

DrainVerdict judge(const DrainProgress& progress, Duration waited, Duration wait) {
  if (progress.done()) {
    return DrainVerdict::drained;
  }
  const auto patience = 10 * progress.active_down;
  const bool time_enough = waited >= patience;
  const bool kept_here = !progress.held.empty() && waited >= wait && waited >= progress.active_down;
  if (progress.told && (time_enough || kept_here)) {
    return DrainVerdict::nobody_fit;
  }
  return waited >= wait ? DrainVerdict::out_of_time : DrainVerdict::going_on;
}

boost::system::result<DrainOptions, std::string> parse_drain_options(const Request& request) {
  DrainOptions options;
  for (const auto& [key, value] : request.query) {
    if (const auto* const allowed = set(options, key, value); allowed != nullptr) {
      std::string complaint = key;
      return complaint.append("=").append(value).append(": ").append(allowed);
    }
  }
  return options;
}

}  // namespace havip::http
