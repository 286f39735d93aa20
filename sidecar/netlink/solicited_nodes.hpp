#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/descriptor.hpp"
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <set>
#include <utility>

namespace havip::netlink {

/// Membership of the multicast groups by which neighbours ask for an IPv6 address (solicited-node,
/// RFC 4291 section 2.7.1). The kernel joins them by itself, but in a worker of normal priority,
/// milliseconds after the address was acknowledged where the machine is busy. RFC 9568 section
/// 6.4.2 wants it done before the address is announced: a neighbour that asks in between would not
/// be heard, and ask again only after a second.
class SolicitedNodes {
public:
  static Result<SolicitedNodes> open();

  /// Makes this host a member. A failure leaves it to the kernel.
  void join(ports::LinkIndex link, const IpAddress& address);

  /// Ends what join() began, when no other address of the link needs the same group: fe80::10 and
  /// 2001:db8::10 share one.
  void leave(ports::LinkIndex link, const IpAddress& address);

private:
  explicit SolicitedNodes(Descriptor socket);

  Descriptor socket_;
  std::set<std::pair<ports::LinkIndex, IpAddress>> joined_;
};

}  // namespace havip::netlink
