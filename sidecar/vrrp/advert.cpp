// SPDX-License-Identifier: Apache-2.0
#include "sidecar/vrrp/advert.hpp"

#include "sidecar/base/bytes.hpp"
#include "sidecar/base/check.hpp"
#include "sidecar/vrrp/pseudo_header.hpp"

#include <algorithm>

namespace havip::vrrp {
namespace {

constexpr unsigned version_2 = 2;
constexpr unsigned version_3 = 3;
constexpr std::uint8_t type_advertisement = 1;
constexpr std::uint8_t required_ttl = 255;
constexpr std::size_t header_size = 8;
constexpr std::size_t checksum_offset = 6;
constexpr std::size_t most_addresses = 255;  // the count has 8 bits
constexpr Centiseconds second{100};

std::size_t address_size(Family family) {
  return family == Family::ipv4 ? 4 : 16;
}

/// The start of the sum over a message of that form, which is the whole of what forms differ in.
Checksum start_of_sum(ChecksumForm form,
                      const IpAddress& source,
                      const IpAddress& destination,
                      std::size_t length) {
  const auto family = source.family();
  if (form == ChecksumForm::message && family == Family::ipv4) {
    return {};
  }
  if (form == ChecksumForm::group_pseudo_header && family == Family::ipv4) {
    return pseudo_header(source, vrrp_group(family), length, protocol_vrrp);
  }
  return pseudo_header(source, destination, length, protocol_vrrp);
}

/// The form whose sum comes out right. The group's form is the last, so that it is not taken for
/// an advertisement that went to the group indeed.
std::optional<ChecksumForm> find_form(Version version,
                                      const Packet& packet,
                                      std::span<const std::byte> message) {
  const auto verifies = [&](ChecksumForm form) {
    return start_of_sum(form, packet.source, packet.destination, message.size())
               .add(message)
               .value() == 0;
  };
  if (version == Version::v2) {
    return verifies(ChecksumForm::message) ? std::optional{ChecksumForm::message} : std::nullopt;
  }
  if (packet.source.family() == Family::ipv6) {
    return verifies(ChecksumForm::pseudo_header) ? std::optional{ChecksumForm::pseudo_header}
                                                 : std::nullopt;
  }
  for (const auto form :
       {ChecksumForm::message, ChecksumForm::pseudo_header, ChecksumForm::group_pseudo_header}) {
    if (verifies(form)) {
      return form;
    }
  }
  return std::nullopt;
}

/// The first 8 bytes. Two of them differ: version 2 has an Auth Type and an Adver Int of 8 bits
/// where version 3 has 4 reserved bits and a Max Advertise Interval of 12.
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

/// Version 2 is IPv4's alone.
std::optional<Version> version_of(const Header& header, Family family) {
  const auto number = header.version_and_type >> 4U;
  if (number == version_2 && family == Family::ipv4) {
    return Version::v2;
  }
  return number == version_3 ? std::optional{Version::v3} : std::nullopt;
}

Centiseconds interval_of(const Header& header, Version version) {
  if (version == Version::v2) {
    return static_cast<std::int32_t>(header.interval & 0x00ffU) * second;
  }
  return Centiseconds{header.interval & 0x0fffU};
}

std::uint16_t interval_field(const Advert& advert, bool with_password) {
  if (advert.version == Version::v3) {
    CHECK(advert.interval > Centiseconds{} && advert.interval <= longest_interval);
    CHECK(!with_password);
    return static_cast<std::uint16_t>(advert.interval.count());
  }
  CHECK(advert.interval > Centiseconds{} && advert.interval <= longest_interval_v2);
  CHECK(advert.interval % second == Centiseconds{});
  const auto auth = with_password ? auth_password : auth_none;
  return static_cast<std::uint16_t>(static_cast<unsigned>(auth) << 8U |
                                    static_cast<unsigned>(advert.interval / second));
}

std::vector<IpAddress> read_addresses(ByteReader& in, std::size_t count, std::size_t size) {
  std::vector<IpAddress> addresses;
  addresses.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    addresses.push_back(IpAddress::from_bytes(*in.take(size)));
  }
  return addresses;
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
  const auto version = version_of(*header, packet.source.family());
  if (!version) {
    return Rejection::version;
  }
  if ((header->version_and_type & 0x0fU) != type_advertisement) {
    return Rejection::type;
  }
  const auto each = address_size(packet.source.family());
  const auto auth_size = *version == Version::v2 ? sizeof(AuthData) : 0;
  const auto size = header_size + header->count * each + auth_size;
  if (header->count == 0 || packet.payload.size() < size) {
    return Rejection::length;
  }
  const auto behind = packet.payload.subspan(size);
  const auto trailer = read_trailer(behind);
  if (!behind.empty() && !trailer) {
    return Rejection::length;
  }
  const auto form = find_form(*version, packet, packet.payload.first(size));
  if (!form) {
    return Rejection::checksum;
  }
  DecodedAdvert decoded{.advert = {.version = *version,
                                   .vrid = header->vrid,
                                   .priority = header->priority,
                                   .interval = interval_of(*header, *version),
                                   .addresses = read_addresses(in, header->count, each)},
                        .form = *form,
                        .size = size,
                        .trailer = trailer};
  if (*version == Version::v2) {
    decoded.auth_type = static_cast<AuthType>(header->interval >> 8U);
    std::ranges::copy(*in.take(auth_size), decoded.auth_data.begin());
  }
  return decoded;
}

Vrid claimed_vrid(std::span<const std::byte> payload) {
  return {payload.size() > 1 ? std::to_integer<std::uint8_t>(payload[1]) : std::uint8_t{0}};
}

std::vector<std::byte> encode(const Advert& advert,
                              ChecksumForm form,
                              const IpAddress& source,
                              const IpAddress& destination,
                              const std::optional<AuthData>& password) {
  const bool is_v2 = advert.version == Version::v2;
  CHECK(!advert.addresses.empty() && advert.addresses.size() <= most_addresses);
  CHECK(!is_v2 || source.family() == Family::ipv4);
  std::vector<std::byte> message;
  message.reserve(header_size + advert.addresses.size() * address_size(source.family()) +
                  sizeof(AuthData) + trailer_size);
  ByteWriter out{message};
  out.u8(static_cast<std::uint8_t>((is_v2 ? version_2 : version_3) << 4U | type_advertisement));
  out.u8(advert.vrid.value);
  out.u8(advert.priority.value);
  out.u8(static_cast<std::uint8_t>(advert.addresses.size()));
  out.u16(interval_field(advert, password.has_value()));
  out.u16(0);
  for (const auto& address : advert.addresses) {
    CHECK(address.family() == source.family());
    out.bytes(address.bytes());
  }
  if (is_v2) {
    out.bytes(password.value_or(AuthData{}));
  }
  const auto sum =
      start_of_sum(is_v2 ? ChecksumForm::message : form, source, destination, message.size())
          .add(message)
          .value();
  message[checksum_offset] = static_cast<std::byte>(sum >> 8U);
  message[checksum_offset + 1] = static_cast<std::byte>(sum & 0xffU);
  return message;
}

}  // namespace havip::vrrp
