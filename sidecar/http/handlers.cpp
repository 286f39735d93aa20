// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/handlers.hpp"

#include "sidecar/http/drain.hpp"
#include "sidecar/http/problem.hpp"
#include "sidecar/http/views.hpp"

namespace havip::http {
namespace {

Response reply(unsigned status, std::string_view content_type, std::string body) {
  return {.status = status,
          .content_type = std::string{content_type},
          .body = std::move(body),
          .allow = {}};
}

/// Who asked for a change belongs into the journal.
void log_change(const Call& call, const std::string& what) {
  const auto& caller = call.request.caller;
  const auto* const way = caller.way == Way::unix_socket ? "the unix socket" : "TCP";
  const auto who = caller.uid ? "uid " + std::to_string(*caller.uid) : std::string{"somebody"};
  call.log(Severity::notice, what + ", asked for by " + who + " over " + way);
}

/// 200 or 503 with the reasons, one a line.
Response verdict(const Request& request,
                 std::string_view key,
                 const std::vector<std::string>& reasons_against) {
  const bool good = reasons_against.empty();
  const unsigned status = good ? 200 : 503;
  if (request.wants_json()) {
    return reply(status, json_type, verdict_json(key, good, reasons_against));
  }
  std::string text = good ? std::string{key} + "\n" : "not " + std::string{key} + "\n";
  for (const auto& reason : reasons_against) {
    text += reason + "\n";
  }
  return reply(status, text_type, std::move(text));
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string summary(const ports::NodeStatus& status) {
  std::string text = status.node + ", havip " + status.version + "\n" + drain_state_text(status);
  const auto reasons = not_ready_because(status);
  text += reasons.empty() ? "ready\n" : "not ready:\n";
  for (const auto& reason : reasons) {
    text += "  " + reason + "\n";
  }
  return text;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string html_page(const ports::NodeStatus& status) {
  std::string page = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" +
                     escape_html(status.node) + " - havip</title>\n<pre>" +
                     escape_html(summary(status)) + "</pre>\n<ul>\n";
  for (const auto& route : routes()) {
    const auto path = escape_html(route.path);
    auto name = std::string{to_string(route.method)} + " " + path;
    if (route.method == Method::get) {
      name = "<a href=\"" + path;
      name += "\">" + path + "</a>";
    }
    page += "<li>" + name + ": " + escape_html(route.help) + "\n";
  }
  return page + "</ul></html>\n";
}

}  // namespace

Answer get_page(const Call& call) {
  const auto status = call.admin.status();
  if (call.request.wants_json()) {
    return reply(200, json_type, status_json(*status));
  }
  if (call.request.wants_html()) {
    return reply(200, "text/html; charset=utf-8", html_page(*status));
  }
  auto text = summary(*status) + "\n";
  for (const auto& route : routes()) {
    text += padded(std::string{to_string(route.method)}, 7) + padded(std::string{route.path}, 14) +
            std::string{route.help} + "\n";
  }
  return reply(200, text_type, std::move(text));
}

Answer get_livez(const Call& call) {
  std::vector<std::string> reasons;
  if (auto stuck = call.admin.stuck_because()) {
    reasons.push_back(std::move(*stuck));
  }
  return verdict(call.request, "live", reasons);
}

Answer get_readyz(const Call& call) {
  return verdict(call.request, "ready", not_ready_because(*call.admin.status()));
}

Answer get_active(const Call& call) {
  const auto status = call.admin.status();
  const auto name = call.request.parameter("virtual_router");
  const unsigned code = is_active(*status, name) ? 200 : 503;
  return call.request.wants_json() ? reply(code, json_type, active_json(*status, name))
                                   : reply(code, text_type, active_text(*status, name));
}

Answer get_metrics(const Call& call) {
  return reply(200, "text/plain; version=0.0.4; charset=utf-8", call.admin.metrics());
}

Answer get_status(const Call& call) {
  return reply(200, json_type, status_json(*call.admin.status()));
}

Answer get_drain(const Call& call) {
  const auto status = call.admin.status();
  return call.request.wants_json() ? reply(200, json_type, drain_state_json(*status))
                                   : reply(200, text_type, drain_state_text(*status));
}

Answer post_drain(const Call& call) {
  const auto options = parse_drain_options(call.request);
  if (!options) {
    return answer_problem(call.request,
                          {.status = 400,
                           .slug = "wrong-value",
                           .title = "wrong value in the query",
                           .detail = options.error(),
                           .hint = curl_line(call.request, Method::post, "/drain?wait=60s")});
  }
  log_change(call,
             "drain" + (options->request.reason ? " (" + *options->request.reason + ")" : ""));
  return drain(call.admin, call.request, *options);
}

Answer post_undrain(const Call& call) {
  const bool was_drained = call.admin.status()->drain.has_value();
  log_change(call, "undrain");
  if (const auto undrained = call.admin.undrain(); !undrained) {
    return answer_problem(
        call.request,
        {.status = 500,
         .slug = "not-forgotten",
         .title = "nothing was done",
         .detail = undrained.error().message,
         .hint = "look at the state directory: its rights, and room on the disk"});
  }
  const std::string text =
      was_drained ? "undrained: this node takes part again" : "this node was not drained";
  return call.request.wants_json()
             ? reply(200, json_type, one_key_json("outcome", was_drained ? "undrained" : "none"))
             : reply(200, text_type, text + "\n");
}

Answer post_announce(const Call& call) {
  log_change(call, "announce");
  if (const auto announced = call.admin.announce(); !announced) {
    return answer_problem(call.request,
                          {.status = 409,
                           .slug = "nothing-held",
                           .title = "nothing announced",
                           .detail = announced.error().message,
                           .hint = "announce on the node that is active: see " +
                                   curl_line(call.request, Method::get, "/")});
  }
  return call.request.wants_json() ? reply(200, json_type, one_key_json("outcome", "announced"))
                                   : reply(200, text_type, "announced\n");
}

}  // namespace havip::http
