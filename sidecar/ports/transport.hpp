#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <cstddef>
#include <span>

namespace havip::ports {

/// All advert sockets of the daemon, one for each link and family. What they receive goes to the
/// engine as events, not through this class. Used on the election thread; no call blocks.
class AdvertTransport {
public:
  AdvertTransport() = default;
  AdvertTransport(const AdvertTransport&) = delete;
  AdvertTransport& operator=(const AdvertTransport&) = delete;
  virtual ~AdvertTransport() = default;

  /// Begins to receive on the link. Opening what is open succeeds and changes nothing.
  virtual Result<> open(const Link& link, Family family) = 0;

  /// Stops to receive on the link. Closing what is not open does nothing.
  virtual void close(LinkIndex link, Family family) = 0;

  /// Sends from the link; ENOTCONN when open() has not succeeded before.
  virtual Result<> send(LinkIndex link,
                        const IpAddress& source,
                        const IpAddress& destination,
                        std::span<const std::byte> payload) = 0;
};

}  // namespace havip::ports
