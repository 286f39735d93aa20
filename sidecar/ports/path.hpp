#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/ports/kernel.hpp"

namespace havip::ports {

/// How this host would send to an address: over which link, from which address, and whether it
/// asks the link for the address itself (true) or sends to a router (false).
struct Path {
  Link link;
  IpAddress source;
  bool on_link = false;

  friend bool operator==(const Path&, const Path&) = default;
};

}  // namespace havip::ports
