#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace havip::http {

/// Where to listen: a unix socket, or an address and port (0: any free one).
struct Listen {
  std::optional<std::string> unix_path;
  IpAddress address;
  std::uint16_t port = 0;

  /// As the configuration has it: "unix:/run/havip/admin.sock", "127.0.0.1:8406".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Listen&, const Listen&) = default;
};

using StreamProtocol = boost::asio::generic::stream_protocol;
using StreamSocket = StreamProtocol::socket;

/// A bound and listening socket. A unix socket's file goes with it, unless another process has
/// put its own in the place meanwhile.
class Listener {
public:
  /// Everybody may connect to a unix socket (mode 0666); access.hpp judges the callers. A file
  /// that nobody listens on any more is replaced; one that somebody does is an error, as is every
  /// failure of the system, named after the listener.
  static Result<Listener> open(const boost::asio::any_io_executor& executor, const Listen& where);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// With the port that was given by the system, where 0 was asked for.
  [[nodiscard]] const Listen& where() const { return where_; }

  boost::asio::basic_socket_acceptor<StreamProtocol>& acceptor() { return acceptor_; }

private:
  Listener(const boost::asio::any_io_executor& executor, Listen where);

  Listen where_;
  boost::asio::basic_socket_acceptor<StreamProtocol> acceptor_;
  std::optional<ino_t> file_;  ///< the socket file that is ours to remove
};

}  // namespace havip::http
