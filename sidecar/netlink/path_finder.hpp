#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/netlink/socket.hpp"
#include "sidecar/ports/path.hpp"

#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace havip::netlink {

/// Asks the kernel how it would send to an address now, by its rules and routes. Each question is
/// two exchanges, a third one where the address that the kernel would send from is a virtual one.
class PathFinder {
public:
  /// `virtual_addresses` are those that move between nodes: no path starts at one of them, unless
  /// the interface has it for good and has no other one.
  static Result<PathFinder> open(std::set<IpAddress> virtual_addresses);

  /// The error goes on after the address: "cannot be asked, there is no route to it".
  Result<ports::Path> find(const IpAddress& to);

private:
  PathFinder(Socket socket, std::set<IpAddress> virtual_addresses)
      : socket_{std::move(socket)}, virtual_addresses_{std::move(virtual_addresses)} {}

  Result<ports::Link> link_at(ports::LinkIndex index);
  Result<std::vector<ports::KernelAddress>> addresses_of(ports::LinkIndex link, Family family);
  std::optional<IpAddress> own_address(ports::LinkIndex link, const IpAddress& to);

  Socket socket_;
  std::set<IpAddress> virtual_addresses_;
};

}  // namespace havip::netlink
