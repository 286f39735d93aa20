#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// How an administrator's program is started without the daemon's rights. posix_spawn(3) has no way
// to take capabilities away in the child, and what has one (fork) copies locked memory. So the
// daemon starts itself again as `havip exec PARENT -- COMMAND...`, which puts everything off that
// makes the daemon special, and then becomes the command. Nobody calls it by hand, and the help
// does not name it.
//
// The command runs with default scheduling, signals and limits, without capabilities and without a
// way to get any (no_new_privs), in "/", and ends when the daemon does. A daemon that is root runs
// it as user _havip, which is whom the packaged unit runs everything as, or else as nobody.
#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

namespace havip::process {

/// The running havip itself; it is still the same file when a newer one was installed.
inline constexpr const char* own_program = "/proc/self/exe";

/// Where the launcher writes why the command cannot be run. The end of file, without a word, is
/// the sign that it runs.
inline constexpr int complaint_descriptor = 3;

inline constexpr const char* launch_word = "exec";

/// The arguments, with the program's name, of a launcher whose parent is `parent`.
std::vector<std::string> launch_arguments(const std::vector<std::string>& command, pid_t parent);

/// Becomes the command of `arguments`, those behind the launch word. Returns only when that
/// failed: the exit status.
int launch(std::span<const std::string> arguments);

}  // namespace havip::process
