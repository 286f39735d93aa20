// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/socket.hpp"

#include <netlink/errno.h>
#include <netlink/netlink.h>

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

namespace havip::netlink {
namespace {

// The kernel builds the parts of a dump at most this large (its NLMSG_GOODSIZE and 32 KiB).
constexpr std::size_t largest_datagram = 65536;

/// The code a message ends an exchange with: 0 is success. Empty for any other message.
std::optional<int> verdict_of(const nlmsghdr& message) {
  if (message.nlmsg_type != NLMSG_ERROR && message.nlmsg_type != NLMSG_DONE) {
    return std::nullopt;
  }
  // Both carry a negated errno first; the DONE of old kernels may be empty.
  int code = 0;
  if (::nlmsg_datalen(&message) >= static_cast<int>(sizeof code)) {
    std::memcpy(&code, ::nlmsg_data(&message), sizeof code);
  }
  return -code;
}

/// What has come of the kernel's answer to one request.
struct Answer {
  std::optional<int> verdict;
  bool has_holes = false;

  void take(const nlmsghdr& message, const Socket::Reader& reader) {
    has_holes = has_holes || (message.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    verdict = verdict_of(message);
    if (!verdict && reader) {
      reader(message);
    }
  }
};

Error failure(int number) {
  return {std::error_code{number, std::system_category()}, {}};
}

}  // namespace

Socket::Socket(nl_sock* socket) : socket_{socket}, buffer_(largest_datagram) {}

Result<Socket> Socket::open(int protocol) {
  Socket opened{::nl_socket_alloc()};
  if (!opened.socket_) {
    return errno_error(ENOMEM, "open a netlink socket");
  }
  errno = 0;
  if (const int result = ::nl_connect(opened.socket_.get(), protocol); result < 0) {
    // libnl's own code says less than errno, where there is one.
    return errno != 0 ? errno_error(errno, "open a netlink socket")
                      : Error{std::make_error_code(std::errc::io_error),
                              std::string{"open a netlink socket: "} + ::nl_geterror(result)};
  }
  ::nl_socket_set_nonblocking(opened.socket_.get());
  return opened;
}

Result<> Socket::join(int group) const {
  if (::setsockopt(descriptor(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0) {
    return errno_error(errno, "join netlink group " + std::to_string(group));
  }
  return {};
}

void Socket::set_receive_buffer(int bytes) const {
  if (::setsockopt(descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    ::setsockopt(descriptor(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
}

Result<std::vector<const nlmsghdr*>> Socket::receive() {
  std::vector<const nlmsghdr*> messages;
  while (messages.empty()) {
    sockaddr_nl from{};
    iovec piece{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
    msghdr datagram{};
    datagram.msg_name = &from;
    datagram.msg_namelen = sizeof from;
    datagram.msg_iov = &piece;
    datagram.msg_iovlen = 1;
    const auto size = ::recvmsg(descriptor(), &datagram, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) {
      break;
    }
    if (size < 0) {
      return failure(errno);
    }
    if ((datagram.msg_flags & MSG_TRUNC) != 0) {
      return failure(ENOBUFS);
    }
    // Another process with the right to could write to this socket as well.
    if (from.nl_pid != 0) {
      continue;
    }
    int left = static_cast<int>(size);
    auto* message = reinterpret_cast<nlmsghdr*>(buffer_.data());
    while (::nlmsg_ok(message, left) != 0) {
      messages.push_back(message);
      message = ::nlmsg_next(message, &left);
    }
  }
  return messages;
}

Result<> Socket::exchange(Message& request, const Reader& reader) {
  auto& header = request.header();
  header.nlmsg_flags |= NLM_F_ACK;
  header.nlmsg_seq = ::nl_socket_use_seq(socket_.get());
  header.nlmsg_pid = ::nl_socket_get_local_port(socket_.get());
  if (::send(descriptor(), &header, header.nlmsg_len, MSG_DONTWAIT) < 0) {
    return failure(errno);
  }
  Answer answer;
  while (!answer.verdict) {
    const auto messages = receive();
    if (messages.has_error()) {
      return messages.error();
    }
    if (messages->empty()) {
      return failure(ENOMSG);  // never seen: the kernel took the request and did not answer
    }
    for (const auto* const message : *messages) {
      // Others are left over from an exchange that failed half-way.
      if (message->nlmsg_seq == header.nlmsg_seq) {
        answer.take(*message, reader);
      }
    }
  }
  if (*answer.verdict != 0) {
    return failure(*answer.verdict);
  }
  if (answer.has_holes) {
    return failure(EINTR);
  }
  return {};
}

}  // namespace havip::netlink
