// SPDX-License-Identifier: Apache-2.0
//
// Any Ethernet frame as ARP and as a neighbour advertisement: what is understood can be said again.
// Input: a byte, odd when the ICMPv6 checksum shall be mended, and the frame.
#include "sidecar/base/check.hpp"
#include "sidecar/base/checksum.hpp"
#include "sidecar/vrrp/arp.hpp"
#include "sidecar/vrrp/ethernet.hpp"
#include "sidecar/vrrp/neighbour_advert.hpp"
#include "sidecar/vrrp/pseudo_header.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>
#include <vector>

namespace havip::fuzz {
namespace {

constexpr std::size_t length_offset = vrrp::ethernet_header_size + 4;
constexpr std::size_t addresses_offset = vrrp::ethernet_header_size + 8;
constexpr std::size_t addresses_size = 32;
constexpr std::size_t message_offset = addresses_offset + addresses_size;
constexpr std::size_t checksum_offset = message_offset + 2;

void mend_checksum(std::vector<std::byte>& frame) {
  const std::span<const std::byte> bytes{frame};
  if (bytes.size() < checksum_offset + 2) {
    return;
  }
  const std::size_t length = *ByteReader{bytes.subspan(length_offset)}.u16();
  if (length < 4 || length > bytes.size() - message_offset) {
    return;
  }
  frame[checksum_offset] = frame[checksum_offset + 1] = std::byte{};
  Checksum sum;
  sum.add(bytes.subspan(addresses_offset, addresses_size));
  sum.add_u16(static_cast<std::uint16_t>(length)).add_u16(vrrp::protocol_icmpv6);
  const auto value = sum.add(bytes.subspan(message_offset, length)).value();
  frame[checksum_offset] = static_cast<std::byte>(value >> 8U);
  frame[checksum_offset + 1] = static_cast<std::byte>(value & 0xffU);
}

void check_arp(std::span<const std::byte> frame) {
  const auto message = vrrp::decode_arp(frame);
  if (!message) {
    return;
  }
  const auto again = vrrp::encode(*message);
  CHECK(vrrp::decode_arp(again) == message);
  // All but Ethernet's source, which encode() takes from the message, comes back.
  const auto same = [&](std::size_t offset, std::size_t size) {
    return std::ranges::equal(frame.subspan(offset, size), std::span{again}.subspan(offset, size));
  };
  constexpr std::size_t mac_size = 6;
  CHECK(same(0, mac_size));
  CHECK(same(2 * mac_size, vrrp::arp_frame_size - 2 * mac_size));
}

void check_neighbour_advert(std::span<const std::byte> frame) {
  const auto advert = vrrp::decode_neighbour_advert(frame);
  if (!advert) {
    return;
  }
  CHECK(!advert->target.is_multicast());
  CHECK(vrrp::decode_neighbour_advert(vrrp::encode(*advert)) == advert);
}

void run(Input input) {
  const bool mends = (input.u8() & 1U) != 0;
  const auto bytes = input.rest();
  std::vector<std::byte> frame{bytes.begin(), bytes.end()};
  if (mends) {
    mend_checksum(frame);
  }
  check_arp(frame);
  check_neighbour_advert(frame);
}

}  // namespace
}  // namespace havip::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  havip::fuzz::run({data, size});
  return 0;
}
