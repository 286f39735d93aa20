#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <string>

namespace havip {

/// A duration as an operator writes it: "1s", "250ms".
std::string text_of(Duration duration);

}  // namespace havip
