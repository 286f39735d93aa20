#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <memory>

namespace havip::net {

/// A raw socket for VRRP's datagrams of one family on `link`, member of VRRP's multicast group
/// there. It stays with the link through a change of name and through down and up; a link that was
/// deleted and made again is another link and needs another socket. Needs CAP_NET_RAW.
///
/// What it sends carries what RFC 9568 section 5.1.1 and keepalived put into the IP header: TTL
/// 255, type of service 0xc0 (internetwork control), no DF bit. What it sends to the group does not
/// come back to this host.
///
/// Only IPv4 so far; IPv6 is an error (EAFNOSUPPORT).
Result<std::unique_ptr<ports::AdvertSocket>> open_vrrp_socket(const ports::Link& link,
                                                              Family family);

}  // namespace havip::net
