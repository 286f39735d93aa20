// SPDX-License-Identifier: Apache-2.0
#include "metrics/http_counters.hpp"

namespace havip::metrics {

void HttpCounters::declare(std::string_view method, std::string_view path, unsigned code) {
  counts_.try_emplace(
      Series{.path = std::string{path}, .method = std::string{method}, .code = code}, 0);
}

void HttpCounters::count(std::string_view method, std::string_view path, unsigned code) {
  ++counts_[Series{.path = std::string{path}, .method = std::string{method}, .code = code}];
}

}  // namespace havip::metrics
