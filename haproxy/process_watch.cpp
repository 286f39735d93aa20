// SPDX-License-Identifier: Apache-2.0
#include "haproxy/process_watch.hpp"

#include "haproxy/number.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace havip::haproxy {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view name = "haproxy";

/// In /proc/PID/stat, counted from the state, which follows the name (proc(5)).
constexpr std::size_t state_field = 0;
constexpr std::size_t parent_field = 1;
constexpr std::size_t started_field = 19;

std::string read_file(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> numbers_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry{directory, error}; !error && entry != fs::directory_iterator{};
       entry.increment(error)) {
    auto file = entry->path().filename().string();
    if (to_number<int>(file)) {
      names.push_back(std::move(file));
    }
  }
  return names;
}

}  // namespace

std::optional<ProcessWatch::Process> ProcessWatch::look_at(int pid) const {
  const auto text = read_file(proc_ + '/' + std::to_string(pid) + "/stat");
  const auto begin = text.find('(');
  const auto end = text.rfind(')');  // the name may have brackets of its own
  if (begin == std::string::npos || end == std::string::npos ||
      !std::string_view{text}.substr(begin + 1).starts_with(name)) {
    return std::nullopt;
  }
  std::istringstream rest{text.substr(end + 1)};
  std::vector<std::string> fields;
  for (std::string field; fields.size() <= started_field && rest >> field;) {
    fields.push_back(field);
  }
  if (fields.size() <= started_field) {
    return std::nullopt;
  }
  const auto parent = to_number<int>(fields[parent_field]);
  const auto started = to_number<std::uint64_t>(fields[started_field]);
  if (!parent || !started) {
    return std::nullopt;
  }
  const auto& state = fields[state_field];
  return Process{.pid = pid,
                 .parent = *parent,
                 .started = *started,
                 .stopped = state == "T" || state == "t" || state == "Z" || state == "X"};
}

std::optional<ProcessWatch::Process> ProcessWatch::youngest(int listening, int known) const {
  std::vector<Process> family;
  std::vector<int> masters;
  for (const int pid : {listening, known}) {
    const auto process = pid > 0 ? look_at(pid) : std::nullopt;
    if (process) {
      family.push_back(*process);
      masters.push_back(look_at(process->parent) ? process->parent : pid);
    }
  }
  if (family.empty()) {
    return std::nullopt;
  }
  for (const auto& number : numbers_in(proc_)) {
    const auto process = look_at(*to_number<int>(number));
    if (process && std::ranges::find(masters, process->parent) != masters.end()) {
      family.push_back(*process);
    }
  }
  return *std::ranges::max_element(family, [](const Process& a, const Process& b) {
    return std::pair{a.started, a.pid} < std::pair{b.started, b.pid};
  });
}

std::uint64_t ProcessWatch::switches(int pid) const {
  constexpr std::string_view key = "\nvoluntary_ctxt_switches:\t";
  const auto tasks = proc_ + '/' + std::to_string(pid) + "/task/";
  std::uint64_t sum = 0;
  for (const auto& task : numbers_in(tasks)) {
    std::string status{'\n'};
    auto path = tasks + task;
    path += "/status";
    status += read_file(path);
    const auto place = status.find(key);
    if (place != std::string::npos) {
      const auto begin = place + key.size();
      const auto value = std::string_view{status}.substr(begin, status.find('\n', begin) - begin);
      sum += to_number<std::uint64_t>(value).value_or(0);
    }
  }
  return sum;
}

void ProcessWatch::begin(int listening, int known) {
  process_ = youngest(listening, known);
  switches_ = process_ ? switches(process_->pid) : 0;
}

Progress ProcessWatch::progress() const {
  const auto now = process_ ? look_at(process_->pid) : std::nullopt;
  if (!now || now->started != process_->started) {
    return Progress::unseen;
  }
  return !now->stopped && switches(now->pid) > switches_ ? Progress::some : Progress::none;
}

}  // namespace havip::haproxy
