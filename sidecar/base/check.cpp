// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace havip {

void check_failed(const char* condition, const char* file, int line) {
  static_cast<void>(
      std::fprintf(stderr, "<2>havip: bug: %s does not hold at %s:%d\n", condition, file, line));
  std::abort();
}

}  // namespace havip
