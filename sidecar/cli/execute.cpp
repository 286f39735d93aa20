// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cli/execute.hpp"

#include "sidecar/base/version.hpp"
#include "sidecar/cli/client.hpp"
#include "sidecar/cli/status_text.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/config/resolve.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>
#include <variant>

namespace havip::cli {
namespace {

/// The daemon waits for at most an hour, and says so itself.
constexpr std::chrono::seconds longest_drain = std::chrono::minutes{61};

void print(const std::string& text) {
  static_cast<void>(std::fputs(text.c_str(), stdout));
  static_cast<void>(std::fflush(stdout));
}

void complain(const std::string& line) {
  static_cast<void>(std::fprintf(stderr, "havip: %s\n", line.c_str()));
}

std::string ended_line(std::string text) {
  if (!text.empty() && text.back() != '\n') {
    text += '\n';
  }
  return text;
}

/// Asks, and prints the answer where it belongs: to standard error when it is a refusal.
int relay(const Target& target,
          const std::string& method,
          const std::string& path,
          std::chrono::seconds patience = std::chrono::seconds{5}) {
  const auto answer = ask(target.url,
                          {.method = method,
                           .target = path,
                           .accept = target.json ? "application/json" : "text/plain",
                           .patience = patience});
  if (!answer) {
    complain(answer.error().message);
    return status_refused;
  }
  if (answer->code >= 400) {
    static_cast<void>(std::fputs(ended_line(answer->body).c_str(), stderr));
    return status_refused;
  }
  print(ended_line(answer->body));
  return status_done;
}

nlohmann::ordered_json to_json(const config::Problem& problem) {
  return {{"file", problem.file},
          {"line", problem.line},
          {"column", problem.column},
          {"text", problem.text}};
}

nlohmann::ordered_json to_json(const config::Problems& problems) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& problem : problems) {
    list.push_back(to_json(problem));
  }
  return list;
}

int report(const config::Problems& problems, bool json) {
  if (json) {
    print(nlohmann::ordered_json{{"valid", false}, {"problems", to_json(problems)}}.dump(2) + "\n");
    return status_configuration;
  }
  for (const auto& problem : problems) {
    static_cast<void>(std::fprintf(stderr, "%s\n", problem.to_string().c_str()));
  }
  return status_configuration;
}

/// Warnings go to standard error: what a program reads of the answer stays the same.
std::string praise(const CheckCommand& command,
                   const config::Config& config,
                   const config::Problems& warnings) {
  if (command.json) {
    return nlohmann::ordered_json{{"valid", true},
                                  {"problems", nlohmann::ordered_json::array()},
                                  {"warnings", to_json(warnings)}}
               .dump(2) +
           "\n";
  }
  for (auto warning : warnings) {
    warning.text.insert(0, "warning: ");
    static_cast<void>(std::fprintf(stderr, "%s\n", warning.to_string().c_str()));
  }
  return command.config + ": good: " + std::to_string(config.virtual_routers.size()) +
         " virtual router(s), " + std::to_string(config.nodes.size()) + " node(s)\n";
}

/// Asks for the status once and prints it behind `before`.
int show_status(const Target& target, const std::string& before) {
  const auto answer =
      ask(target.url, {.method = "GET", .target = "/v1/status", .accept = "application/json"});
  if (!answer) {
    complain(answer.error().message);
    return status_refused;
  }
  if (target.json || answer->code != 200) {
    print(before + ended_line(answer->body));
    return answer->code == 200 ? status_done : status_refused;
  }
  const auto text = status_text(answer->body);
  if (!text) {
    complain(text.error().message);
    return status_refused;
  }
  print(before + *text);
  return status_done;
}

}  // namespace

int execute(const CheckCommand& command) {
  config::Problems warnings;
  const auto outcome = config::load(command.config, &warnings);
  if (const auto* const problems = std::get_if<config::Problems>(&outcome)) {
    return report(*problems, command.json);
  }
  const auto& config = std::get<config::Config>(outcome);
  if (command.node) {
    if (const auto node = config::find_node(config, {}, command.node); !node) {
      return report(
          {{.file = command.config, .line = 1, .column = 1, .text = node.error().message}},
          command.json);
    }
  }
  print(praise(command, config, warnings));
  return status_done;
}

int execute(const StatusCommand& command) {
  const bool redraw = command.watch && ::isatty(STDOUT_FILENO) != 0;
  for (;;) {
    const int status = show_status(command.target, redraw ? "\x1b[H\x1b[2J" : "");
    if (!command.watch || status != status_done) {
      return status;
    }
    std::this_thread::sleep_for(std::chrono::seconds{1});
  }
}

int execute(const DrainCommand& command) {
  std::string query;
  const auto add = [&](const char* key, const std::optional<std::string>& value) {
    if (value) {
      query += (query.empty() ? "?" : "&") + std::string{key} + "=" + percent_encoded(*value);
    }
  };
  add("wait", command.wait);
  add("for", command.lasting);
  add("reason", command.reason);
  add("force", command.force ? std::optional<std::string>{"1"} : std::nullopt);
  return relay(command.target, "POST", "/v1/drain" + query, longest_drain);
}

int execute(const UndrainCommand& command) {
  return relay(command.target, "POST", "/undrain");
}

int execute(const AnnounceCommand& command) {
  return relay(command.target, "POST", "/v1/announce");
}

int execute(const VersionCommand& /*command*/) {
  print(std::string{"havip "} + version + "\n");
  return status_done;
}

int execute(const Message& message) {
  static_cast<void>(
      std::fputs(message.text.c_str(), message.status == status_done ? stdout : stderr));
  return message.status;
}

}  // namespace havip::cli
