// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/run.hpp"
#include "sidecar/cli/command_line.hpp"
#include "sidecar/cli/execute.hpp"
#include "sidecar/process/launch.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments.front() == havip::process::launch_word) {
      return havip::process::launch(std::span{arguments}.subspan(1));
    }
    // A client that goes away, or a closed pipe behind `havip status`, is an error code, not the
    // end; but not to the programs that are launched above.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    const auto command = havip::cli::parse(arguments);
    return std::visit(
        [](const auto& what) {
          if constexpr (std::is_same_v<std::decay_t<decltype(what)>, havip::cli::RunCommand>) {
            return havip::app::run(what.config, what.node);
          } else {
            return havip::cli::execute(what);
          }
        },
        command);
  } catch (const std::exception& bug) {
    static_cast<void>(std::fprintf(stderr, "havip: bug: %s\n", bug.what()));
    return 1;
  }
}
