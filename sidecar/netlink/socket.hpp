#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"
#include "sidecar/netlink/message.hpp"

#include <netlink/socket.h>

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace havip::netlink {

/// A non-blocking netlink socket. The kernel handles a request while it is being sent, so that its
/// answer already lies in the socket afterwards: nothing here ever waits.
class Socket {
public:
  /// `protocol` is one of netlink(7)'s families, such as NETLINK_ROUTE.
  static Result<Socket> open(int protocol);

  [[nodiscard]] int descriptor() const { return ::nl_socket_get_fd(socket_.get()); }

  /// Receives the notifications of `group` (RTNLGRP_LINK and so on) from now on.
  [[nodiscard]] Result<> join(int group) const;

  /// How many bytes of notifications may wait here; asks for less where more is not permitted.
  void set_receive_buffer(int bytes) const;

  /// The messages of the next datagram from the kernel; none when none waits. They stay valid until
  /// the next call. ENOBUFS when notifications were lost.
  Result<std::vector<const nlmsghdr*>> receive();

  using Reader = std::function<void(const nlmsghdr&)>;

  /// Sends `request` and gives each message of the answer to `reader`, until the acknowledgement
  /// or the end of the dump. The error's message is left to the caller, who knows the object. EINTR
  /// when something changed during a dump, so that it may have holes: ask again.
  Result<> exchange(Message& request, const Reader& reader = {});

private:
  struct Close {
    void operator()(nl_sock* socket) const { ::nl_socket_free(socket); }
  };

  explicit Socket(nl_sock* socket);

  std::unique_ptr<nl_sock, Close> socket_;
  std::vector<std::byte> buffer_;
};

}  // namespace havip::netlink
