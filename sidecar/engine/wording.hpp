#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"
#include "sidecar/ports/kernel.hpp"
#include "sidecar/vrrp/transitions.hpp"
#include "sidecar/vrrp/types.hpp"

#include <string>

namespace havip::engine {

/// "361 ms".
std::string milliseconds(Duration duration);

/// One word for what led to a transition: the label `reason` of a metric.
std::string cause_of(vrrp::Stimulus stimulus);

/// Why an advertisement was discarded, for the log.
/// `version` is that of the router which discards.
std::string explain(vrrp::Rejection why, const ports::Datagram& datagram, vrrp::Version version);

}  // namespace havip::engine
