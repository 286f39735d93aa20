#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What a hook is still to be told of, as a value: in which order, what is left out, and when a run
// that failed is tried again.
//
// Transitions of one virtual router are told in the order in which they happened. One that failed
// waits for its next try beside the others and does not hold up those of other virtual routers; a
// newer one of the same virtual router takes its place. When more than `most_waiting` wait, of each
// virtual router only the latest stays.
#include "sidecar/base/time.hpp"
#include "sidecar/vrrp/types.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace havip::app {

/// A change of a virtual router's state.
struct Transition {
  std::string router;
  vrrp::State state = vrrp::State::init;
  std::string reason{};
  Instant at{};

  friend bool operator==(const Transition&, const Transition&) = default;
};

/// One thing to tell.
struct Notice {
  Transition transition;
  /// What the hook was told of this virtual router before; init when nothing was.
  vrrp::State previous = vrrp::State::init;
  unsigned failures = 0;
  Instant due{};  ///< not before

  friend bool operator==(const Notice&, const Notice&) = default;
};

/// Before a run that failed is tried again: the first time, and each time twice as long.
struct RetryPauses {
  Duration first = std::chrono::seconds{1};
  Duration longest = std::chrono::seconds{30};
};

class HookQueue {
public:
  static constexpr std::size_t most_waiting = 16;

  explicit HookQueue(RetryPauses pauses) : pauses_{pauses} {}

  void add(Transition transition);

  /// Takes out what is to be told now.
  std::optional<Notice> next(Instant now);

  /// The run for `notice`, which next() gave, failed. The pause before the next try; none when
  /// there will be no other because a newer transition of that virtual router waits.
  std::optional<Duration> failed(Notice notice, Instant now);

  /// When next() has something; empty when nothing waits.
  [[nodiscard]] std::optional<Instant> deadline() const;

  [[nodiscard]] std::vector<Transition> waiting() const;

private:
  void leave_out();

  RetryPauses pauses_;
  std::deque<Notice> notices_;
  std::map<std::string, vrrp::State> told_;
};

}  // namespace havip::app
