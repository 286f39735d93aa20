// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/log.hpp"

#include <array>
#include <cstdio>

namespace havip {

LogSink stderr_log(bool for_journal) {
  return [for_journal](Severity severity, const std::string& line) {
    static constexpr std::array<const char*, 8> names{
        "", "", "", "error: ", "warning: ", "", "", "debug: "};
    const auto level = static_cast<unsigned>(severity);
    if (for_journal) {
      static_cast<void>(std::fprintf(stderr, "<%u>%s\n", level, line.c_str()));
    } else {
      static_cast<void>(std::fprintf(stderr, "havip: %s%s\n", names.at(level), line.c_str()));
    }
  };
}

}  // namespace havip
