#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The admin endpoint. A connection is a Session (session.hpp, the only user of Beast), which turns
// bytes into a Request and has routes.hpp find who answers it. access.hpp judges the caller.
// Everything below the session is functions of values; what takes time (a drain) is polled by it.
#include "sidecar/async/task.hpp"
#include "sidecar/async/task_group.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/http/listener.hpp"
#include "sidecar/http/session.hpp"
#include "sidecar/ports/admin.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <vector>

namespace havip::http {

/// Serves HTTP on some listeners. Lives on the executor's one thread (the service thread); the
/// Admin and the CallerIdentity outlive it. open(), then run() once.
class Server {
public:
  Server(boost::asio::any_io_executor executor,
         std::vector<Listen> listen,
         ports::Admin& admin,
         ports::CallerIdentity& identity,
         LogSink log);

  /// Other limits than the usual ones; before open().
  void use(Settings settings);

  /// Binds all listeners, or none: the error names the one that failed.
  Result<> open();

  /// Where it listens since open(), with the ports that the system chose.
  [[nodiscard]] std::vector<Listen> listening() const;

  /// Serves until it is cancelled; then closes the sessions and removes the unix sockets' files.
  async::Task<> run();

private:
  async::Task<> accept(Listener& listener, async::TaskGroup& sessions);
  void take(StreamSocket socket,
            const Listen& where,
            async::TaskGroup& sessions,
            const std::shared_ptr<std::size_t>& open);

  boost::asio::any_io_executor executor_;
  std::vector<Listen> listen_;
  LogSink log_;
  Settings settings_;
  Shared shared_;
  std::list<Listener> listeners_;
};

}  // namespace havip::http
