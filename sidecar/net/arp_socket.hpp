#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"
#include "sidecar/ports/kernel.hpp"

#include <memory>

namespace havip::net {

/// One packet socket for the ARP frames of all links; it receives nothing. Needs CAP_NET_RAW.
Result<std::unique_ptr<ports::ArpSocket>> open_arp_socket();

}  // namespace havip::net
