#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/ports/status.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace havip::ports {

struct DrainRequest {
  std::optional<std::string> reason;
  std::optional<Duration> lasting;  ///< undrained by itself after so long
};

/// What the admin endpoint can ask of the daemon. Used on the service thread; no call waits: what
/// becomes of a request is seen in later status().
class Admin {
public:
  Admin() = default;
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;
  virtual ~Admin() = default;

  /// The newest status; never null.
  [[nodiscard]] virtual std::shared_ptr<const NodeStatus> status() const = 0;

  /// Remembers the drain on disk and tells the election to give the addresses away. Draining a
  /// drained node again replaces reason and end. An error (the disk) means nothing happened.
  virtual Result<> drain(const DrainRequest& request) = 0;

  /// Forgets the drain; undraining a node that is not drained succeeds.
  virtual Result<> undrain() = 0;

  /// Announces every address that this node holds now; an error when it holds none.
  virtual Result<> announce() = 0;

  /// Prometheus text format 0.0.4.
  [[nodiscard]] virtual std::string metrics() const = 0;

  /// Whether the election thread turned within the last seconds; says what is wrong if not.
  [[nodiscard]] virtual std::optional<std::string> stuck_because() const = 0;

  /// Counts an answered request for the metrics. `path` is the pattern of the route, not what the
  /// client sent.
  virtual void count_request(std::string_view method, std::string_view path, unsigned code) = 0;
};

/// The two ends of a TCP connection, seen from this host's accepted socket.
struct TcpConnection {
  IpAddress local_address;
  std::uint16_t local_port = 0;
  IpAddress remote_address;
  std::uint16_t remote_port = 0;
};

/// Finds who is at the other end of a connection from this same host.
class CallerIdentity {
public:
  CallerIdentity() = default;
  CallerIdentity(const CallerIdentity&) = delete;
  CallerIdentity& operator=(const CallerIdentity&) = delete;
  virtual ~CallerIdentity() = default;

  /// The uid that owns the client's socket (sock_diag(7)); empty when it is not on this host.
  virtual std::optional<std::uint32_t> uid_of(const TcpConnection& connection) = 0;
};

}  // namespace havip::ports
