#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

namespace havip::app {

/// `havip run`: loads the configuration, finds out which of its nodes this host is, and runs the
/// daemon in the foreground. Answers the exit status: 0 after a planned end, 78 (EX_CONFIG) when
/// the configuration is refused, 1 when something else could not be had.
int run(const std::string& config_file, const std::optional<std::string>& node);

}  // namespace havip::app
