#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"
#include "sidecar/ports/admin.hpp"

#include <memory>

namespace havip::netlink {

/// Asks the kernel for the client's socket by its exact ends (sock_diag(7)); needs no privilege.
///
/// Only a connected socket that a process still holds answers. A listener, a connection that waits
/// out TIME_WAIT and one whose owner has closed it are empty: the kernel calls the owner of the
/// latter two root. Sockets of other network namespaces, containers among them, are empty as well.
Result<std::unique_ptr<ports::CallerIdentity>> open_caller_identity();

}  // namespace havip::netlink
