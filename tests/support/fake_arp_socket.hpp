#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/kernel.hpp"

#include <functional>

namespace havip::test {

/// Sends ARP frames to `carry`.
class FakeArpSocket : public ports::ArpSocket {
public:
  std::function<void(ports::LinkIndex, const vrrp::ArpMessage&)> carry =
      [](ports::LinkIndex, const vrrp::ArpMessage&) {
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
};

}  // namespace havip::test
