#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The command line as values. Exit statuses of all commands: 0 done, 1 refused or not so, 2 usage,
// 78 configuration.
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace havip::cli {

inline constexpr int status_done = 0;
inline constexpr int status_refused = 1;
inline constexpr int status_usage = 2;
inline constexpr int status_configuration = 78;

inline constexpr const char* default_config_file = "/etc/havip/havip.toml";
inline constexpr const char* default_socket = "/run/havip/admin.sock";

struct RunCommand {
  std::string config = default_config_file;
  std::optional<std::string> node;

  friend bool operator==(const RunCommand&, const RunCommand&) = default;
};

struct CheckCommand {
  std::string config = default_config_file;
  std::optional<std::string> node;
  bool json = false;

  friend bool operator==(const CheckCommand&, const CheckCommand&) = default;
};

/// Where the daemon answers, and in which form the answer is wanted.
struct Target {
  std::string url = std::string{"unix:"} + default_socket;
  bool json = false;

  friend bool operator==(const Target&, const Target&) = default;
};

struct StatusCommand {
  Target target;
  bool watch = false;

  friend bool operator==(const StatusCommand&, const StatusCommand&) = default;
};

struct DrainCommand {
  Target target;
  std::optional<std::string> wait;
  std::optional<std::string> lasting;
  std::optional<std::string> reason;
  bool force = false;

  friend bool operator==(const DrainCommand&, const DrainCommand&) = default;
};

struct UndrainCommand {
  Target target;

  friend bool operator==(const UndrainCommand&, const UndrainCommand&) = default;
};

struct AnnounceCommand {
  Target target;

  friend bool operator==(const AnnounceCommand&, const AnnounceCommand&) = default;
};

struct VersionCommand {
  friend bool operator==(const VersionCommand&, const VersionCommand&) = default;
};

/// Nothing to do but to print this: the help, or what is wrong with the command line.
struct Message {
  std::string text;
  int status = status_usage;

  friend bool operator==(const Message&, const Message&) = default;
};

using Command = std::variant<RunCommand,
                             CheckCommand,
                             StatusCommand,
                             DrainCommand,
                             UndrainCommand,
                             AnnounceCommand,
                             VersionCommand,
                             Message>;

/// Reads the arguments behind the program's name.
Command parse(std::vector<std::string> arguments);

}  // namespace havip::cli
