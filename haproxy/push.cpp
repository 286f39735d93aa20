// SPDX-License-Identifier: Apache-2.0
#include "haproxy/push.hpp"

namespace havip::haproxy {

void Push::begin() {
  ring_gone();
  log_trusted_ = false;
  log_silent_ = false;
  last_event_.reset();
  unexplained_.reset();
}

void Push::ring_gone() {
  attached_.reset();
  ring_trusted_ = false;
  ring_silent_ = false;
  ring_failure_.clear();
}

void Push::ring_attached(Instant now) {
  attached_ = now;
  ring_failure_.clear();
}

void Push::ring_lost(std::string why) {
  attached_.reset();
  ring_trusted_ = false;
  ring_failure_ = std::move(why);
}

void Push::log_failed(std::string why) {
  log_trusted_ = false;
  log_failure_ = std::move(why);
}

void Push::event(Way way, Instant now) {
  if (way == Way::log) {
    log_trusted_ = true;
    log_silent_ = false;
  } else if (!attached_ || now - *attached_ < settling) {
    return;  // what the ring remembers says nothing about what it is going to tell
  } else {
    ring_trusted_ = true;
    ring_silent_ = false;
  }
  last_event_ = now;
  unexplained_.reset();
}

void Push::reading(bool changed, bool asked, Duration window, Instant now) {
  const bool told = asked || (last_event_ && now - *last_event_ < window);
  if (changed && !told && source() == Source::events && !unexplained_) {
    unexplained_ = now;
  }
}

bool Push::settle(Instant now) {
  if (attached_ && !ring_silent_ && now - *attached_ >= settling) {
    ring_trusted_ = true;
  }
  if (!unexplained_ || now - *unexplained_ < lateness) {
    return false;
  }
  unexplained_.reset();
  log_silent_ = log_silent_ || log_trusted_;
  log_trusted_ = false;
  if (!std::exchange(ring_trusted_, false)) {
    return false;
  }
  ring_silent_ = true;
  attached_.reset();
  return true;
}

Source Push::source() const {
  return ring_trusted_ || log_trusted_ ? Source::events : Source::poll;
}

std::string Push::reason() const {
  if (ring_trusted_) {
    return "ring \"" + settings_.ring + '"';
  }
  if (log_trusted_) {
    return "log lines to " + settings_.log;
  }
  if (settings_.ring.empty() || settings_.log.empty()) {
    return settings_.ring.empty() ? log_reason() : ring_reason();
  }
  return ring_reason() + "; " + log_reason();
}

std::string Push::ring_reason() const {
  if (!ring_failure_.empty()) {
    return ring_failure_;
  }
  return "ring \"" + settings_.ring +
         (ring_silent_ ? "\" was silent while servers came or went" : "\" is not attached yet");
}

std::string Push::log_reason() const {
  if (settings_.log.empty() || !log_failure_.empty()) {
    return log_failure_;
  }
  return (log_silent_ ? "no log line came to " + settings_.log + " while servers came or went"
                      : "no log line has come to " + settings_.log + " yet");
}

}  // namespace havip::haproxy
