#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/engine/virtual_router.hpp"
#include "sidecar/ports/kernel.hpp"
#include "sidecar/ports/status.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace havip::engine {

/// The interfaces and addresses of this host, as the kernel told of them.
class Links {
public:
  void observe(const ports::KernelState& state);

  void observe(const ports::Link& link) { links_.insert_or_assign(link.index, link); }

  void observe(const ports::LinkGone& gone);
  void observe(const ports::KernelAddress& address);
  void observe(const ports::KernelAddressGone& gone);

  /// The interface named so, and its first address of the family that is no virtual one, or else
  /// one that is but was not put there by havip. For IPv6 only link-local ones count (RFC 9568
  /// section 5.1.2.1).
  [[nodiscard]] Attachment find(const std::string& interface,
                                Family family,
                                const std::set<IpAddress>& virtual_addresses) const;

  /// The interface named so; `exists` is false when there is none.
  [[nodiscard]] ports::LinkStatus state_of(const std::string& interface) const;

private:
  [[nodiscard]] const ports::Link* named(const std::string& interface) const;

  std::map<ports::LinkIndex, ports::Link> links_;
  std::vector<ports::KernelAddress> addresses_;  ///< in the kernel's order: the primary one first
};

}  // namespace havip::engine
