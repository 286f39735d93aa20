#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/transport.hpp"

#include <cerrno>
#include <functional>
#include <set>
#include <utility>
#include <vector>

namespace havip::test {

/// The advert sockets of a daemon. What is sent goes to `carry`; nothing is received by itself.
class FakeAdvertTransport : public ports::AdvertTransport {
public:
  std::function<void(const ports::Datagram&)> carry = [](const ports::Datagram&) {
  };
  std::function<void(const char*, ports::LinkIndex)> did = [](const char*, ports::LinkIndex) {
  };
  /// While set, opening or sending fails with this errno.
  int open_refusal = 0;
  int send_refusal = 0;

  Result<> open(const ports::Link& link, Family family) override {
    if (open_refusal != 0) {
      return errno_error(open_refusal, "open VRRP on " + link.name);
    }
    if (open_.insert({link.index, family}).second) {
      did("open", link.index);
    }
    return {};
  }

  void close(ports::LinkIndex link, Family family) override {
    if (open_.erase({link, family}) > 0) {
      did("close", link);
    }
  }

  Result<> send(ports::LinkIndex link,
                const IpAddress& source,
                const IpAddress& destination,
                std::span<const std::byte> payload) override {
    const int number = open_.contains({link, source.family()}) ? send_refusal : ENOTCONN;
    if (number != 0) {
      return errno_error(number, "send an advertisement from " + source.to_string());
    }
    carry({.link = link,
           .source = source,
           .destination = destination,
           .ttl = 255,
           .payload = {payload.begin(), payload.end()}});
    return {};
  }

  [[nodiscard]] bool is_open(ports::LinkIndex link, Family family) const {
    return open_.contains({link, family});
  }

private:
  std::set<std::pair<ports::LinkIndex, Family>> open_;
};

}  // namespace havip::test
