#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

namespace havip::haproxy {

/// What is seen of a process that does not answer, from outside of it.
enum class Progress : std::uint8_t {
  unseen,  ///< nothing can be said
  none,    ///< it is stopped, or has not gone to sleep and woken up once
  some,    ///< it does its work
};

}  // namespace havip::haproxy
