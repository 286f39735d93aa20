// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/trailer.hpp"

#include "sidecar/base/bytes.hpp"
#include "sidecar/base/check.hpp"

#include <algorithm>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace havip::vrrp {
namespace {

constexpr std::uint8_t type_hmac = 1;
constexpr std::size_t header_of_vrrp = 8;
constexpr std::size_t checksum_offset = 6;
constexpr std::size_t checksum_size = 2;
constexpr std::size_t code_size = 16;
constexpr std::size_t pseudo_header_size = 20;
constexpr std::size_t room_for_address = 16;
constexpr std::size_t sha256_size = 32;

using Code = std::array<std::byte, code_size>;

const unsigned char* octets(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

void write_head(ByteWriter<std::vector<std::byte>>& out, std::uint8_t key_id, const Stamp& stamp) {
  out.u8(type_hmac);
  out.u8(key_id);
  out.u16(0);
  out.u16(static_cast<std::uint16_t>(stamp.seconds >> 16U));
  out.u16(static_cast<std::uint16_t>(stamp.seconds & 0xffffU));
  out.u16(stamp.fraction);
  out.u16(stamp.counter);
}

/// What the code is made over: who sends (as the IP header says, which is not part of the message),
/// the message with a checksum of 0, and the trailer with a code of 0.
std::vector<std::byte> authenticated_bytes(std::span<const std::byte> message,
                                           std::uint8_t key_id,
                                           const Stamp& stamp,
                                           const IpAddress& source) {
  std::vector<std::byte> bytes;
  bytes.reserve(pseudo_header_size + message.size() + trailer_size);
  ByteWriter out{bytes};
  out.u8(source.family() == Family::ipv4 ? 4 : 6);
  out.u8(std::to_integer<std::uint8_t>(message[0] >> 4U));
  out.u8(std::to_integer<std::uint8_t>(message[1]));
  out.u8(0);
  out.bytes(source.bytes());
  bytes.resize(bytes.size() + room_for_address - source.bytes().size());
  out.bytes(message.first(checksum_offset));
  out.u16(0);
  out.bytes(message.subspan(checksum_offset + checksum_size));
  write_head(out, key_id, stamp);
  bytes.resize(bytes.size() + code_size);
  return bytes;
}

Code code_of(std::span<const std::byte> message,
             const HmacKey& key,
             const Stamp& stamp,
             const IpAddress& source) {
  const auto input = authenticated_bytes(message, key.id, stamp, source);
  const auto secret = key.secret.bytes();
  std::array<unsigned char, sha256_size> digest{};
  CHECK(::HMAC(::EVP_sha256(),
               secret.data(),
               static_cast<int>(secret.size()),
               octets(input),
               input.size(),
               digest.data(),
               nullptr) != nullptr);
  Code code{};
  std::ranges::copy(std::as_bytes(std::span{digest}).first(code_size), code.begin());
  return code;
}

/// Seconds, fraction and counter as one serial number.
std::uint64_t serial(const Stamp& stamp) {
  return std::uint64_t{stamp.seconds} << 32U | std::uint32_t{stamp.fraction} << 16U | stamp.counter;
}

Stamp stamp_of(std::uint64_t serial) {
  return {.seconds = static_cast<std::uint32_t>(serial >> 32U),
          .fraction = static_cast<std::uint16_t>(serial >> 16U),
          .counter = static_cast<std::uint16_t>(serial)};
}

/// How far serial number `a` is behind `b`, negative when it is before: RFC 1982 section 3.2.
std::int64_t distance(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(a - b);
}

Stamp stamp_of(WallTime time) {
  using Seconds = std::chrono::seconds;
  using Fractions = std::chrono::duration<std::int64_t, std::ratio<1, 0x10000>>;
  const auto whole = std::chrono::floor<Seconds>(time);
  const auto fraction = std::chrono::floor<Fractions>(time - whole);
  return {.seconds = static_cast<std::uint32_t>(whole.time_since_epoch().count()),
          .fraction = static_cast<std::uint16_t>(fraction.count()),
          .counter = 0};
}

/// How long after `now` the stamp was made; negative for before. The counter is no time.
Duration offset(const Stamp& stamp, WallTime now) {
  auto time = stamp;
  time.counter = 0;
  const auto units = distance(serial(time), serial(stamp_of(now)));
  const std::chrono::seconds seconds{units >> 32U};
  using Fractions = std::chrono::duration<std::int64_t, std::ratio<1, 0x10000>>;
  const Fractions fraction{units >> 16U & 0xffff};
  return seconds + std::chrono::duration_cast<Duration>(fraction);
}

}  // namespace

bool Stamp::after(const Stamp& other) const {
  return distance(serial(*this), serial(other)) > 0;
}

std::optional<Trailer> read_trailer(std::span<const std::byte> bytes) {
  if (bytes.size() != trailer_size) {
    return std::nullopt;
  }
  ByteReader in{bytes};
  const auto type = in.u8();
  const auto key_id = in.u8();
  const auto reserved = in.u16();
  const auto seconds_high = in.u16();
  const auto seconds_low = in.u16();
  const auto fraction = in.u16();
  const auto counter = in.u16();
  const auto code = in.take(code_size);
  if (!code || type != type_hmac || reserved != 0) {
    return std::nullopt;
  }
  Trailer trailer{.key_id = *key_id,
                  .stamp = {.seconds = std::uint32_t{*seconds_high} << 16U | *seconds_low,
                            .fraction = *fraction,
                            .counter = *counter}};
  std::ranges::copy(*code, trailer.code.begin());
  return trailer;
}

void append_trailer(std::vector<std::byte>& message,
                    const HmacKey& key,
                    const Stamp& stamp,
                    const IpAddress& source) {
  CHECK(message.size() >= header_of_vrrp);
  const auto code = code_of(message, key, stamp, source);
  message.reserve(message.size() + trailer_size);
  ByteWriter out{message};
  write_head(out, key.id, stamp);
  out.bytes(code);
}

bool is_authentic(std::span<const std::byte> message,
                  const Trailer& trailer,
                  const HmacKey& key,
                  const IpAddress& source) {
  if (message.size() < header_of_vrrp || trailer.key_id != key.id) {
    return false;
  }
  const auto code = code_of(message, key, trailer.stamp, source);
  return ::CRYPTO_memcmp(code.data(), trailer.code.data(), code_size) == 0;
}

Stamp StampMaker::next(WallTime now) {
  auto stamp = stamp_of(now);
  if (last_ && !stamp.after(*last_)) {
    stamp = stamp_of(serial(*last_) + 1);
  }
  last_ = stamp;
  return stamp;
}

bool ReplayGuard::take(const IpAddress& sender, const Stamp& stamp, WallTime now, Duration window) {
  if (std::chrono::abs(offset(stamp, now)) > window) {
    return false;
  }
  if (const auto known = last_.find(sender); known != last_.end()) {
    if (!stamp.after(known->second.stamp)) {
      return false;
    }
    known->second = {stamp, now};
    return true;
  }
  if (last_.size() == most_senders) {
    last_.erase(
        std::ranges::min_element(last_, {}, [](const auto& entry) { return entry.second.at; }));
  }
  last_.emplace(sender, Last{stamp, now});
  return true;
}

bool ReplayGuard::knows_later(const IpAddress& sender, const Stamp& stamp) const {
  constexpr std::int64_t millisecond = std::int64_t{66} << 16U;  // in 2^-16 s, above the counter
  const auto known = last_.find(sender);
  return known != last_.end() &&
         distance(serial(known->second.stamp), serial(stamp)) >= millisecond;
}

}  // namespace havip::vrrp
