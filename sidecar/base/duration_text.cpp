// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/duration_text.hpp"

#include <chrono>

namespace havip {

std::string text_of(Duration duration) {
  using std::chrono::duration_cast;
  const auto ms = duration_cast<std::chrono::milliseconds>(duration).count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

}  // namespace havip
