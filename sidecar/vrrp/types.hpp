#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace havip::vrrp {

/// Virtual Router Identifier, 1..255 (RFC 9568 section 5.2.3).
struct Vrid {
  std::uint8_t value = 0;

  friend auto operator<=>(const Vrid&, const Vrid&) = default;
};

/// Priority, 0..255 (RFC 9568 section 5.2.4). Larger wins.
struct Priority {
  std::uint8_t value = 100;

  friend auto operator<=>(const Priority&, const Priority&) = default;
};

/// "I stop taking part": sent once by an Active router that leaves.
inline constexpr Priority resign_priority{0};
/// Taking part behind everybody who is well.
inline constexpr Priority yield_priority{1};
/// The router whose own address the virtual address is.
inline constexpr Priority owner_priority{255};

/// The version of the protocol that a virtual router speaks: 2 (RFC 3768, IPv4 only) or 3
/// (RFC 9568, RFC 5798).
enum class Version : std::uint8_t { v2 = 2, v3 = 3 };

/// By which way advertisements go.
enum class Transport : std::uint8_t {
  multicast,
  unicast,  ///< to each listed node, and from nobody else
  both,     ///< either way keeps the election alive
};

/// A virtual router's state as the operator sees it. RFC 9568's Initialize is `init` before the
/// node has decided to take part, and `fault` when it must not.
enum class State : std::uint8_t { init, backup, active, fault };

inline constexpr std::size_t state_count = 4;

constexpr std::string_view to_string(State state) {
  switch (state) {
    case State::init:
      return "init";
    case State::backup:
      return "backup";
    case State::active:
      return "active";
    case State::fault:
      return "fault";
  }
  return {};
}

/// Why a received advertisement was discarded (RFC 9568 section 7.1).
enum class Rejection : std::uint8_t {
  ttl,           ///< TTL or Hop Limit is not 255
  checksum,      ///< none of the known forms of the checksum matches
  version,       ///< not the configured version
  length,        ///< shorter or longer than its fields say, or no address at all
  type,          ///< not an ADVERTISEMENT
  vrid,          ///< no such virtual router on this interface
  address_list,  ///< addresses of another list, where that matters (version 2)
  interval,      ///< another interval, where that matters (version 2)
  auth,          ///< missing or wrong authentication
  replay,        ///< authentic, but seen before or too old
  unknown_peer,  ///< unicast from a router that is not configured
  own,           ///< our own packet came back
};

inline constexpr std::size_t rejection_count = 12;

constexpr std::string_view to_string(Rejection rejection) {
  switch (rejection) {
    case Rejection::ttl:
      return "ttl";
    case Rejection::checksum:
      return "checksum";
    case Rejection::version:
      return "version";
    case Rejection::length:
      return "length";
    case Rejection::type:
      return "type";
    case Rejection::vrid:
      return "vrid";
    case Rejection::address_list:
      return "address_list";
    case Rejection::interval:
      return "interval";
    case Rejection::auth:
      return "auth";
    case Rejection::replay:
      return "replay";
    case Rejection::unknown_peer:
      return "unknown_peer";
    case Rejection::own:
      return "own";
  }
  return {};
}

}  // namespace havip::vrrp
