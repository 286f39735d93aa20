// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/text.hpp"

#include "sidecar/base/check.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace havip::config {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view small = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view large = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool consists_of(std::string_view text, const std::string& allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string letters_and_digits() {
  return std::string{small} + std::string{large} + std::string{digits};
}

bool is_name(std::string_view text) {
  constexpr std::size_t longest = 63;
  return text.size() <= longest &&
         consists_of(text, std::string{small} + std::string{digits} + "_-");
}

bool is_host(std::string_view text) {
  constexpr std::size_t longest = 253;  // RFC 1035 section 2.3.4, as text
  return text.size() <= longest && consists_of(text, letters_and_digits() + "._-") &&
         text.front() != '.' && text.front() != '-' && text.back() != '.';
}

/// As the kernel judges (dev_valid_name() in net/core/dev.c).
bool is_interface(std::string_view text) {
  constexpr std::size_t longest = 15;  // IFNAMSIZ without the NUL
  return !text.empty() && text.size() <= longest && text != "." && text != ".." &&
         text.find_first_of("/: \t\n\v\f\r") == std::string_view::npos && !has_nul(text);
}

bool is_path(std::string_view text) {
  constexpr std::size_t longest = 4095;  // PATH_MAX without the NUL
  return text.starts_with('/') && text.size() <= longest && !has_nul(text);
}

/// A decimal number without sign and without leading zeros.
std::optional<unsigned> parse_number(std::string_view text, unsigned low, unsigned high) {
  unsigned number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (text.empty() || text.front() == '0' || failure != std::errc{} || stop != end ||
      number < low || number > high) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

bool is_text_for(Type type, std::string_view text) {
  CHECK(type == Type::name || type == Type::host || type == Type::path || type == Type::interface ||
        type == Type::glob || type == Type::label);
  switch (type) {
    case Type::name:
      return is_name(text);
    case Type::host:
      return is_host(text);
    case Type::path:
      return is_path(text);
    case Type::interface:
      return is_interface(text);
    case Type::glob:
      return consists_of(text, letters_and_digits() + "._:-*?[]!^");
    default:
      return consists_of(text, letters_and_digits() + "._:-");
  }
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  const auto address = IpAddress::parse(host);
  const auto port = parse_number(text.substr(colon + 1), 1, 65535);
  if (!address || !port || bracketed != (address->family() == Family::ipv6)) {
    return std::nullopt;
  }
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

std::optional<Listener> parse_listener(std::string_view text) {
  constexpr std::string_view scheme = "unix:";
  if (text.starts_with(scheme)) {
    const auto path = text.substr(scheme.size());
    if (!is_path(path) || path.size() > longest_socket_path) {
      return std::nullopt;
    }
    return UnixSocket{std::string{path}};
  }
  const auto endpoint = parse_endpoint(text);
  return endpoint ? std::optional<Listener>{*endpoint} : std::nullopt;
}

std::optional<std::uint8_t> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) {
    return std::nullopt;
  }
  text.remove_suffix(1);
  const auto number = parse_number(text, 1, 100);
  return number ? std::optional{static_cast<std::uint8_t>(*number)} : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

}  // namespace havip::config
