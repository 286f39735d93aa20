// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/icmp_message.hpp"

#include "sidecar/base/bytes.hpp"
#include "sidecar/base/checksum.hpp"
#include "sidecar/vrrp/ethernet.hpp"

#include <algorithm>
#include <array>

namespace havip::net {
namespace {

constexpr std::uint8_t echo_request_v4 = 8;
constexpr std::uint8_t echo_reply_v4 = 0;
constexpr std::uint8_t echo_request_v6 = 128;
constexpr std::uint8_t echo_reply_v6 = 129;
constexpr std::uint8_t neighbour_solicitation = 135;
constexpr std::uint8_t neighbour_advertisement = 136;
constexpr std::uint8_t flag_solicited = 0x40;
constexpr std::uint8_t option_source_link_layer_address = 1;
constexpr std::uint8_t units_of_mac_option = 1;
constexpr std::size_t checksum_offset = 2;
constexpr std::size_t address_size = 16;
constexpr std::size_t reserved_behind_flags = 3;
constexpr unsigned byte_bits = 8;
constexpr unsigned byte_mask = 0xff;

}  // namespace

std::vector<std::byte> encode_echo_request(Family family, EchoName name) {
  std::vector<std::byte> message;
  ByteWriter out{message};
  out.u8(family == Family::ipv4 ? echo_request_v4 : echo_request_v6);
  out.u8(0);
  out.u16(0);
  out.u16(name.id);
  out.u16(name.sequence);
  if (family == Family::ipv4) {
    const unsigned checksum = Checksum{}.add(message).value();
    message[checksum_offset] = static_cast<std::byte>(checksum >> byte_bits);
    message[checksum_offset + 1] = static_cast<std::byte>(checksum & byte_mask);
  }
  return message;
}

bool is_echo_reply(Family family, std::uint16_t id, std::span<const std::byte> message) {
  ByteReader in{message};
  const auto type = in.u8();
  const auto code = in.u8();
  const auto checksum = in.u16();
  const auto name = in.u16();
  const auto wanted = family == Family::ipv4 ? echo_reply_v4 : echo_reply_v6;
  return checksum && name == id && type == wanted && code == 0;
}

std::vector<std::byte> encode_solicitation(const IpAddress& target, const MacAddress& mac) {
  std::vector<std::byte> message;
  ByteWriter out{message};
  out.u8(neighbour_solicitation);
  out.u8(0);
  out.u16(0);  // the kernel's to fill in
  out.u16(0);
  out.u16(0);
  out.bytes(target.bytes());
  out.u8(option_source_link_layer_address);
  out.u8(units_of_mac_option);
  vrrp::write_mac(out, mac);
  return message;
}

bool is_solicited_advert(const IpAddress& target, std::span<const std::byte> message) {
  ByteReader in{message};
  const auto type = in.u8();
  const auto code = in.u8();
  const auto checksum = in.u16();
  const auto flags = in.u8();
  const auto reserved = in.take(reserved_behind_flags);
  const auto address = in.take(address_size);
  return checksum && reserved && address && type == neighbour_advertisement && code == 0 &&
         (*flags & flag_solicited) != 0 && std::ranges::equal(*address, target.bytes());
}

IpAddress solicited_node_group(const IpAddress& target) {
  constexpr std::array head{std::byte{0xff},
                            std::byte{0x02},
                            std::byte{},
                            std::byte{},
                            std::byte{},
                            std::byte{},
                            std::byte{},
                            std::byte{},
                            std::byte{},
                            std::byte{},
                            std::byte{},
                            std::byte{0x01},
                            std::byte{0xff}};
  std::array<std::byte, address_size> bytes{};
  std::ranges::copy(head, bytes.begin());
  const auto tail = target.bytes().subspan(head.size());
  std::ranges::copy(tail, bytes.begin() + head.size());
  return IpAddress::from_bytes(bytes);
}

}  // namespace havip::net
