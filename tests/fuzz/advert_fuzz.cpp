// SPDX-License-Identifier: Apache-2.0
//
// Any datagram of protocol 112: what is understood must be what was sent, and nothing crashes.
// Input: a byte of Choice, the TTL, the payload.
#include "sidecar/base/check.hpp"
#include "sidecar/base/checksum.hpp"
#include "sidecar/vrrp/advert.hpp"
#include "sidecar/vrrp/pseudo_header.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace havip::fuzz {
namespace {

constexpr std::size_t checksum_offset = 6;
constexpr std::size_t flags_offset = 4;  // version 3: reserved bits; version 2: Auth Type

/// The bits of the first byte, from the lowest.
struct Choice {
  bool ipv6 = false;
  bool unicast = false;
  bool mends_checksum = false;  // or else hardly any input would get beyond it
  bool has_trailer = false;     // the mended sum ends where a trailer would begin
  bool bare_sum = false;        // the mended sum is over the message alone
  bool group_sum = false;       // or has the group in its pseudo-header
};

Choice choice_of(std::uint8_t bits) {
  const auto bit = [bits](unsigned number) {
    return (bits >> number & 1U) != 0;
  };
  return {bit(0), bit(1), bit(2), bit(3), bit(4), bit(5)};
}

IpAddress source_of(const Choice& choice) {
  return choice.ipv6 ? *IpAddress::parse("fe80::ff:fe00:1") : IpAddress::v4(0x0a090001);
}

IpAddress destination_of(const Choice& choice) {
  if (!choice.unicast) {
    return vrrp::vrrp_group(choice.ipv6 ? Family::ipv6 : Family::ipv4);
  }
  return choice.ipv6 ? *IpAddress::parse("fe80::2") : IpAddress::v4(0x0a090002);
}

void write_checksum(std::span<std::byte> message, std::uint16_t value) {
  message[checksum_offset] = static_cast<std::byte>(value >> 8U);
  message[checksum_offset + 1] = static_cast<std::byte>(value & 0xffU);
}

void mend_checksum(std::span<std::byte> payload, const Choice& choice) {
  const auto behind = choice.has_trailer ? vrrp::trailer_size : 0;
  if (payload.size() < checksum_offset + 2 + behind) {
    return;
  }
  const auto message = payload.first(payload.size() - behind);
  write_checksum(message, 0);
  const auto destination = choice.group_sum
                               ? vrrp::vrrp_group(choice.ipv6 ? Family::ipv6 : Family::ipv4)
                               : destination_of(choice);
  auto sum = choice.bare_sum
                 ? Checksum{}
                 : vrrp::pseudo_header(
                       source_of(choice), destination, message.size(), vrrp::protocol_vrrp);
  write_checksum(message, sum.add(message).value());
}

/// What encode() can say: no authentication, or a password.
bool is_expressible(const vrrp::DecodedAdvert& decoded) {
  const bool auth = decoded.auth_type == vrrp::auth_password ||
                    (decoded.auth_type == vrrp::auth_none && decoded.auth_data == vrrp::AuthData{});
  return auth && decoded.advert.interval > Centiseconds{};
}

/// Without what need not come back: reserved bits, the checksum over them, and which of the two
/// zeros that one is.
std::vector<std::byte> essence(std::span<const std::byte> message, vrrp::Version version) {
  std::vector<std::byte> bytes{message.begin(), message.end()};
  const bool has_reserved =
      version == vrrp::Version::v3 && (bytes[flags_offset] & std::byte{0xf0}) != std::byte{};
  const bool is_minus_zero =
      bytes[checksum_offset] == std::byte{0xff} && bytes[checksum_offset + 1] == std::byte{0xff};
  if (has_reserved) {
    bytes[flags_offset] &= std::byte{0x0f};
  }
  if (has_reserved || is_minus_zero) {
    write_checksum(bytes, 0);
  }
  return bytes;
}

void check_round_trip(const vrrp::Packet& packet, const vrrp::DecodedAdvert& decoded) {
  const auto behind = packet.payload.size() - decoded.size;
  CHECK(behind == (decoded.trailer ? vrrp::trailer_size : 0));
  if (!is_expressible(decoded)) {
    return;
  }
  const auto password =
      decoded.auth_type == vrrp::auth_password ? std::optional{decoded.auth_data} : std::nullopt;
  auto again =
      vrrp::encode(decoded.advert, decoded.form, packet.source, packet.destination, password);
  const auto version = decoded.advert.version;
  const auto before = essence(packet.payload.first(decoded.size), version);
  auto after = again;
  if (before[checksum_offset] == std::byte{} && before[checksum_offset + 1] == std::byte{}) {
    write_checksum(after, 0);
  }
  CHECK(before == after);

  const auto trailer = packet.payload.last(behind);
  again.insert(again.end(), trailer.begin(), trailer.end());
  const auto decoded_again = vrrp::decode({.source = packet.source,
                                           .destination = packet.destination,
                                           .ttl = packet.ttl,
                                           .payload = again});
  CHECK(decoded_again.has_value());
  CHECK(*decoded_again == decoded);
}

void run(Input input) {
  const auto choice = choice_of(input.u8());
  const auto ttl = input.u8();
  const auto bytes = input.rest();
  std::vector<std::byte> payload{bytes.begin(), bytes.end()};
  if (choice.mends_checksum) {
    mend_checksum(payload, choice);
  }
  const vrrp::Packet packet{.source = source_of(choice),
                            .destination = destination_of(choice),
                            .ttl = ttl,
                            .payload = payload};
  const auto decoded = vrrp::decode(packet);
  const auto vrid = vrrp::claimed_vrid(payload);
  if (decoded) {
    CHECK(decoded->advert.vrid == vrid);
    CHECK(ttl == 255);
    check_round_trip(packet, *decoded);
  }
}

}  // namespace
}  // namespace havip::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  havip::fuzz::run({data, size});
  return 0;
}
