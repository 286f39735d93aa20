// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"

#include "sidecar/base/check.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace havip {
namespace {

constexpr std::size_t v4_size = 4;
constexpr std::size_t v6_size = 16;

unsigned octet(std::byte value) {
  return std::to_integer<unsigned>(value);
}

}  // namespace

std::string_view to_string(Family family) {
  return family == Family::ipv4 ? "ipv4" : "ipv6";
}

IpAddress IpAddress::v4(std::uint32_t number) {
  IpAddress address;
  for (std::size_t i = 0; i < v4_size; ++i) {
    address.bytes_[i] = static_cast<std::byte>(number >> (24 - 8 * i));
  }
  return address;
}

IpAddress IpAddress::from_bytes(std::span<const std::byte> bytes) {
  CHECK(bytes.size() == v4_size || bytes.size() == v6_size);
  IpAddress address;
  address.family_ = bytes.size() == v4_size ? Family::ipv4 : Family::ipv6;
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated{text};
  if (terminated.find('\0') != std::string::npos) {
    return std::nullopt;
  }
  IpAddress address;
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) {
    return address;
  }
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) {
    address.family_ = Family::ipv6;
    return address;
  }
  return std::nullopt;
}

std::span<const std::byte> IpAddress::bytes() const {
  return std::span{bytes_}.first(family_ == Family::ipv4 ? v4_size : v6_size);
}

std::uint32_t IpAddress::v4_number() const {
  CHECK(family_ == Family::ipv4);
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < v4_size; ++i) {
    number = (number << 8U) | octet(bytes_[i]);
  }
  return number;
}

bool IpAddress::is_unspecified() const {
  return std::ranges::all_of(bytes(), [](std::byte value) { return value == std::byte{}; });
}

bool IpAddress::is_multicast() const {
  return family_ == Family::ipv4 ? (octet(bytes_[0]) & 0xf0U) == 0xe0U : octet(bytes_[0]) == 0xffU;
}

bool IpAddress::is_loopback() const {
  if (family_ == Family::ipv4) {
    return octet(bytes_[0]) == 127U;
  }
  return *this == parse("::1");
}

bool IpAddress::is_link_local() const {
  if (family_ == Family::ipv4) {
    return octet(bytes_[0]) == 169U && octet(bytes_[1]) == 254U;
  }
  return octet(bytes_[0]) == 0xfeU && (octet(bytes_[1]) & 0xc0U) == 0x80U;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = family_ == Family::ipv4 ? AF_INET : AF_INET6;
  CHECK(::inet_ntop(family, bytes_.data(), text.data(), text.size()) != nullptr);
  return text.data();
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  const auto widest = static_cast<std::uint8_t>(8 * address->bytes().size());
  if (slash == std::string_view::npos) {
    return Prefix{*address, widest};
  }
  const auto digits = text.substr(slash + 1);
  std::uint8_t length = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, length);
  if (digits.empty() || failure != std::errc{} || stop != end || length > widest) {
    return std::nullopt;
  }
  return Prefix{*address, length};
}

bool Prefix::contains(const IpAddress& other) const {
  if (other.family() != address.family()) {
    return false;
  }
  for (unsigned bit = 0; bit < length; ++bit) {
    const auto mask = 0x80U >> (bit % 8);
    if (((octet(address.bytes()[bit / 8]) ^ octet(other.bytes()[bit / 8])) & mask) != 0) {
      return false;
    }
  }
  return true;
}

std::string Prefix::to_string() const {
  return address.to_string() + "/" + std::to_string(length);
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  MacAddress mac;
  if (text.size() != 17) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < mac.octets.size(); ++i) {
    const auto* const digits = text.data() + 3 * i;
    const auto [stop, failure] = std::from_chars(digits, digits + 2, mac.octets[i], 16);
    const bool separated = i + 1 == mac.octets.size() || text[3 * i + 2] == ':';
    if (failure != std::errc{} || stop != digits + 2 || !separated) {
      return std::nullopt;
    }
  }
  return mac;
}

std::string MacAddress::to_string() const {
  std::array<char, 18> text{};
  static_cast<void>(std::snprintf(text.data(),
                                  text.size(),
                                  "%02x:%02x:%02x:%02x:%02x:%02x",
                                  octets[0],
                                  octets[1],
                                  octets[2],
                                  octets[3],
                                  octets[4],
                                  octets[5]));
  return text.data();
}

}  // namespace havip
