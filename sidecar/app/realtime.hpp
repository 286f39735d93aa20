#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/result.hpp"

namespace havip::app {

/// Gives the calling thread real-time priority (SCHED_FIFO, low) and keeps what the process uses
/// in memory. Needs CAP_SYS_NICE or LimitRTPRIO, and CAP_IPC_LOCK or LimitMEMLOCK. The error says
/// which is missing and what that means; the thread works on without.
Result<> become_realtime();

}  // namespace havip::app
