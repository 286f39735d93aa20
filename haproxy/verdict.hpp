#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/facts.hpp"
#include "haproxy/info.hpp"
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
///   connection without a first answer is `hung` too. It may also mean that all of HAProxy's
///   slots for such clients are taken ("stats maxconn"); from outside the two look alike, and to
///   miss a stopped process would be worse. The detail names both.
/// * A lost connection or a process that is stopping is no verdict by itself: that is how a reload
///   looks from here. The last one stays until another process answers, at most `timeout` long.
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

  /// Why there is no reading: what connect(2) said, std::errc::timed_out, or a Fault.
  std::optional<Facts> failure(const Error& error, Instant now);

  /// What was told last, but with the uptime of the last reading.
  [[nodiscard]] const Facts& latest() const { return latest_; }

private:
  std::optional<Facts> tell(Facts facts);
  std::optional<Facts> wait_for_checks(const Info& info);
  std::optional<Facts> hung(std::string detail);
  std::optional<Facts> out_of_contact(const Error& error, Instant now);

  Settings settings_;
  Facts latest_;
  bool told_ = false;
  ProcessId judged_;                   ///< whose readings are believed
  std::optional<Instant> hold_until_;  ///< while waiting for first health checks
  std::optional<Instant> lost_since_;  ///< while nobody answers who is going to stay
};

/// A duration as an operator writes it: "1s", "250ms".
std::string text_of(Duration duration);

}  // namespace havip::haproxy
