// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/hook_queue.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace havip::app {

void HookQueue::add(Transition transition) {
  std::erase_if(notices_, [&](const Notice& other) {
    return other.failures > 0 && other.transition.router == transition.router;
  });
  notices_.push_back({.transition = std::move(transition)});
  if (notices_.size() > most_waiting) {
    leave_out();
  }
}

std::optional<Notice> HookQueue::next(Instant now) {
  const auto found =
      std::ranges::find_if(notices_, [&](const Notice& notice) { return notice.due <= now; });
  if (found == notices_.end()) {
    return std::nullopt;
  }
  auto notice = std::move(*found);
  notices_.erase(found);
  if (notice.failures == 0) {
    auto& told = told_.try_emplace(notice.transition.router, vrrp::State::init).first->second;
    notice.previous = std::exchange(told, notice.transition.state);
  }
  return notice;
}

std::optional<Duration> HookQueue::failed(Notice notice, Instant now) {
  const bool is_outdated = std::ranges::any_of(notices_, [&](const Notice& other) {
    return other.transition.router == notice.transition.router;
  });
  if (is_outdated) {
    return std::nullopt;
  }
  auto pause = pauses_.first;
  for (unsigned before = 0; before < notice.failures && pause < pauses_.longest; ++before) {
    pause *= 2;
  }
  pause = std::min(pause, pauses_.longest);
  ++notice.failures;
  notice.due = now + pause;
  notices_.push_front(std::move(notice));
  return pause;
}

std::optional<Instant> HookQueue::deadline() const {
  const auto first = std::ranges::min_element(notices_, {}, &Notice::due);
  return first == notices_.end() ? std::nullopt : std::optional{first->due};
}

std::vector<Transition> HookQueue::waiting() const {
  std::vector<Transition> result;
  std::ranges::transform(notices_, std::back_inserter(result), &Notice::transition);
  return result;
}

/// From the back, the first of each virtual router is its latest.
void HookQueue::leave_out() {
  std::set<std::string> seen;
  std::deque<Notice> latest;
  while (!notices_.empty()) {
    if (seen.insert(notices_.back().transition.router).second) {
      latest.push_front(std::move(notices_.back()));
    }
    notices_.pop_back();
  }
  notices_ = std::move(latest);
}

}  // namespace havip::app
