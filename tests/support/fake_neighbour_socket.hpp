#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/kernel.hpp"

#include <functional>

namespace havip::test {

/// Sends ARP messages to `carry` and neighbour advertisements to `carry_advert`.
class FakeNeighbourSocket : public ports::NeighbourSocket {
public:
  std::function<void(ports::LinkIndex, const vrrp::ArpMessage&)> carry =
      [](ports::LinkIndex, const vrrp::ArpMessage&) {
      };
  std::function<void(ports::LinkIndex, const vrrp::NeighbourAdvert&)> carry_advert =
      [](ports::LinkIndex, const vrrp::NeighbourAdvert&) {
      };
  /// While set, sending fails with this errno.
  int refusal = 0;

  Result<> send(ports::LinkIndex link, const vrrp::ArpMessage& message) override {
    if (refusal != 0) {
      return errno_error(refusal, "announce " + message.sender.to_string());
    }
    carry(link, message);
    return {};
  }

  Result<> send(ports::LinkIndex link, const vrrp::NeighbourAdvert& advert) override {
    if (refusal != 0) {
      return errno_error(refusal, "announce " + advert.target.to_string());
    }
    carry_advert(link, advert);
    return {};
  }
};

}  // namespace havip::test
