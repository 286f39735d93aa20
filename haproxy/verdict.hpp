#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/facts.hpp"
#include "haproxy/info.hpp"
#include "haproxy/progress.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace havip::haproxy {

/// Decides what to believe of HAProxy from what was read and from what went wrong.
///
/// * Refused, or no socket: `down`, at once. Neither happens in a reload, whose socket stays open
///   all the time.
/// * Silence: `hung`. A stopped process still lets the kernel accept connections, so a *new*
///   connection without a first answer is `hung` too, unless the process is seen to work: then all
///   of HAProxy's slots for such clients are taken ("stats maxconn") and the state is `unknown`.
///   Where neither can be seen it is `hung`, because to miss a stopped process would be worse; the
///   detail names both.
/// * A lost connection or a process that is stopping is no verdict by itself: that is how a reload
///   looks from here. The last one stays until another process answers, at most `timeout` long.
///   One that is stopping and yet answers on a new connection was not replaced, but told to stop
///   softly with time left ("grace"): `down` after a part of that time.
/// * A process that has just started calls its servers UP before it has checked them. Until they
///   are checked, at most `hold` long, the last verdict stays.
/// * Anything that is not how HAProxy speaks, or that keeps us from asking: `unknown`.
///
/// Facts are returned when there is something to tell: the first time, and whenever anything but
/// the uptime differs from what was told before.
class Verdict {
public:
  struct Settings {
    std::string socket;  ///< for the sentences
    Duration timeout{};
    Duration hold = std::chrono::seconds{5};
  };

  explicit Verdict(Settings settings) : settings_{std::move(settings)} {}

  /// A complete reading of a process that is not stopping. `unchecked`: how many servers have not
  /// had their first health check.
  std::optional<Facts> reading(const Info& info,
                               std::vector<Backend> backends,
                               int unchecked,
                               Instant now);

  /// Why there is no reading: what connect(2) said, std::errc::timed_out, or a Fault. `progress`:
  /// what the process has been seen to do while a new connection was without an answer; unseen on
  /// one that had answers before.
  std::optional<Facts> failure(const Error& error,
                               Instant now,
                               Progress progress = Progress::unseen);

  /// How changes become known, which is told with all that follows.
  std::optional<Facts> source(Source source, std::string reason);

  /// What was told last, but with the uptime of the last reading.
  [[nodiscard]] const Facts& latest() const { return latest_; }

private:
  std::optional<Facts> tell(Facts facts);
  std::optional<Facts> wait_for_checks(const Info& info);
  std::optional<Facts> hung(std::string detail);
  std::optional<Facts> no_slot();
  std::optional<Facts> out_of_contact(const Error& error, Instant now, Progress progress);
  [[nodiscard]] Duration limit_of(const Error& error);

  Settings settings_;
  Facts latest_;
  bool told_ = false;
  ProcessId judged_;                   ///< whose readings are believed
  std::optional<Instant> hold_until_;  ///< while waiting for first health checks
  std::optional<Instant> lost_since_;  ///< while nobody answers who is going to stay
  std::string leaving_;                ///< who was found stopping since then
};

}  // namespace havip::haproxy
