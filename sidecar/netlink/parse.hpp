#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/kernel.hpp"

#include <linux/netlink.h>

#include <cstdint>
#include <optional>

namespace havip::netlink {

/// The tag (IFA_PROTO, since Linux 5.18) of the addresses that havip put into the kernel: VRRP's IP
/// protocol number, which names no other owner of addresses (the kernel itself uses 1 to 3).
inline constexpr std::uint8_t address_protocol = 112;

/// How an IPv6 address is told that is on a link and cannot be used, because its duplicate address
/// detection (RFC 4862 section 5.4) has not ended or has found a duplicate. The kernel tells of it
/// again when that ended well.
enum class Unusable : unsigned char { as_gone, as_there };

/// What a message of rtnetlink(7) says about a link or an address, be it part of a dump or a
/// notification. Empty for every other message, and for those of a bridge about its ports, which
/// look like links that come and go.
std::optional<ports::KernelEvent> parse(const nlmsghdr& message, Unusable unusable);

}  // namespace havip::netlink
