#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/listener.hpp"
#include "sidecar/http/message.hpp"
#include "sidecar/ports/admin.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace havip::http {

/// The other end of an accepted connection, as far as it is known at once.
struct Peer {
  Way way = Way::elsewhere;
  ports::TcpConnection tcp;                ///< unless it came by the unix socket
  std::optional<std::string> socket_path;  ///< else this, and
  std::optional<std::uint32_t> uid;        ///< who connected (SO_PEERCRED), and
  std::optional<std::uint32_t> gid;
};

/// `where` is the listener that accepted the socket.
Peer peer_of(StreamSocket& socket, const Listen& where);

/// Finds out who the peer is and whether the group that may change things is among its groups.
/// May read the user database: asked only for a request that changes something.
Caller identify(const Peer& peer, ports::CallerIdentity& identity, const std::string& group);

}  // namespace havip::http
