#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/push.hpp"
#include "sidecar/async/task.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace havip::haproxy {

/// Reads one of HAProxy's rings ("show events RING -w") over a connection of its own, for as long
/// as the process it belongs to is the one that answers us. What comes is counted as an event and
/// thrown away.
///
/// The connection must go as soon as that process is on its way out: an open one keeps it alive.
/// It must be read without pause: a reader that stalls makes HAProxy drop events for everybody.
/// It is not shut down for writing, which would end it. A refusal (no such ring, no permission, no
/// slot) is tried again after `retry`, or with the next process.
class RingWatch {
public:
  struct Settings {
    std::string socket;
    std::string ring;
    Duration timeout{};  ///< for the first answer
    Duration retry = std::chrono::seconds{10};
  };

  /// `on_event` is called whenever something came, on the executor's thread. `push` learns of
  /// events and of what becomes of the connection.
  RingWatch(const boost::asio::any_io_executor& executor,
            Settings settings,
            Push& push,
            std::function<void()> on_event);

  /// Until it is cancelled; to be spawned in a TaskGroup. Throws nothing.
  async::Task<> run();

  /// To this process and no other; nothing happens when that is so already.
  void attach(int pid);

  /// Once more to the same process.
  void attach_anew();

  /// At once.
  void let_go();

private:
  /// What the opening line is answered by, up to where the events begin.
  struct Opening {
    std::string text;
    Instant since;
    bool complete = false;
  };

  async::Task<> converse();
  /// Reads what there is; false when the connection is of no more use.
  bool take(Opening& opening);
  void open(Opening& opening);
  void lose(const Opening& opening);
  void lose(const std::string& why, Duration pause);
  [[nodiscard]] std::string refusal(std::string_view text) const;

  Settings settings_;
  Push& push_;
  std::function<void()> on_event_;
  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::steady_timer wait_;  ///< for somebody to attach to
  int pid_ = 0;                     ///< 0: nobody
  Instant next_try_;
};

}  // namespace havip::haproxy
