#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <memory>

namespace havip::net {

/// A raw socket for VRRP's datagrams of one family on `link`, member of VRRP's multicast group
/// there; it hears what is sent to this node's own addresses as well. It stays with the link
/// through a change of name and through down and up; a link that was deleted and made again is
/// another link and needs another socket. Needs CAP_NET_RAW, and CAP_NET_ADMIN for large buffers.
///
/// What it sends carries what RFC 9568 section 5.1 and keepalived put into the IP header: TTL or
/// hop limit 255, type of service or traffic class 0xc0 (internetwork control), no DF bit. What it
/// sends to the group does not come back to this host. The checksum is the caller's in both
/// families. Sending never waits: what goes to a neighbour whose MAC is not known yet is kept by
/// the kernel, and dropped when that neighbour does not answer.
Result<std::unique_ptr<ports::AdvertSocket>> open_vrrp_socket(const ports::Link& link,
                                                              Family family);

}  // namespace havip::net
