#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <optional>
#include <string>

namespace havip::http {

/// The number of a group of this system. Asks the system's user database, which may read files.
std::optional<std::uint32_t> group_id(const std::string& name);

/// Whether the user belongs to the group, by the user database: as its first group or another.
bool is_member(std::uint32_t uid, std::uint32_t group);

}  // namespace havip::http
