#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

namespace havip::app {

/// Gives the calling thread real-time priority (SCHED_FIFO, low) and keeps what the process uses
/// in memory. Needs CAP_SYS_NICE or LimitRTPRIO, and CAP_IPC_LOCK or LimitMEMLOCK. Answers what
/// could not be had and what that means, a sentence each; the thread works on without.
std::vector<std::string> become_realtime();

}  // namespace havip::app
