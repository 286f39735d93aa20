// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/listener.hpp"

#include "sidecar/base/descriptor.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace havip::http {
namespace {

/// A socket address with its length, as the system calls take it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress socket_address(const IpAddress& address, std::uint16_t port) {
  SocketAddress out;
  const auto bytes = address.bytes();
  if (address.family() == Family::ipv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &in, sizeof in);
    out.length = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    std::memcpy(&in.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &in, sizeof in);
    out.length = sizeof in;
  }
  return out;
}

Result<SocketAddress> socket_address(const std::string& path) {
  SocketAddress out;
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof un.sun_path) {
    return errno_error(ENAMETOOLONG, "unix:" + path);
  }
  std::ranges::copy(path, std::begin(un.sun_path));
  std::memcpy(&out.storage, &un, sizeof un);
  out.length = sizeof un;
  return out;
}

/// Removes a socket file that nobody listens on; a file that is not there is fine.
Result<> clear_stale_file(const std::string& path, SocketAddress address, const std::string& what) {
  struct stat file {};

  if (::lstat(path.c_str(), &file) != 0) {
    return errno == ENOENT ? Result<>{} : errno_error(errno, what);
  }
  if (!S_ISSOCK(file.st_mode)) {
    return errno_error(EEXIST, what + ": there is a file that is no socket");
  }
  const Descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (::connect(probe.number(), address.get(), address.length) == 0 || errno == EAGAIN) {
    return errno_error(EADDRINUSE, what + ": another process listens there");
  }
  if (errno != ECONNREFUSED || ::unlink(path.c_str()) != 0) {
    return errno_error(errno, what);
  }
  return {};
}

/// Everybody may connect: reading is for all, and who may change things is judged by the caller's
/// uid (access.hpp), not by the file's mode.
Result<> open_to_all(const std::string& path, const std::string& what) {
  return ::chmod(path.c_str(), 0666) == 0 ? Result<>{} : errno_error(errno, what + ": chmod");
}

std::uint16_t bound_port(int fd) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (::getsockname(fd, address.get(), &address.length) != 0) {
    return 0;
  }
  sockaddr_in in{};  // the port stands at the same place in sockaddr_in6
  std::memcpy(&in, &address.storage, sizeof in);
  return ntohs(in.sin_port);
}

Result<> set_option(int fd, int level, int option, const std::string& what) {
  const int on = 1;
  return ::setsockopt(fd, level, option, &on, sizeof on) == 0 ? Result<>{}
                                                              : errno_error(errno, what);
}

Result<> bind_to(int fd, const Listen& where, SocketAddress address, const std::string& what) {
  Result<> ready = where.unix_path ? clear_stale_file(*where.unix_path, address, what)
                                   : set_option(fd, SOL_SOCKET, SO_REUSEADDR, what);
  if (ready && address.storage.ss_family == AF_INET6) {
    // An IPv4 client must not show up as ::ffff:127.0.0.1.
    ready = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, what);
  }
  if (ready && ::bind(fd, address.get(), address.length) != 0) {
    return errno_error(errno, what);
  }
  return ready;
}

}  // namespace

std::string Listen::to_string() const {
  if (unix_path) {
    return "unix:" + *unix_path;
  }
  const auto host = address.to_string();
  return (address.family() == Family::ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Listener::Listener(const boost::asio::any_io_executor& executor, Listen where)
    : where_{std::move(where)}, acceptor_{executor} {}

Listener::Listener(Listener&& other) noexcept
    : where_{std::move(other.where_)},
      acceptor_{std::move(other.acceptor_)},
      file_{std::exchange(other.file_, std::nullopt)} {}

Listener::~Listener() {
  struct stat file {};

  if (file_ && ::lstat(where_.unix_path->c_str(), &file) == 0 && file.st_ino == *file_) {
    ::unlink(where_.unix_path->c_str());
  }
}

Result<Listener> Listener::open(const boost::asio::any_io_executor& executor, const Listen& where) {
  const auto what = "listen on " + where.to_string();
  auto address = where.unix_path ? socket_address(*where.unix_path)
                                 : Result<SocketAddress>{socket_address(where.address, where.port)};
  if (!address) {
    return Error{address.error().code, what + ": the path of the socket is too long"};
  }
  const int family = address->storage.ss_family;
  Descriptor fd{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.number() < 0) {
    return errno_error(errno, what);
  }
  auto ready = bind_to(fd.number(), where, *address, what);
  if (!ready) {
    return ready.error();
  }
  Listener listener{executor, where};
  if (where.unix_path) {
    struct stat file {};

    if (::lstat(where.unix_path->c_str(), &file) == 0) {
      listener.file_ = file.st_ino;
    }
    ready = open_to_all(*where.unix_path, what);
  } else {
    listener.where_.port = bound_port(fd.number());
  }
  if (ready && ::listen(fd.number(), SOMAXCONN) != 0) {
    ready = errno_error(errno, what);
  }
  if (!ready) {
    return ready.error();
  }
  boost::system::error_code failure;
  listener.acceptor_.assign(StreamProtocol{family, 0}, fd.number(), failure);
  if (failure) {
    return Error{failure, what + ": " + failure.message()};
  }
  static_cast<void>(fd.release());
  return listener;
}

}  // namespace havip::http
