// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/conditions.hpp"

namespace havip::engine {

bool Conditions::note(const std::string& key, const std::string& text, Instant now) {
  const auto known = conditions_.find(key);
  if (known == conditions_.end()) {
    std::erase_if(conditions_, [&](const auto& entry) { return now - entry.second.at > lasting_; });
    if (conditions_.size() >= most) {
      return false;
    }
    conditions_.emplace(key, Condition{.text = text, .at = now});
    return true;
  }
  const bool had_gone = now - known->second.at > lasting_;
  known->second = {.text = text, .at = now};
  return had_gone;
}

std::vector<std::string> Conditions::list(Instant now) const {
  std::vector<std::string> texts;
  for (const auto& [key, condition] : conditions_) {
    if (now - condition.at <= lasting_) {
      texts.push_back(condition.text);
    }
  }
  return texts;
}

}  // namespace havip::engine
