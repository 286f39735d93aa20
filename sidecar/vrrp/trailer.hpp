#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The authentication trailer of draft-cassen-vrrp-auth-hmac, as keepalived 2.4.2 and later put it
// behind the VRRP message: 28 bytes with a key's number, a time stamp and HMAC-SHA256 cut to 16
// bytes.
#include "sidecar/base/ip.hpp"
#include "sidecar/base/secret.hpp"
#include "sidecar/base/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace havip::vrrp {

inline constexpr std::size_t trailer_size = 28;

/// When a message was made, by its sender's wall clock, and its place among those of one moment.
/// Ordered as serial numbers (RFC 1982), so that the wrap of the 32-bit seconds is no obstacle.
struct Stamp {
  std::uint32_t seconds = 0;   ///< of UTC since 1970, modulo 2^32
  std::uint16_t fraction = 0;  ///< of a second, in 2^-16
  std::uint16_t counter = 0;

  /// Whether this stamp was made after the other one.
  [[nodiscard]] bool after(const Stamp& other) const;

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

struct Trailer {
  std::uint8_t key_id = 0;
  Stamp stamp;
  std::array<std::byte, 16> code{};

  friend bool operator==(const Trailer&, const Trailer&) = default;
};

/// Reads a trailer's 28 bytes; empty for another size or type, or when the reserved field is not 0.
std::optional<Trailer> read_trailer(std::span<const std::byte> bytes);

struct HmacKey {
  std::uint8_t id = 1;
  Secret secret;  ///< 32 to 64 bytes

  friend bool operator==(const HmacKey&, const HmacKey&) = default;
};

/// How far a roll-out of authentication has come.
enum class HmacMode : std::uint8_t {
  receive_only,  ///< sends none, takes both: until every node knows the key
  permissive,    ///< sends it, takes both: until every node sends it
  enforce,       ///< sends it, takes nothing else
};

/// Puts the trailer behind the message, whose checksum is in place already.
void append_trailer(std::vector<std::byte>& message,
                    const HmacKey& key,
                    const Stamp& stamp,
                    const IpAddress& source);

/// Whether the trailer was made for this message (without the trailer) with this key.
bool is_authentic(std::span<const std::byte> message,
                  const Trailer& trailer,
                  const HmacKey& key,
                  const IpAddress& source);

using WallTime = std::chrono::sys_time<Duration>;

/// Makes the stamps of one sender: each is after the one before, even when the wall clock stands
/// still or is set back.
class StampMaker {
public:
  Stamp next(WallTime now);

private:
  std::optional<Stamp> last_;
};

/// Remembers the newest stamp of each sender, so that a message that was recorded and is sent again
/// is known. Only what is_authentic() comes here: others cannot fill the memory.
class ReplayGuard {
public:
  /// Senders beyond this many push out the one that was silent the longest.
  static constexpr std::size_t most_senders = 32;

  /// Whether this is a new message: not further from `now` than `window` either way, and after all
  /// that came from this sender before. A message that is taken is remembered.
  bool take(const IpAddress& sender, const Stamp& stamp, WallTime now, Duration window);

  /// Whether something that this sender made a millisecond later and more was taken. A stamp does
  /// not say where its message was sent to: what was recorded of one of two ways is new on the
  /// other one, if nothing comes there.
  [[nodiscard]] bool knows_later(const IpAddress& sender, const Stamp& stamp) const;

private:
  struct Last {
    Stamp stamp;
    WallTime at;
  };

  std::map<IpAddress, Last> last_;
};

}  // namespace havip::vrrp
