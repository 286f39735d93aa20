// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/transports.hpp"

#include "sidecar/base/check.hpp"
#include "sidecar/net/vrrp_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace havip::app {
namespace {

constexpr int most_datagrams_at_once = 1000;

}  // namespace

Transports::Transports() : ready_{::epoll_create1(EPOLL_CLOEXEC)} {
  CHECK(ready_.is_open());
}

Result<> Transports::open(const ports::Link& link, Family family) {
  if (sockets_.contains({link.index, family})) {
    return {};
  }
  auto socket = net::open_vrrp_socket(link, family);
  if (!socket) {
    return socket.error();
  }
  epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.ptr = socket->get();
  if (::epoll_ctl(ready_.number(), EPOLL_CTL_ADD, (*socket)->descriptor(), &interest) != 0) {
    return errno_error(errno, "wait for advertisements on " + link.name);
  }
  sockets_.emplace(std::pair{link.index, family}, std::move(*socket));
  readable_.resize(std::max(readable_.size(), sockets_.size()));
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

void Transports::receive_all(const std::function<void(const ports::Datagram&)>& take) {
  if (readable_.empty()) {
    return;
  }
  // Asked anew, and not taken from the wait that ended: what came in since counts as well.
  const int ready = ::epoll_wait(
      ready_.number(), readable_.data(), static_cast<int>(readable_.size()), /*timeout=*/0);
  datagrams_.clear();
  for (int index = 0; index < ready; ++index) {
    auto* const socket =
        static_cast<ports::AdvertSocket*>(readable_[static_cast<std::size_t>(index)].data.ptr);
    for (int count = 0; count < most_datagrams_at_once; ++count) {
      auto received = socket->receive();
      if (!received || !*received) {
        break;  // An error (the link went down) is told by the kernel's own events.
      }
      datagrams_.push_back(std::move(**received));
    }
  }
  // Handed on only now: what follows from a datagram may close a socket.
  for (const auto& datagram : datagrams_) {
    take(datagram);
  }
}

}  // namespace havip::app
