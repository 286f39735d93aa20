// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cli/status_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace havip::cli {
namespace {

using Json = nlohmann::json;

constexpr int label_width = 10;

std::string text(const Json& object, const char* key, const std::string& otherwise = "") {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

std::string signed_number(int number) {
  return (number > 0 ? "+" : "") + std::to_string(number);
}

void write_node(std::ostream& out, const Json& status) {
  out << "node      " << status.at("node").get<std::string>() << "  (havip "
      << text(status, "version") << ", pid " << status.at("pid").get<int>() << ", up "
      << static_cast<long>(status.at("uptime_seconds").get<double>()) << " s)\n";
  if (status.at("drained").get<bool>()) {
    const auto& drain = status.at("drain");
    const auto reason = text(drain, "reason");
    const auto until = text(drain, "until");
    out << "drained   yes" << (reason.empty() ? "" : ": " + reason)
        << (until.empty() ? "" : "  (until " + until + ")") << '\n';
  }
}

void write_haproxy(std::ostream& out, const Json& haproxy) {
  out << "haproxy   " << text(haproxy, "state");
  if (const auto version = text(haproxy, "version"); !version.empty()) {
    out << "  (" << version << ", read by " << text(haproxy, "source") << ")";
  }
  if (const auto detail = text(haproxy, "detail"); !detail.empty()) {
    out << ": " << detail;
  }
  out << '\n';
  for (const auto& backend : haproxy.at("backends")) {
    out << "  backend " << text(backend, "name") << ": " << text(backend, "state") << ", "
        << backend.at("servers_up").get<int>() << " of " << backend.at("servers_total").get<int>()
        << " servers, " << std::lround(backend.at("healthy_share").get<double>() * 100)
        << "% of the weight healthy\n";
  }
}

/// What is tracked and is not well: the operator looks for what is wrong.
void write_tracks(std::ostream& out, const Json& status) {
  const auto tracks = status.find("tracks");
  if (tracks == status.end() || !tracks->is_array()) {
    return;  // of an older daemon
  }
  for (const auto& track : *tracks) {
    if (const auto state = text(track, "state"); state != "well") {
      out << std::left << std::setw(label_width) << state << text(track, "what") << ' '
          << text(track, "detail");
      const auto since = text(track, "since");
      out << (since.empty() ? "" : "  (since " + since + ")") << '\n';
    }
  }
}

/// What is not as in most configurations: a group, VRRP's version 2.
void write_kind(std::ostream& out, const Json& router) {
  constexpr int usual_version = 3;
  if (const auto group = text(router, "group"); !group.empty()) {
    out << "  group     " << group << '\n';
  }
  if (const int version = router.value("version", usual_version); version != usual_version) {
    out << "  version   " << version << " of VRRP\n";
  }
}

void write_problems(std::ostream& out, const Json& router) {
  const auto problems = router.find("problems");
  if (problems == router.end() || !problems->is_array()) {
    return;
  }
  for (const auto& problem : *problems) {
    out << "  problem   " << problem.get<std::string>() << '\n';
  }
}

void write_router(std::ostream& out, const Json& router) {
  const auto& priority = router.at("priority");
  out << "\n"
      << text(router, "name") << "  " << text(router, "state") << " since " << text(router, "since")
      << "  (vrid " << router.at("vrid").get<int>() << " on " << text(router, "interface") << ")\n";
  write_kind(out, router);
  if (const auto why = text(router, "why"); !why.empty()) {
    out << "  because   " << why << '\n';
  }
  out << "  priority  " << priority.at("effective").get<int>() << " of "
      << priority.at("configured").get<int>();
  for (const auto& reason : priority.at("reasons")) {
    if (const int change = reason.at("change").get<int>(); change != 0) {
      out << ", " << signed_number(change) << " " << text(reason, "what");
    }
  }
  out << '\n';
  if (const auto& active = router.at("active_router"); active.is_object()) {
    const auto name = text(active, "name");
    out << "  active    "
        << (name.empty() ? text(active, "address") : name + " (" + text(active, "address") + ")")
        << ", priority " << active.at("priority").get<int>() << '\n';
  } else {
    out << "  active    nobody is heard\n";
  }
  for (const auto& address : router.at("addresses")) {
    out << "  address   " << text(address, "address") << "  "
        << (address.at("present").get<bool>() ? "here" : "not here") << '\n';
  }
  write_problems(out, router);
}

}  // namespace

Result<std::string> status_text(const std::string& json) {
  try {
    const auto status = Json::parse(json);
    std::ostringstream out;
    write_node(out, status);
    write_haproxy(out, status.at("haproxy"));
    write_tracks(out, status);
    for (const auto& router : status.at("virtual_routers")) {
      write_router(out, router);
    }
    return out.str();
  } catch (const Json::exception& error) {
    return Error{std::make_error_code(std::errc::protocol_error),
                 std::string{"the answer is not a status of havip: "} + error.what()};
  }
}

}  // namespace havip::cli
