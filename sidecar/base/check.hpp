#pragma once

// SPDX-License-Identifier: Apache-2.0

namespace havip {

/// Says which condition was broken where, and aborts. systemd starts the daemon again, which then
/// adopts what it finds; going on with a broken invariant could leave an address on two nodes.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace havip

/// A condition that only a bug can break. Stays on in release builds. (clang 14 cannot read
/// libstdc++ 12's std::source_location.)
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): the text of the condition is wanted.
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::havip::check_failed(#condition, __FILE__, __LINE__))
