// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/load.hpp"

#include "sidecar/base/descriptor.hpp"
#include "sidecar/config/bounds.hpp"
#include "sidecar/config/decode.hpp"
#include "sidecar/config/key_file.hpp"
#include "sidecar/config/rules.hpp"
#include "sidecar/config/toml.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace havip::config {
namespace {

/// A regular file as it is on the disk.
struct Contents {
  unsigned mode = 0;
  std::string text;
};

Error text_of_errno() {
  const std::error_code code{errno, std::system_category()};
  return {code, "cannot be read: " + code.message() + "; a file that havip may read is required"};
}

/// Appends what the descriptor has, up to some more than `limit`. False: errno says why.
bool read_beyond(std::size_t limit, int descriptor, std::string& text) {
  std::array<char, 16384> buffer{};
  while (text.size() <= limit) {
    const auto count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return count == 0;
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return true;
}

/// The message goes on after the file's name.
Result<Contents> read_file(const std::string& name, std::size_t limit) {
  // Without O_NONBLOCK opening a FIFO would wait for a writer.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open() is what there is.
  const Descriptor file{::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};

  struct stat status {};

  if (!file.is_open() || ::fstat(file.number(), &status) != 0) {
    return text_of_errno();
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{std::make_error_code(std::errc::invalid_argument),
                 S_ISDIR(status.st_mode) ? "is a directory; a file is allowed"
                                         : "is no regular file; a regular file is allowed"};
  }
  Contents contents{.mode = status.st_mode, .text = {}};
  if (!read_beyond(limit, file.number(), contents.text)) {
    return text_of_errno();
  }
  return contents;
}

/// Puts into `out` what `convert` makes of a key file, or reports at `place` why it cannot.
template <class T>
void read_key(const std::string& name,
              Result<T> (*convert)(std::string_view),
              Place place,
              Report& report,
              T& out) {
  const auto text = read_key_file(name);
  auto value = text ? convert(*text) : Result<T>{text.error()};
  if (value) {
    out = std::move(*value);
  } else {
    // Without its namespace std::quoted() is found as well, by the argument.
    report.add(place, "key_file " + config::quoted(name) + " " + value.error().message);
  }
}

/// Puts what the key files hold beside their names.
void read_key_files(Config& config, const Places& places, Report& report) {
  for (std::size_t i = 0; i < config.virtual_routers.size(); ++i) {
    auto& auth = config.virtual_routers[i].auth;
    const auto path = path_of("virtual_router", i, "auth.key_file");
    if (!auth || !places.has_good(path)) {
      continue;
    }
    const auto place = places.of(path);
    if (auto* const pass = std::get_if<PassAuth>(&*auth)) {
      read_key(pass->key_file, password_from, place, report, pass->password);
    } else if (auto* const hmac = std::get_if<HmacAuth>(&*auth)) {
      read_key(hmac->key_file, hmac_key_from, place, report, hmac->key);
    }
  }
}

/// The names of the files in conf.d, sorted, or why they cannot be told.
std::variant<std::vector<std::string>, Problem> files_beside(const std::string& main_file) {
  namespace fs = std::filesystem;
  const auto folder = fs::path{main_file}.parent_path() / "conf.d";
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator entry{folder, failure}; !failure && entry != fs::end(entry);
       entry.increment(failure)) {
    const auto& path = entry->path();
    if (path.extension() == ".toml" && !path.filename().string().starts_with('.')) {
      names.push_back(path.string());
    }
  }
  if (failure && failure != std::errc::no_such_file_or_directory) {
    return Problem{folder.string(),
                   0,
                   0,
                   "cannot be read: " + failure.message() +
                       "; a folder that havip may read, or none, is allowed"};
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> names_of(const std::vector<SourceFile>& files) {
  std::vector<std::string> names;
  std::ranges::transform(files, std::back_inserter(names), &SourceFile::name);
  return names;
}

/// A configuration that may have problems yet.
struct Draft {
  explicit Draft(std::vector<std::string> names) : report{std::move(names)} {}

  Report report;
  Places places;
  std::optional<Config> config;  ///< empty when a file is no TOML
};

Draft draft_of(const std::vector<SourceFile>& files, std::span<const Missing> missing) {
  Draft draft{names_of(files)};
  std::vector<Value> documents;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (auto document = parse_toml(files[i].text, i, draft.report)) {
      documents.push_back(std::move(*document));
    }
  }
  if (!draft.report.empty()) {
    return draft;
  }
  Decoding decoding{draft.report, draft.places, {}};
  draft.config = decode(documents, decoding);
  check_rules({*draft.config, draft.places, draft.report});
  check_support(missing, draft.places, draft.report);
  return draft;
}

Outcome outcome_of(Draft draft, Problems* warnings) {
  if (!draft.report.empty()) {
    return draft.report.problems();
  }
  if (warnings != nullptr) {
    *warnings = draft.report.warnings();
  }
  return std::move(*draft.config);
}

Outcome load_all(const std::vector<SourceFile>& files, Problems* warnings) {
  auto draft = draft_of(files, missing_features());
  if (draft.config) {
    read_key_files(*draft.config, draft.places, draft.report);
  }
  return outcome_of(std::move(draft), warnings);
}

}  // namespace

Outcome parse(const std::vector<SourceFile>& files,
              std::span<const Missing> missing,
              Problems* warnings) {
  return outcome_of(draft_of(files, missing), warnings);
}

Result<std::string> read_key_file(const std::string& name) {
  auto contents = read_file(name, largest_key_file);
  if (contents) {
    return text_of({.name = name, .mode = contents->mode, .text = std::move(contents->text)});
  }
  if (contents.error().code == std::errc::permission_denied) {
    return Error{contents.error().code,
                 "may not be read by this user; root is allowed, and the daemon by "
                 "`chown root:_havip` and `chmod 640`"};
  }
  return contents.error();
}

Outcome load(const std::string& main_file, Problems* warnings) {
  Problems problems;
  std::vector<SourceFile> files;
  const auto take = [&](const std::string& name) {
    auto file = read_file(name, largest_file);
    if (file) {
      files.push_back({name, std::move(file->text)});
    } else {
      problems.push_back({name, 0, 0, file.error().message});
    }
  };
  take(main_file);
  auto beside = files_beside(main_file);
  if (auto* const names = std::get_if<std::vector<std::string>>(&beside)) {
    std::ranges::for_each(*names, take);
  } else {
    problems.push_back(*std::get_if<Problem>(&beside));
  }
  // With a file missing, what the others say would be judged wrongly.
  return problems.empty() ? load_all(files, warnings) : Outcome{std::move(problems)};
}

}  // namespace havip::config
