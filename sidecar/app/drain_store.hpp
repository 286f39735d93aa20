#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"
#include "sidecar/ports/status.hpp"

#include <optional>
#include <string>

namespace havip::app {

/// Remembers a drain over restarts and reboots, in one small JSON file of the state directory.
/// Service thread: every call may wait for the disk.
class DrainStore {
public:
  explicit DrainStore(std::string directory);

  /// The remembered drain. A file that cannot be read or understood counts as a drain whose reason
  /// says so: an operator who drained the node must not be surprised by it taking addresses, and a
  /// drained node still takes them when nobody else can.
  [[nodiscard]] std::optional<ports::DrainRecord> load() const;

  /// Written whole or not at all, and on the disk when this returns. The directory is made.
  [[nodiscard]] Result<> save(const ports::DrainRecord& record) const;

  /// Forgetting what is not remembered succeeds.
  [[nodiscard]] Result<> forget() const;

private:
  std::string directory_;
  std::string file_;
};

}  // namespace havip::app
