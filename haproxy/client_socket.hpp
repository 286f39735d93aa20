#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// A connection to the Runtime API below what is said over it; for the two clients there are.
#include "sidecar/base/result.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <optional>
#include <string>

namespace havip::haproxy {

/// Connects `socket`, which must be closed, without waiting: on a unix socket this succeeds or
/// fails at once. EAGAIN: the queue of connections that nobody has accepted yet is full.
Result<> connect(boost::asio::local::stream_protocol::socket& socket, const std::string& path);

/// What has come, 16 kB at most; empty when nothing. Fault::closed at the end of the connection.
Result<std::optional<std::string>> receive(boost::asio::local::stream_protocol::socket& socket);

/// Sends a line that is short beside the socket's buffer, whole or not at all.
Result<> send(boost::asio::local::stream_protocol::socket& socket, const std::string& line);

/// The process that called listen(2) on the other side: HAProxy, its master, or one that has long
/// been replaced. 0 when the kernel does not tell.
int listening_process(boost::asio::local::stream_protocol::socket& socket);

}  // namespace havip::haproxy
