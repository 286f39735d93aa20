#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Readers of single words of the configuration. Each is empty (or false) for a text that is not
// what it reads.
#include "sidecar/config/keys.hpp"
#include "sidecar/config/model.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace havip::config {

/// The longest path a unix socket may have (unix(7): 108 bytes with the NUL).
inline constexpr std::size_t longest_socket_path = 107;

bool has_nul(std::string_view text);

/// Whether `text` may stand for a key of this type, which is one of name, host, path, interface,
/// glob, label.
bool is_text_for(Type type, std::string_view text);

/// "192.0.2.1:80", "[2001:db8::1]:80".
std::optional<Endpoint> parse_endpoint(std::string_view text);

/// An endpoint or "unix:/path".
std::optional<Listener> parse_listener(std::string_view text);

/// "1%".."100%".
std::optional<std::uint8_t> parse_percent(std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace havip::config
