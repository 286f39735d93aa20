#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <memory>

namespace havip::net {

/// One packet socket for the ARP messages and neighbour advertisements of all links; it receives
/// nothing. The frames go out as they are, so that an address may be announced that the kernel does
/// not have, or does not have yet. Needs CAP_NET_RAW.
Result<std::unique_ptr<ports::NeighbourSocket>> open_neighbour_socket();

}  // namespace havip::net
