#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cli/command_line.hpp"

namespace havip::cli {

/// Each command prints to standard output, complains on standard error, and answers its status.
int execute(const CheckCommand& command);
int execute(const StatusCommand& command);
int execute(const DrainCommand& command);
int execute(const UndrainCommand& command);
int execute(const AnnounceCommand& command);
int execute(const VersionCommand& command);
int execute(const Message& message);

}  // namespace havip::cli
