// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/realtime.hpp"

#include "sidecar/base/result.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include <cerrno>

namespace havip::app {

std::vector<std::string> become_realtime() {
  std::vector<std::string> missing;
  // Threads and children started from here are of normal priority again.
  const sched_param parameters{.sched_priority = 2};
  const int refused =
      ::pthread_setschedparam(::pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
  if (refused != 0) {
    missing.push_back(errno_error(refused,
                                  "no real-time priority for the election (LimitRTPRIO or "
                                  "CAP_SYS_NICE is needed); under load adverts may be late")
                          .message);
  }
  // MCL_ONFAULT locks what is used, without pulling whole libraries into memory.
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    missing.push_back(errno_error(errno,
                                  "memory is not locked (LimitMEMLOCK or CAP_IPC_LOCK is "
                                  "needed); when memory is short adverts may be late")
                          .message);
  }
  return missing;
}

}  // namespace havip::app
