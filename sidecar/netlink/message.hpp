#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/ports/kernel.hpp"

#include <netlink/msg.h>

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>

namespace havip::netlink {

/// A netlink message being built: a fixed header, then attributes.
class Message {
public:
  template <class Header>
  Message(std::uint16_t type, unsigned flags, Header header)
      : message_{::nlmsg_alloc_simple(type, static_cast<int>(flags | NLM_F_REQUEST))} {
    // The messages of this room take a hundred bytes of the page they are given.
    if (!message_ || ::nlmsg_append(message_.get(), &header, sizeof header, NLMSG_ALIGNTO) != 0) {
      throw std::bad_alloc{};
    }
  }

  Message& put(int attribute, std::span<const std::byte> value) {
    if (::nla_put(message_.get(), attribute, static_cast<int>(value.size()), value.data()) != 0) {
      throw std::bad_alloc{};
    }
    return *this;
  }

  template <class Value>

  requires std::is_trivially_copyable_v<Value> Message& put_value(int attribute,
                                                                  const Value& value) {
    return put(attribute, std::as_bytes(std::span{&value, 1}));
  }

  [[nodiscard]] nlmsghdr& header() { return *::nlmsg_hdr(message_.get()); }

private:
  struct Free {
    void operator()(nl_msg* message) const { ::nlmsg_free(message); }
  };

  std::unique_ptr<nl_msg, Free> message_;
};

}  // namespace havip::netlink
