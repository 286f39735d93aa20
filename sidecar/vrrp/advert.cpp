// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/advert.hpp"

#include "sidecar/base/bytes.hpp"
#include "sidecar/base/check.hpp"
#include "sidecar/base/checksum.hpp"

namespace havip::vrrp {
namespace {

constexpr std::uint8_t version_3 = 3;
constexpr std::uint8_t type_advertisement = 1;
constexpr std::uint8_t required_ttl = 255;
constexpr std::uint16_t protocol_vrrp = 112;
constexpr std::size_t header_size = 8;
constexpr std::size_t checksum_offset = 6;

std::size_t address_size(Family family) {
  return family == Family::ipv4 ? 4 : 16;
}

/// RFC 8200 section 8.1, and its IPv4 counterpart of RFC 793. The sum of the fields is the same
/// in whatever order and width they stand.
Checksum pseudo_header(const IpAddress& source, const IpAddress& destination, std::size_t length) {
  Checksum sum;
  sum.add(source.bytes()).add(destination.bytes());
  sum.add_u16(static_cast<std::uint16_t>(length)).add_u16(protocol_vrrp);
  return sum;
}

bool verifies(Checksum start, std::span<const std::byte> message) {
  return start.add(message).value() == 0;
}

boost::system::result<ChecksumForm, Rejection> find_form(const Packet& packet) {
  const auto length = packet.payload.size();
  const auto family = packet.source.family();
  if (family == Family::ipv4 && verifies(Checksum{}, packet.payload)) {
    return ChecksumForm::message;
  }
  // A unicast advertisement of an old keepalived has the group's address in its sum.
  if (verifies(pseudo_header(packet.source, packet.destination, length), packet.payload) ||
      (family == Family::ipv4 &&
       verifies(pseudo_header(packet.source, vrrp_group(family), length), packet.payload))) {
    return ChecksumForm::pseudo_header;
  }
  return Rejection::checksum;
}

struct Header {
  std::uint8_t version_and_type = 0;
  Vrid vrid;
  Priority priority;
  std::uint8_t count = 0;
  std::uint16_t interval = 0;
};

std::optional<Header> read_header(ByteReader& in) {
  const auto version_and_type = in.u8();
  const auto vrid = in.u8();
  const auto priority = in.u8();
  const auto count = in.u8();
  const auto interval = in.u16();
  const auto checksum = in.u16();
  if (!checksum) {
    return std::nullopt;
  }
  return Header{.version_and_type = *version_and_type,
                .vrid = {*vrid},
                .priority = {*priority},
                .count = *count,
                .interval = *interval};
}

}  // namespace

IpAddress vrrp_group(Family family) {
  return family == Family::ipv4 ? IpAddress::v4(0xE0000012) : *IpAddress::parse("ff02::12");
}

boost::system::result<DecodedAdvert, Rejection> decode(const Packet& packet) {
  if (packet.ttl != required_ttl) {
    return Rejection::ttl;
  }
  ByteReader in{packet.payload};
  const auto header = read_header(in);
  if (!header) {
    return Rejection::length;
  }
  if (header->version_and_type >> 4U != version_3) {
    return Rejection::version;
  }
  if ((header->version_and_type & 0x0fU) != type_advertisement) {
    return Rejection::type;
  }
  const auto size = address_size(packet.source.family());
  if (header->count == 0 || in.left() != header->count * size) {
    return Rejection::length;
  }
  const auto form = find_form(packet);
  if (!form) {
    return form.error();
  }
  DecodedAdvert decoded{.advert = {.vrid = header->vrid,
                                   .priority = header->priority,
                                   .interval = Centiseconds{header->interval & 0x0fffU},
                                   .addresses = {}},
                        .form = *form};
  decoded.advert.addresses.reserve(header->count);
  while (const auto bytes = in.left() > 0 ? in.take(size) : std::nullopt) {
    decoded.advert.addresses.push_back(IpAddress::from_bytes(*bytes));
  }
  return decoded;
}

Vrid claimed_vrid(std::span<const std::byte> payload) {
  return {payload.size() > 1 ? std::to_integer<std::uint8_t>(payload[1]) : std::uint8_t{0}};
}

std::vector<std::byte> encode(const Advert& advert,
                              ChecksumForm form,
                              const IpAddress& source,
                              const IpAddress& destination) {
  CHECK(!advert.addresses.empty() && advert.addresses.size() <= 255);
  CHECK(advert.interval > Centiseconds{} && advert.interval <= longest_interval);
  std::vector<std::byte> message;
  message.reserve(header_size + advert.addresses.size() * address_size(source.family()));
  ByteWriter out{message};
  out.u8(version_3 << 4U | type_advertisement);
  out.u8(advert.vrid.value);
  out.u8(advert.priority.value);
  out.u8(static_cast<std::uint8_t>(advert.addresses.size()));
  out.u16(static_cast<std::uint16_t>(advert.interval.count()));
  out.u16(0);
  for (const auto& address : advert.addresses) {
    CHECK(address.family() == source.family());
    out.bytes(address.bytes());
  }
  const bool bare = form == ChecksumForm::message && source.family() == Family::ipv4;
  auto sum = bare ? Checksum{} : pseudo_header(source, destination, message.size());
  const auto checksum = sum.add(message).value();
  message[checksum_offset] = static_cast<std::byte>(checksum >> 8U);
  message[checksum_offset + 1] = static_cast<std::byte>(checksum & 0xffU);
  return message;
}

}  // namespace havip::vrrp
