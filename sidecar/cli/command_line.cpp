// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

namespace havip::cli {
namespace {

/// The options of every command that talks to the daemon.
void add_target(CLI::App& command, Target& target) {
  command
      .add_option("--url",
                  target.url,
                  "where the daemon answers: unix:/path or http://host:port "
                  "[unix:/run/havip/admin.sock]")
      ->option_text("URL");
  command.add_flag("--json", target.json, "print the answer as JSON");
}

void add_config(CLI::App& command, std::string& file, std::optional<std::string>& node) {
  command.add_option("--config", file, "the configuration [/etc/havip/havip.toml]")
      ->option_text("FILE");
  command.add_option("--node", node, "be this node [the one named like the host]")
      ->option_text("NAME");
}

/// All commands with their options, bound to the values they fill.
class Parser {
public:
  Parser() {
    app_.require_subcommand(1);
    app_.set_help_flag("-h,--help", "print this help");
    add_daemon_commands();
    add_client_commands();
  }

  Command parse(std::vector<std::string> arguments) {
    // CLI11 would only say that a subcommand is missing.
    if (arguments.empty()) {
      return Message{app_.help(), status_usage};
    }
    const auto& first = arguments.front();
    const auto known = commands();
    if (!first.starts_with("-") && std::ranges::find(known, first) == known.end()) {
      std::string names;
      for (const auto& name : known) {
        names += (names.empty() ? "" : ", ") + name;
      }
      return Message{"havip: there is no command " + first + "; " + names + " are allowed\n",
                     status_usage};
    }
    std::ranges::reverse(arguments);  // CLI11 takes them from the back.
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      std::ostringstream out;
      std::ostringstream complaint;
      const int status = app_.exit(error, out, complaint);
      return Message{out.str() + complaint.str(), status == 0 ? status_done : status_usage};
    }
    return chosen();
  }

private:
  [[nodiscard]] std::vector<std::string> commands() const {
    std::vector<std::string> names;
    for (const auto* const command :
         app_.get_subcommands([](const CLI::App* /*any*/) { return true; })) {
      names.push_back(command->get_name());
    }
    return names;
  }

  void add_daemon_commands() {
    auto* const run = app_.add_subcommand("run", "run the daemon in the foreground");
    add_config(*run, run_.config, run_.node);
    auto* const check =
        app_.add_subcommand("check", "judge the configuration: 0 when it is good, else 78");
    add_config(*check, check_.config, check_.node);
    check->add_flag("--json", check_.json, "print the problems as JSON");
    app_.add_subcommand("version", "print the version");
  }

  void add_client_commands() {
    auto* const status =
        app_.add_subcommand("status", "this node and its peers, and why the priority is so");
    add_target(*status, status_.target);
    status->add_flag("--watch", status_.watch, "print it again each second");
    auto* const drain = app_.add_subcommand("drain", "give the addresses away before maintenance");
    add_target(*drain, drain_.target);
    drain->add_option("--wait", drain_.wait, "wait so long for another node to be active [30s]")
        ->option_text("DURATION");
    drain->add_option("--for", drain_.lasting, "take part again after so long [never]")
        ->option_text("DURATION");
    drain->add_option("--reason", drain_.reason, "why, for the status")->option_text("TEXT");
    drain->add_flag("--force", drain_.force, "also when nobody else can take the addresses");
    add_target(*app_.add_subcommand("undrain", "take part again"), undrain_.target);
    add_target(*app_.add_subcommand("announce", "send gratuitous ARP for the addresses held now"),
               announce_.target);
  }

  [[nodiscard]] Command chosen() const {
    const auto name = app_.get_subcommands().front()->get_name();
    if (name == "run") {
      return run_;
    }
    if (name == "check") {
      return check_;
    }
    if (name == "status") {
      return status_;
    }
    if (name == "drain") {
      return drain_;
    }
    if (name == "undrain") {
      return undrain_;
    }
    if (name == "announce") {
      return announce_;
    }
    return VersionCommand{};
  }

  CLI::App app_{"Keeps virtual IP addresses on a healthy HAProxy.", "havip"};
  RunCommand run_;
  CheckCommand check_;
  StatusCommand status_;
  DrainCommand drain_;
  UndrainCommand undrain_;
  AnnounceCommand announce_;
};

}  // namespace

Command parse(std::vector<std::string> arguments) {
  return Parser{}.parse(std::move(arguments));
}

}  // namespace havip::cli
