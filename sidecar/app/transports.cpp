// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/transports.hpp"

#include "sidecar/net/vrrp_socket.hpp"

#include <cerrno>

namespace havip::app {
namespace {

constexpr int most_datagrams_at_once = 1000;

}  // namespace

Result<> Transports::open(const ports::Link& link, Family family) {
  if (sockets_.contains({link.index, family})) {
    return {};
  }
  auto socket = net::open_vrrp_socket(link, family);
  if (!socket) {
    return socket.error();
  }
  sockets_.emplace(std::pair{link.index, family}, std::move(*socket));
  return {};
}

void Transports::close(ports::LinkIndex link, Family family) {
  sockets_.erase({link, family});
}

Result<> Transports::send(ports::LinkIndex link,
                          const IpAddress& source,
                          const IpAddress& destination,
                          std::span<const std::byte> payload) {
  const auto socket = sockets_.find({link, source.family()});
  if (socket == sockets_.end()) {
    return errno_error(ENOTCONN, "send an advertisement from " + source.to_string());
  }
  return socket->second->send(source, destination, payload);
}

std::vector<int> Transports::descriptors() const {
  std::vector<int> descriptors;
  descriptors.reserve(sockets_.size());
  for (const auto& [key, socket] : sockets_) {
    descriptors.push_back(socket->descriptor());
  }
  return descriptors;
}

void Transports::receive_all(const std::function<void(const ports::Datagram&)>& take) {
  std::vector<ports::Datagram> datagrams;
  for (const auto& [key, socket] : sockets_) {
    for (int count = 0; count < most_datagrams_at_once; ++count) {
      auto received = socket->receive();
      if (!received || !*received) {
        break;  // An error (the link went down) is told by the kernel's own events.
      }
      datagrams.push_back(std::move(**received));
    }
  }
  // Handed on only now: what follows from a datagram may close a socket.
  for (const auto& datagram : datagrams) {
    take(datagram);
  }
}

}  // namespace havip::app
