#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>

namespace havip {

/// syslog's severities, as journald reads them from a `<N>` in front of a line (sd-daemon(3)).
enum class Severity : unsigned char { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

/// Takes one line for the operator. Given to adapters by the composition root; called on the
/// service thread only.
using LogSink = std::function<void(Severity, const std::string& line)>;

/// A sink that writes lines to standard error, with journald's severity prefix when `for_journal`.
LogSink stderr_log(bool for_journal);

}  // namespace havip
