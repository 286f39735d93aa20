#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/descriptor.hpp"
#include "sidecar/ports/transport.hpp"

#include <sys/epoll.h>

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace havip::app {

/// The advert sockets in use, for the election thread's loop to wait for and to read.
class Transports : public ports::AdvertTransport {
public:
  Transports();

  Result<> open(const ports::Link& link, Family family) override;
  void close(ports::LinkIndex link, Family family) override;
  Result<> send(ports::LinkIndex link,
                const IpAddress& source,
                const IpAddress& destination,
                std::span<const std::byte> payload) override;

  /// Readable when one of the sockets is.
  [[nodiscard]] int descriptor() const { return ready_.number(); }

  /// Reads every socket dry, but not more than a bounded number of datagrams of each, so that a
  /// flood cannot keep the election from its timers. What it costs grows with the sockets that have
  /// something, not with those that are open.
  void receive_all(const std::function<void(const ports::Datagram&)>& take);

private:
  std::map<std::pair<ports::LinkIndex, Family>, std::unique_ptr<ports::AdvertSocket>> sockets_;
  Descriptor ready_;  ///< an epoll(7) of all sockets, which forgets those that are closed
  std::vector<epoll_event> readable_;       ///< room for as many as there are sockets
  std::vector<ports::Datagram> datagrams_;  ///< of one receive_all(), kept for its memory
};

}  // namespace havip::app
