// SPDX-License-Identifier: Apache-2.0
#include "haproxy/ring_watch.hpp"

#include "haproxy/client_socket.hpp"
#include "haproxy/error.hpp"
#include "haproxy/info.hpp"
#include "sidecar/async/is_cancelled.hpp"
#include "sidecar/async/wait.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace havip::haproxy {

namespace {

using namespace std::chrono_literals;
using async::monotonic_now;
using async::Wake;

/// How much is read before other coroutines get their turn.
constexpr int reads_in_a_row = 16;

/// The answer to `show info` has some 1.5 kB.
constexpr std::size_t longest_opening = std::size_t{64} << 10U;

/// After the end of a watch that had been granted, or one that went to another process.
constexpr Duration short_pause = 1s;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

RingWatch::RingWatch(const boost::asio::any_io_executor& executor,
                     Settings settings,
                     Push& push,
                     std::function<void()> on_event)
    : settings_{std::move(settings)},
      push_{push},
      on_event_{std::move(on_event)},
      socket_{executor},
      wait_{executor} {}

void RingWatch::attach(int pid) {
  if (pid_ == pid) {
    return;
  }
  let_go();
  pid_ = pid;
  next_try_ = monotonic_now();
  wait_.cancel();
}

void RingWatch::attach_anew() {
  const auto pid = pid_;
  let_go();
  attach(pid);
}

void RingWatch::let_go() {
  pid_ = 0;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

async::Task<> RingWatch::run() {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  while (true) {
    const bool cancelled = co_await async::is_cancelled();
    if (cancelled) {
      let_go();
      co_return;
    }
    const bool due = pid_ != 0 && monotonic_now() >= next_try_;
    if (due) {
      co_await converse();
    } else {
      wait_.expires_at(async::steady(pid_ != 0 ? next_try_ : Instant::max()));
      co_await wait_.async_wait(async::as_result);
    }
  }
}

async::Task<> RingWatch::converse() {
  if (const auto connected = connect(socket_, settings_.socket); !connected) {
    const bool full = connected.error().code == std::errc::resource_unavailable_try_again;
    lose(full ? "no slot left for the ring (stats maxconn)" : connected.error().message,
         settings_.retry);
    co_return;
  }
  // One line: before HAProxy 2.9 a watch ends after "stats timeout" of silence, and what follows on
  // a second line would end it at once. `show info` tells whom we are connected to: in the middle
  // of a reload it may be the old process, which our watch would keep alive.
  const auto opened =
      send(socket_, "set timeout cli 1d;show info;show events " + settings_.ring + " -w\n");
  if (!opened) {
    lose(opened.error().message, short_pause);
    co_return;
  }
  Opening opening{.text = {}, .since = monotonic_now()};
  while (true) {
    const auto patience = opening.complete ? Instant::max() : opening.since + settings_.timeout;
    const auto wake = co_await async::wait_readable(socket_, patience);
    if (wake == Wake::cancelled || !socket_.is_open()) {
      co_return;  // or let go
    }
    if (!take(opening)) {
      co_return;
    }
    if (!opening.complete && monotonic_now() >= patience) {
      lose("no answer for the ring: no slot left (stats maxconn), or HAProxy hangs",
           settings_.retry);
      co_return;
    }
  }
}

/// HAProxy closed the connection: at once, which is a refusal, or later.
void RingWatch::lose(const Opening& opening) {
  if (opening.complete && monotonic_now() - opening.since >= Push::settling) {
    lose("HAProxy ended the watch of ring \"" + settings_.ring + '"', short_pause);
  } else {
    lose(refusal(opening.text), settings_.retry);
  }
}

bool RingWatch::take(Opening& opening) {
  bool something = false;
  for (int i = 0; i < reads_in_a_row; ++i) {
    const auto bytes = receive(socket_);
    if (!bytes) {
      lose(opening);
      return false;
    }
    if (!*bytes) {
      break;
    }
    something = true;
    if (opening.text.size() < longest_opening) {
      opening.text += **bytes;
    }
  }
  if (!opening.complete) {
    open(opening);
  } else if (something) {
    push_.event(Push::Way::ring, monotonic_now());
    on_event_();
  }
  return socket_.is_open();
}

/// "\n" for the timeout, the lines of `show info`, an empty line; then the events.
void RingWatch::open(Opening& opening) {
  const auto begin = opening.text.find("Name: ");
  const auto end = opening.text.find("\n\n", std::min(begin, opening.text.size()));
  if (begin == std::string::npos || end == std::string::npos) {
    if (opening.text.size() >= longest_opening) {
      lose(refusal(opening.text), settings_.retry);
    }
    return;
  }
  const auto info = read_info(std::string_view{opening.text}.substr(begin, end + 1 - begin));
  if (!info || info->process.pid != pid_ || info->stopping) {
    lose("ring \"" + settings_.ring + "\" is that of another process", short_pause);
    return;
  }
  opening.text.erase(0, end + 2);
  opening.since = monotonic_now();
  opening.complete = true;
  push_.ring_attached(opening.since);
}

void RingWatch::lose(const std::string& why, Duration pause) {
  boost::system::error_code ignored;
  socket_.close(ignored);
  next_try_ = monotonic_now() + pause;
  push_.ring_lost(why);
}

std::string RingWatch::refusal(std::string_view text) const {
  if (contains(text, "No such event sink")) {
    return "no ring \"" + settings_.ring + "\" in HAProxy's configuration";
  }
  if (contains(text, "Permission denied")) {
    return "permission denied on ring \"" + settings_.ring +
           "\": the stats socket needs `level operator`";
  }
  if (contains(text, "too many watchers")) {
    return "ring \"" + settings_.ring + "\" has too many watchers";
  }
  if (contains(text, "Nothing to report")) {
    return "\"" + settings_.ring + "\" is no ring that can be watched";
  }
  const auto begin = text.find_first_not_of('\n');
  return "ring \"" + settings_.ring + "\" was answered by \"" +
         printable(begin == std::string_view::npos ? std::string_view{} : text.substr(begin)) + '"';
}

}  // namespace havip::haproxy
