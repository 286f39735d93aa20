#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The messages by which a gateway is asked whether it is there: echo (RFC 792, RFC 4443) and
// neighbour solicitation (RFC 4861 section 4.3), behind the IP header. The kernel fills in the
// checksums of ICMPv6, which cover the IP header's addresses.
#include "sidecar/base/ip.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace havip::net {

/// Which echo this is: the answer has the same numbers.
struct EchoName {
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
};

std::vector<std::byte> encode_echo_request(Family family, EchoName name);

/// Whether an ICMP message of this family answers an echo of `id`, whichever of them.
bool is_echo_reply(Family family, std::uint16_t id, std::span<const std::byte> message);

/// "Who has `target`?", from the owner of `mac`.
std::vector<std::byte> encode_solicitation(const IpAddress& target, const MacAddress& mac);

/// Whether an ICMPv6 message says, on being asked, that `target` is there.
bool is_solicited_advert(const IpAddress& target, std::span<const std::byte> message);

/// The group that every owner of an address listens to for such questions: ff02::1:ffXX:XXXX (RFC
/// 4291 section 2.7.1).
IpAddress solicited_node_group(const IpAddress& target);

}  // namespace havip::net
