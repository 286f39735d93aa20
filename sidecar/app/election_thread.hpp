#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The thread that holds the election. Its loop waits for packets, kernel events, commands and the
// engine's next deadline, and for nothing else: no disk, no client, no HAProxy, no lock.
#include "sidecar/app/mailbox.hpp"
#include "sidecar/app/transports.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/engine/engine.hpp"
#include "sidecar/engine/events.hpp"
#include "sidecar/engine/interpreter.hpp"
#include "sidecar/engine/settings.hpp"
#include "sidecar/ports/kernel.hpp"
#include "sidecar/ports/status.hpp"

#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace havip::app {

/// The election thread has ended; nothing follows.
struct Ended {};

/// What the election thread tells the service thread.
using News = std::variant<std::shared_ptr<const ports::ElectionStatus>, engine::Tell, Ended>;

class ElectionThread {
public:
  ElectionThread(const engine::Settings& settings, bool realtime);
  ElectionThread(const ElectionThread&) = delete;
  ElectionThread& operator=(const ElectionThread&) = delete;

  /// Ends the thread when it still runs.
  ~ElectionThread();

  /// Opens the kernel's interfaces; the error says what is not permitted.
  Result<> open();

  /// What there is to tell before the thread has started, which tells the rest.
  [[nodiscard]] ports::ElectionStatus first_status() const;

  /// Starts the thread; open() succeeded before.
  void start();

  /// Hands the engine an event. False when thousands of them wait already: the thread is stuck.
  /// StopRequested makes it give everything back, and end.
  bool post(engine::Event event);

  /// Where the news come from; to be received by the thread that constructed this.
  Mailbox<News>& news() { return news_; }

private:
  void run();
  void wait_for_something();
  void wake(Instant now);
  void read_kernel(Instant now);
  void publish(Instant now);

  engine::Engine engine_;
  Transports transports_;
  std::unique_ptr<ports::KernelWatch> watch_;
  std::unique_ptr<ports::AddressTable> addresses_;
  std::unique_ptr<ports::NeighbourSocket> neighbours_;
  std::unique_ptr<engine::Interpreter> interpreter_;
  Mailbox<engine::Event> commands_{4096};
  Mailbox<News> news_{65536};
  bool realtime_;
  bool stopping_ = false;
  bool watch_failed_ = false;
  bool urgent_ = false;  ///< something happened that must be seen at once
  Instant published_;
  std::jthread thread_;
};

}  // namespace havip::app
