// SPDX-License-Identifier: Apache-2.0
#include "haproxy/info.hpp"

#include "haproxy/error.hpp"
#include "haproxy/number.hpp"

#include <algorithm>

namespace havip::haproxy {

namespace {

/// Puts one value where it belongs; false when it is not what it must be. Unknown keys are fine.
bool take(Info& info, std::string_view key, std::string_view value) {
  const auto number = [value](auto& target) {
    const auto parsed = to_number<std::remove_reference_t<decltype(target)>>(value);
    target = parsed.value_or(0);
    return parsed.has_value();
  };
  if (key == "Pid") {
    return number(info.process.pid) && info.process.pid > 0;
  }
  if (key == "Start_time_sec") {
    return number(info.process.start_time);
  }
  if (key == "Version") {
    info.version = value;
    return is_plain(value);
  }
  if (key == "Uptime_sec") {
    std::int32_t seconds = 0;
    const bool fits = number(seconds);
    info.uptime = std::chrono::seconds{seconds};
    return fits;
  }
  if (key == "Stopping") {
    info.stopping = value == "1";
    return value == "0" || value == "1";
  }
  return true;
}

}  // namespace

Result<Info> read_info(std::string_view text) {
  if (!text.starts_with("Name: ")) {
    return fault(Fault::refused, "`show info` was answered by \"" + printable(text) + '"');
  }
  Info info;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) {
      continue;  // "description:" has no value where none is configured
    }
    if (!take(info, line.substr(0, colon), line.substr(colon + 2))) {
      return fault(Fault::malformed, "`show info` has a strange line: " + printable(line));
    }
  }
  if (info.process.pid == 0 || info.version.empty()) {
    return fault(Fault::malformed, "`show info` does not tell Pid and Version");
  }
  return info;
}

}  // namespace havip::haproxy
