#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"

#include <map>
#include <string>
#include <vector>

namespace havip::engine {

/// Things that are not as they should be and that come to be known by what is heard: each lasts as
/// long as it is noted again and again.
class Conditions {
public:
  explicit Conditions(Duration lasting) : lasting_{lasting} {}

  /// `key` is a condition's name, `text` what the operator is told. True when it is news: it was
  /// not there, or had gone.
  bool note(const std::string& key, const std::string& text, Instant now);

  /// It is over.
  void clear(const std::string& key) { conditions_.erase(key); }

  /// The texts of those that were noted within the lasting time.
  [[nodiscard]] std::vector<std::string> list(Instant now) const;

private:
  /// Forged senders must not fill the memory.
  static constexpr std::size_t most = 32;

  struct Condition {
    std::string text;
    Instant at;
  };

  Duration lasting_;
  std::map<std::string, Condition> conditions_;
};

}  // namespace havip::engine
