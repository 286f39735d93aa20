// SPDX-License-Identifier: Apache-2.0
#include "haproxy/verdict.hpp"

#include "haproxy/error.hpp"
#include "sidecar/base/duration_text.hpp"

#include <algorithm>
#include <utility>

namespace havip::haproxy {

namespace {

/// A soft stop is told within this, so that the addresses leave before "grace" is over.
constexpr Duration longest_soft_stop = std::chrono::seconds{1};

bool same_meaning(const Facts& one, Facts other) {
  other.uptime = one.uptime;
  return one == other;
}

Facts facts_of(ProcessState state, std::string detail) {
  Facts facts;
  facts.state = state;
  facts.detail = std::move(detail);
  return facts;
}

}  // namespace

std::optional<Facts> Verdict::reading(const Info& info,
                                      std::vector<Backend> backends,
                                      int unchecked,
                                      Instant now) {
  lost_since_.reset();
  leaving_.clear();
  if (info.process != judged_ && unchecked > 0) {
    // One limit for all processes that come and go meanwhile, lest a storm of reloads keep an old
    // verdict alive.
    hold_until_ = hold_until_.value_or(now + settings_.hold);
    if (now < *hold_until_) {
      return wait_for_checks(info);
    }
  }
  hold_until_.reset();
  judged_ = info.process;
  Facts facts;
  facts.state = ProcessState::up;
  facts.pid = info.process.pid;
  facts.version = info.version;
  facts.uptime = info.uptime;
  facts.backends = std::move(backends);
  return tell(std::move(facts));
}

std::optional<Facts> Verdict::failure(const Error& error, Instant now, Progress progress) {
  if (error.code == Fault::closed || error.code == Fault::stopping ||
      error.code == std::errc::resource_unavailable_try_again) {
    return out_of_contact(error, now, progress);
  }
  if (error.code == std::errc::timed_out && progress == Progress::some) {
    return no_slot();
  }
  if (error.code == std::errc::timed_out) {
    return hung("connected to " + settings_.socket + ", but no answer within " +
                text_of(settings_.timeout) +
                ": the process is stopped or stuck, or all its slots (stats maxconn) are taken");
  }
  if (error.code == std::errc::connection_refused) {
    return tell(facts_of(ProcessState::down, "nobody listens on " + settings_.socket));
  }
  if (error.code == std::errc::no_such_file_or_directory) {
    return tell(facts_of(ProcessState::down, "there is no socket " + settings_.socket));
  }
  if (error.code == std::errc::permission_denied) {
    return tell(facts_of(ProcessState::unknown,
                         "permission denied on " + settings_.socket +
                             ": add the user of havip to the group haproxy"));
  }
  return tell(facts_of(ProcessState::unknown, settings_.socket + ": " + error.message));
}

std::optional<Facts> Verdict::source(Source source, std::string reason) {
  const bool news = latest_.source != source || latest_.source_reason != reason;
  latest_.source = source;
  latest_.source_reason = std::move(reason);
  return news && told_ ? std::optional{latest_} : std::nullopt;
}

std::optional<Facts> Verdict::out_of_contact(const Error& error, Instant now, Progress progress) {
  lost_since_ = lost_since_.value_or(now);
  if (now - *lost_since_ < limit_of(error)) {
    return std::nullopt;
  }
  if (error.code == Fault::stopping) {
    return tell(facts_of(ProcessState::down, error.message + ", and no other has taken over"));
  }
  if (error.code == Fault::closed) {
    return hung(settings_.socket + " closes each connection without an answer");
  }
  if (progress == Progress::some) {
    return no_slot();
  }
  return hung("nobody takes connections from the queue of " + settings_.socket +
              ": the process is stopped or stuck, or all its slots (stats maxconn) are taken");
}

/// A connection is closed when its process is found stopping, so that the same again was said on a
/// new one. In a reload the next process is there before the old one is told to stop.
Duration Verdict::limit_of(const Error& error) {
  const auto limit = settings_.timeout;
  if (error.code != Fault::stopping) {
    return limit;
  }
  const bool again = std::exchange(leaving_, error.message) == error.message;
  const auto soft = std::min(limit, longest_soft_stop);
  return again ? soft / 2 : soft;
}

std::optional<Facts> Verdict::no_slot() {
  return tell(facts_of(ProcessState::unknown,
                       "all slots of " + settings_.socket +
                           " are taken while HAProxy works: raise `stats maxconn`"));
}

std::optional<Facts> Verdict::wait_for_checks(const Info& info) {
  if (latest_.state == ProcessState::up) {
    return std::nullopt;
  }
  return tell(facts_of(latest_.state,
                       "process " + std::to_string(info.process.pid) +
                           " has started; its first health checks are under way"));
}

std::optional<Facts> Verdict::hung(std::string detail) {
  if (told_ && latest_.state == ProcessState::hung) {
    return std::nullopt;  // by which of its ways silence shows this time is no news
  }
  auto facts = facts_of(ProcessState::hung, std::move(detail));
  facts.pid = latest_.pid;
  facts.version = latest_.version;
  return tell(std::move(facts));
}

std::optional<Facts> Verdict::tell(Facts facts) {
  facts.source = latest_.source;
  facts.source_reason = latest_.source_reason;
  const bool news = !told_ || !same_meaning(facts, latest_);
  told_ = true;
  latest_ = std::move(facts);
  return news ? std::optional{latest_} : std::nullopt;
}

}  // namespace havip::haproxy
