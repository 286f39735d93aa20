#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/facts.hpp"
#include "sidecar/base/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace havip::haproxy {

/// Whether HAProxy tells of its changes by itself, and why not.
///
/// There are two ways it can: a ring that we watch over a connection (management guide, "show
/// events"), and log lines it sends to a UDP socket of ours. What they say is never believed (a
/// line can hold text of a client's choice); that something was said leads to a reading. What is
/// to be known here is whether one may rely on being told:
/// * the ring, a moment after it was attached to the process that answers us, for HAProxy does not
///   acknowledge a subscription but may refuse it;
/// * log lines, from the first one that came since that process was seen;
/// * neither, after a reading that nothing but the clock asked for has found servers come or gone
///   and no event came soon. Then the ring is to be attached anew, and counts from its next event.
class Push {
public:
  enum class Way : unsigned char { ring, log };

  struct Settings {
    std::string ring;  ///< its name; empty: not wanted
    std::string log;   ///< the address, for the sentences; empty: not wanted
  };

  /// For so long a ring may be refused after it was attached, and sends what it remembers.
  static constexpr Duration settling = std::chrono::milliseconds{100};
  /// How much later than a reading the event of a change may come.
  static constexpr Duration lateness = std::chrono::milliseconds{250};

  explicit Push(Settings settings) : settings_{std::move(settings)} {}

  /// Another process answers: what was known of the last one's events is worth nothing.
  void begin();

  void ring_attached(Instant now);
  /// Let go by ourselves.
  void ring_gone();
  /// `why` is for the operator: `no ring "havip" in HAProxy's configuration`.
  void ring_lost(std::string why);

  void log_opened() { log_failure_.clear(); }

  void log_failed(std::string why);
  void event(Way way, Instant now);

  /// A reading is complete. `changed`: servers of a backend came or went since the one before;
  /// `asked`: an event asked for it; `window`: how far back an event explains the change.
  void reading(bool changed, bool asked, Duration window, Instant now);

  /// To be called now and then: draws the conclusions that follow from time alone. True when the
  /// ring is to be attached anew.
  bool settle(Instant now);

  [[nodiscard]] Source source() const;
  /// Where events come from, or why there are none; empty when none are wanted.
  [[nodiscard]] std::string reason() const;

private:
  [[nodiscard]] std::string ring_reason() const;
  [[nodiscard]] std::string log_reason() const;

  Settings settings_;
  std::optional<Instant> attached_;
  bool ring_trusted_ = false;
  bool ring_silent_ = false;  ///< trusted again by an event only
  std::string ring_failure_;
  bool log_trusted_ = false;
  bool log_silent_ = false;
  std::string log_failure_;
  std::optional<Instant> last_event_;
  std::optional<Instant> unexplained_;  ///< when a change was found that nobody told of
};

}  // namespace havip::haproxy
