#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace havip {

enum class Family : std::uint8_t { ipv4, ipv6 };

std::string_view to_string(Family family);

/// An IPv4 or IPv6 address. Ordered first by family, then as an unsigned number in network order,
/// which is the order VRRP breaks ties by (RFC 9568 section 6.4.3).
class IpAddress {
public:
  /// 0.0.0.0.
  constexpr IpAddress() = default;

  /// From an IPv4 address as a number in host order: 0xC0000201 is 192.0.2.1.
  static IpAddress v4(std::uint32_t number);

  /// From 4 or 16 bytes in network order; any other size is a bug of the caller.
  static IpAddress from_bytes(std::span<const std::byte> bytes);

  /// From text ("192.0.2.1", "fe80::1"). Empty when it is neither; zones (%eth0) are not taken.
  static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] Family family() const { return family_; }

  /// 4 or 16 bytes in network order.
  [[nodiscard]] std::span<const std::byte> bytes() const;

  /// The IPv4 address as a number in host order; a bug of the caller for IPv6.
  [[nodiscard]] std::uint32_t v4_number() const;

  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_link_local() const;

  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

private:
  Family family_ = Family::ipv4;
  std::array<std::byte, 16> bytes_{};
};

/// An address with the length of its network: 192.0.2.10/24. The host bits are kept.
struct Prefix {
  IpAddress address;
  std::uint8_t length = 32;

  /// From "192.0.2.10/24"; without a length it is the whole address (/32, /128).
  static std::optional<Prefix> parse(std::string_view text);

  /// Whether `other` lies in this network.
  [[nodiscard]] bool contains(const IpAddress& other) const;

  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

/// An Ethernet address.
struct MacAddress {
  std::array<std::uint8_t, 6> octets{};

  static std::optional<MacAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

inline constexpr MacAddress broadcast_mac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

}  // namespace havip
