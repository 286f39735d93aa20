#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the files hold that the routers share and nobody else may know. The messages go on after the
// file's name as "what is wrong; what is allowed", and never show what it holds. load.hpp reads the
// files.
#include "sidecar/base/result.hpp"
#include "sidecar/base/secret.hpp"
#include "sidecar/vrrp/advert.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace havip::config {

/// No key file may be larger, in bytes.
inline constexpr std::size_t largest_key_file = 4096;

/// A key file as it was read.
struct KeyFile {
  std::string name;
  unsigned mode = 0;  ///< its permissions
  std::string text;
};

/// The text without its last newline, of a file that is closed to others (no permission of
/// "other").
Result<std::string> text_of(const KeyFile& file);

/// Version 2's password: 1 to 8 printable characters of ASCII, padded with zeros.
Result<vrrp::AuthData> password_from(std::string_view text);

/// A key of 32 to 64 bytes, from two hex digits for each of them.
Result<Secret> hmac_key_from(std::string_view text);

}  // namespace havip::config
