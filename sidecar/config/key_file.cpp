// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/key_file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace havip::config {
namespace {

constexpr std::size_t fewest_key_bytes = 32;
constexpr std::size_t most_key_bytes = 64;

Error unfit(std::errc code, std::string message) {
  return {std::make_error_code(code), std::move(message)};
}

/// "0644".
std::string octal(unsigned mode) {
  constexpr unsigned permissions = 07777;
  std::array<char, 8> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%04o", mode & permissions));
  return text.data();
}

/// Whether a shell takes the name as it is.
bool is_plain(std::string_view name) {
  return name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "/._-+") == std::string_view::npos;
}

bool is_printable(char character) {
  return character >= ' ' && character <= '~';
}

std::optional<unsigned> digit_of(char character) {
  constexpr std::string_view digits = "0123456789abcdef";
  const char lower =
      character >= 'A' && character <= 'F' ? static_cast<char>(character - 'A' + 'a') : character;
  const auto at = digits.find(lower);
  return at == std::string_view::npos ? std::nullopt : std::optional{static_cast<unsigned>(at)};
}

}  // namespace

Result<std::string> text_of(const KeyFile& file) {
  constexpr unsigned permissions_of_others = 0007;
  if ((file.mode & permissions_of_others) != 0) {
    return unfit(std::errc::permission_denied,
                 "is open to every user of this host (mode " + octal(file.mode) +
                     "); after `chmod o-rwx " + (is_plain(file.name) ? file.name : "FILE") +
                     "` it is allowed");
  }
  if (file.text.size() > largest_key_file) {
    return unfit(std::errc::file_too_large, "is larger than 4 KiB; a file of one line is allowed");
  }
  auto text = file.text;
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  return text;
}

Result<vrrp::AuthData> password_from(std::string_view text) {
  vrrp::AuthData password{};
  const auto allowed = "1 to " + std::to_string(password.size()) + " are allowed";
  if (!std::ranges::all_of(text, is_printable)) {
    return unfit(std::errc::invalid_argument,
                 "holds something else than one line of printable ASCII characters; " + allowed);
  }
  if (text.empty() || text.size() > password.size()) {
    return unfit(std::errc::invalid_argument,
                 "holds a password of " + std::to_string(text.size()) + " characters; " + allowed +
                     (text.empty() ? "" : " (keepalived takes the first 8 of a longer one)"));
  }
  std::ranges::transform(
      text, password.begin(), [](char character) { return static_cast<std::byte>(character); });
  return password;
}

Result<Secret> hmac_key_from(std::string_view text) {
  constexpr auto allowed =
      "; 64 to 128 of them, in pairs, are allowed (`openssl rand -hex 32` makes 64)";
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit_of(text[i]);
    const auto low = i + 1 < text.size() ? digit_of(text[i + 1]) : std::optional{0U};
    if (!high || !low) {
      return unfit(std::errc::invalid_argument,
                   std::string{"holds something else than one line of hex digits"} + allowed);
    }
    bytes.push_back(static_cast<std::byte>(*high << 4U | *low));
  }
  if (text.size() % 2 != 0 || bytes.size() < fewest_key_bytes || bytes.size() > most_key_bytes) {
    return unfit(std::errc::invalid_argument,
                 "holds " + std::to_string(text.size()) + " hex digits" + allowed);
  }
  return Secret{std::move(bytes)};
}

}  // namespace havip::config
