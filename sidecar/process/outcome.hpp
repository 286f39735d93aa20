#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace havip::process {

/// How the run of a program ended.
enum class End : std::uint8_t {
  exited,       ///< by itself; `number` is its exit status
  signalled,    ///< by a signal that was not ours; `number` is the signal
  timed_out,    ///< it was stopped because its time was up
  cancelled,    ///< it was stopped because the coroutine was cancelled
  not_started,  ///< `text` says why
  stuck,        ///< the run before was killed and has not ended yet, so there was no other one
};

struct Outcome {
  End end = End::exited;
  int number = 0;
  Duration limit{};    ///< the time it had
  std::string text{};  ///< the beginning of its output as printable(); or why it was not started

  [[nodiscard]] bool is_success() const { return end == End::exited && number == 0; }

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// For the log and the status: `exit status 2: "disk full"`, `no end within 1s`, `cannot be run:
/// /x/y does not exist`.
std::string describe(const Outcome& outcome);

/// What a program wrote, as one line that can stand anywhere: what separates words becomes a space,
/// none at either end; every byte that is no printable ASCII character becomes '?', and a double
/// quote a single one.
std::string printable(std::string_view output);

}  // namespace havip::process
