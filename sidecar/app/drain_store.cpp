// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/drain_store.hpp"

#include "sidecar/base/descriptor.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

namespace havip::app {
namespace {

constexpr std::size_t largest_file = 65536;

using Milliseconds = std::chrono::milliseconds;

std::int64_t to_number(ports::WallTime time) {
  return std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count();
}

ports::WallTime to_time(std::int64_t number) {
  return ports::WallTime{Milliseconds{number}};
}

Result<std::string> read_file(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number() < 0) {
    return errno_error(errno, "read " + path);
  }
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const auto count = ::read(file.number(), block.data(), block.size());
    if (count < 0) {
      return errno_error(errno, "read " + path);
    }
    if (count == 0) {
      return text;
    }
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > largest_file) {
      return errno_error(EFBIG, "read " + path);
    }
  }
}

Result<> write_whole(const std::string& path, const std::string& text) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (file.number() < 0) {
    return errno_error(errno, "write " + path);
  }
  if (::write(file.number(), text.data(), text.size()) != std::ssize(text) ||
      ::fsync(file.number()) != 0) {
    return errno_error(errno, "write " + path);
  }
  return {};
}

void sync_directory(const std::string& path) {
  const Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.number() >= 0) {
    static_cast<void>(::fsync(directory.number()));
  }
}

}  // namespace

DrainStore::DrainStore(std::string directory)
    : directory_{std::move(directory)}, file_{directory_ + "/drain.json"} {}

std::optional<ports::DrainRecord> DrainStore::load() const {
  const auto text = read_file(file_);
  if (!text && text.error().code == std::errc::no_such_file_or_directory) {
    return std::nullopt;
  }
  ports::DrainRecord record;
  const auto json = text ? nlohmann::json::parse(*text, nullptr, false)
                         : nlohmann::json(nlohmann::json::value_t::discarded);
  if (!json.is_object() || !json.contains("since") || !json["since"].is_number_integer()) {
    record.reason =
        file_ + " is damaged: taken for a drain" + (text ? "" : " (" + text.error().message + ")");
    record.since = std::chrono::system_clock::now();
    return record;
  }
  record.since = to_time(json["since"].get<std::int64_t>());
  if (json.contains("reason") && json["reason"].is_string()) {
    record.reason = json["reason"].get<std::string>();
  }
  if (json.contains("until") && json["until"].is_number_integer()) {
    record.until = to_time(json["until"].get<std::int64_t>());
  }
  return record;
}

Result<> DrainStore::save(const ports::DrainRecord& record) const {
  if (::mkdir(directory_.c_str(), 0755) != 0 && errno != EEXIST) {
    return errno_error(errno, "make the state directory " + directory_);
  }
  nlohmann::json json{{"since", to_number(record.since)}};
  if (record.reason) {
    json["reason"] = *record.reason;
  }
  if (record.until) {
    json["until"] = to_number(*record.until);
  }
  const auto fresh = file_ + ".new";
  const auto text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (auto written = write_whole(fresh, text); !written) {
    return written;
  }
  if (::rename(fresh.c_str(), file_.c_str()) != 0) {
    return errno_error(errno, "write " + file_);
  }
  sync_directory(directory_);
  return {};
}

Result<> DrainStore::forget() const {
  if (::unlink(file_.c_str()) != 0 && errno != ENOENT) {
    return errno_error(errno, "remove " + file_);
  }
  sync_directory(directory_);
  return {};
}

}  // namespace havip::app
