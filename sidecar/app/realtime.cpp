// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/realtime.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include <cerrno>

namespace havip::app {

Result<> become_realtime() {
  // Threads and children started from here are of normal priority again.
  const sched_param parameters{.sched_priority = 2};
  const int scheduled =
      ::pthread_setschedparam(::pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
  if (scheduled != 0) {
    return errno_error(scheduled,
                       "no real-time priority for the election (CAP_SYS_NICE or LimitRTPRIO "
                       "is needed); under load adverts may be late");
  }
  // MCL_ONFAULT locks what is used, without pulling whole libraries into memory.
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    return errno_error(errno,
                       "memory is not locked (CAP_IPC_LOCK or LimitMEMLOCK is needed); "
                       "when memory is short adverts may be late");
  }
  return {};
}

}  // namespace havip::app
