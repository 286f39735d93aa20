#pragma once

// SPDX-License-Identifier: Apache-2.0

namespace havip {

/// "0.1.0": the version of the project (CMakeLists.txt).
inline constexpr const char* version = HAVIP_VERSION;

}  // namespace havip
