#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/transport.hpp"

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace havip::app {

/// The advert sockets in use, for the election thread's loop to wait for and to read.
class Transports : public ports::AdvertTransport {
public:
  Result<> open(const ports::Link& link, Family family) override;
  void close(ports::LinkIndex link, Family family) override;
  Result<> send(ports::LinkIndex link,
                const IpAddress& source,
                const IpAddress& destination,
                std::span<const std::byte> payload) override;

  /// What to wait for.
  [[nodiscard]] std::vector<int> descriptors() const;

  /// Reads every socket dry, but not more than a bounded number of datagrams of each, so that a
  /// flood cannot keep the election from its timers.
  void receive_all(const std::function<void(const ports::Datagram&)>& take);

private:
  std::map<std::pair<ports::LinkIndex, Family>, std::unique_ptr<ports::AdvertSocket>> sockets_;
};

}  // namespace havip::app
