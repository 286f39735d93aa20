// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/vrrp_socket.hpp"

#include "sidecar/net/vrrp_socket_base.hpp"

namespace havip::net {

Result<std::unique_ptr<ports::AdvertSocket>> open_vrrp_socket(const ports::Link& link,
                                                              Family family) {
  auto socket = family == Family::ipv4 ? open_vrrp_socket_v4(link) : open_vrrp_socket_v6(link);
  if (socket.has_error()) {
    const auto& error = socket.error();
    return Error{error.code, "open a VRRP socket on " + link.name + ": " + error.message};
  }
  return socket;
}

}  // namespace havip::net
