// SPDX-License-Identifier: Apache-2.0
#include "haproxy/client_socket.hpp"

#include "haproxy/error.hpp"
#include "sidecar/base/descriptor.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace havip::haproxy {

namespace {

using boost::asio::local::stream_protocol;

Error closed() {
  return fault(Fault::closed, "HAProxy closed the connection");
}

}  // namespace

Result<> connect(stream_protocol::socket& socket, const std::string& path) {
  ::sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return errno_error(ENAMETOOLONG, "connect to " + path);
  }
  std::memcpy(&address.sun_path[0], path.c_str(), path.size() + 1);
  Descriptor descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!descriptor.is_open()) {
    return errno_error(errno, "open a socket");
  }
  // By hand, because async_connect takes EAGAIN (a full queue) for "in progress" and then reports
  // success for a socket that is not connected.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what connect(2) wants.
  const auto* const generic = reinterpret_cast<const ::sockaddr*>(&address);
  if (::connect(descriptor.number(), generic, sizeof address) != 0) {
    return errno_error(errno, "connect to " + path);
  }
  boost::system::error_code error;
  socket.assign(stream_protocol{}, descriptor.number(), error);
  if (error) {
    return Error{error, "watch a socket: " + error.message()};
  }
  static_cast<void>(descriptor.release());
  return {};
}

Result<std::optional<std::string>> receive(stream_protocol::socket& socket) {
  std::array<char, std::size_t{16} << 10U> buffer;  // NOLINT(*-member-init): recv fills it
  while (true) {
    const auto got = ::recv(socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      return std::optional{std::string{buffer.data(), static_cast<std::size_t>(got)}};
    }
    if (got == 0 || errno == ECONNRESET) {
      return closed();
    }
    if (errno == EAGAIN) {
      return std::optional<std::string>{};
    }
    if (errno != EINTR) {
      return errno_error(errno, "read from HAProxy");
    }
  }
}

Result<> send(stream_protocol::socket& socket, const std::string& line) {
  const auto sent =
      ::send(socket.native_handle(), line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(line.size())) {
    return {};
  }
  if (sent < 0 && (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN)) {
    return closed();
  }
  // With one command of a few bytes under way the buffer cannot be full.
  return errno_error(sent < 0 ? errno : EMSGSIZE, "send a command to HAProxy");
}

int listening_process(stream_protocol::socket& socket) {
  ::ucred peer{};
  ::socklen_t size = sizeof peer;
  const int failed = ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return failed != 0 ? 0 : peer.pid;
}

}  // namespace havip::haproxy
