#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/descriptor.hpp"
#include "sidecar/base/result.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace havip::process {

/// A program that was started. Whoever has it reaps `pid`.
struct Child {
  pid_t pid = 0;
  Descriptor handle;     ///< a pidfd: readable when the program has ended
  Descriptor output;     ///< what it writes to standard output and standard error
  Descriptor complaint;  ///< why the launcher could not start it; empty when it could
};

/// "/x/y does not exist": why execve(2) refused this path.
std::string explain_exec(const std::string& path, int error);

/// Starts `command`, an absolute path and its arguments, in a session and process group of its own.
/// Standard input is empty. `environment` are "NAME=value" that come on top of the daemon's own
/// environment, of which what systemd meant for the daemon alone is left out. `launcher` is the
/// havip that becomes the command as launch.hpp says; when empty the command is started directly
/// and keeps the daemon's rights. The message of an error is the whole sentence.
///
/// Never fork(): the daemon's memory is locked, and would be copied page by page.
Result<Child> spawn(const std::vector<std::string>& command,
                    const std::vector<std::string>& environment,
                    const std::string& launcher);

}  // namespace havip::process
