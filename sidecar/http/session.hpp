#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/http/listener.hpp"
#include "sidecar/http/peer.hpp"
#include "sidecar/ports/admin.hpp"

#include <cstddef>
#include <string>

namespace havip::http {

struct Settings {
  Duration deadline = std::chrono::seconds{10};  ///< for a request to arrive, an answer to leave
  Duration poll_interval = std::chrono::milliseconds{20};  ///< of what answers later
  std::size_t connections = 200;                           ///< at a time, for each listener
  std::string group = "havip";                             ///< whose members may change things
  std::string host_name;                                   ///< empty: the system's
};

/// What all sessions share; outlives them.
struct Shared {
  ports::Admin& admin;
  ports::CallerIdentity& identity;
  const LogSink& log;
  const Settings& settings;
};

inline constexpr std::size_t header_limit = std::size_t{8} * 1024;
inline constexpr std::size_t body_limit = std::size_t{64} * 1024;

/// Answers the requests of one connection, one after the other, until the client goes, asks to
/// close, is too slow, sends what is no HTTP, or the coroutine is cancelled.
async::Task<> serve(StreamSocket socket, Peer peer, Shared shared);

/// Tells one client too many to come again, without waiting, and closes.
void turn_away(StreamSocket socket);

}  // namespace havip::http
