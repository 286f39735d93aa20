// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/run.hpp"

#include "sidecar/app/daemon.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/config/resolve.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <variant>

namespace havip::app {
namespace {

constexpr int status_failed = 1;
constexpr int status_configuration = 78;

std::string host_name() {
  std::array<char, 256> name{};
  static_cast<void>(::gethostname(name.data(), name.size() - 1));
  return name.data();
}

}  // namespace

int run(const std::string& config_file, const std::optional<std::string>& node) {
  // JOURNAL_STREAM is set by systemd when standard error goes to the journal.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet.
  const auto log = stderr_log(std::getenv("JOURNAL_STREAM") != nullptr);
  config::Problems warnings;
  const auto outcome = config::load(config_file, &warnings);
  if (const auto* const problems = std::get_if<config::Problems>(&outcome)) {
    for (const auto& problem : *problems) {
      static_cast<void>(std::fprintf(stderr, "%s\n", problem.to_string().c_str()));
    }
    return status_configuration;
  }
  const auto& config = std::get<config::Config>(outcome);
  for (const auto& warning : warnings) {
    log(Severity::warning, warning.to_string());
  }
  const auto host = host_name();
  const auto self = config::find_node(config, host, node);
  if (!self) {
    static_cast<void>(
        std::fprintf(stderr, "%s: %s\n", config_file.c_str(), self.error().message.c_str()));
    return status_configuration;
  }
  const auto name = *self != nullptr ? (*self)->name : node.value_or(host);
  Daemon daemon{config, *self, name, log};
  if (const auto opened = daemon.open(); !opened) {
    log(Severity::error, opened.error().message);
    return status_failed;
  }
  log(Severity::info, "runs as node " + name + " with " + config_file);
  return daemon.run();
}

}  // namespace havip::app
