#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"

#include <string>

namespace havip::cli {

/// The JSON of GET /v1/status as a few lines of at most 80 columns for a terminal; an error when
/// it is not what a daemon of this contract answers.
Result<std::string> status_text(const std::string& json);

}  // namespace havip::cli
