#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace havip::metrics {

/// How often which answer was given by the admin endpoint. Methods and paths are those of its
/// routes, so that clients cannot make the series grow. Service thread.
class HttpCounters {
public:
  struct Series {
    std::string path;
    std::string method;
    unsigned code = 0;

    friend auto operator<=>(const Series&, const Series&) = default;
  };

  /// Makes the series exist with 0 before it is first counted: rate() needs a start.
  void declare(std::string_view method, std::string_view path, unsigned code);

  void count(std::string_view method, std::string_view path, unsigned code);

  /// Ordered by path, method and code.
  [[nodiscard]] const std::map<Series, std::uint64_t>& all() const { return counts_; }

private:
  std::map<Series, std::uint64_t> counts_;
};

}  // namespace havip::metrics
