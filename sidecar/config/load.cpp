// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/load.hpp"

#include "sidecar/base/descriptor.hpp"
#include "sidecar/config/bounds.hpp"
#include "sidecar/config/decode.hpp"
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
#include <system_error>
#include <utility>

namespace havip::config {
namespace {

std::string text_of_errno() {
  return "cannot be read: " + std::error_code{errno, std::system_category()}.message() +
         "; a file that havip may read is required";
}

/// Appends what the descriptor has, up to one byte more than a file may have. False: errno says.
bool read_up_to_limit(int descriptor, std::string& text) {
  std::array<char, 16384> buffer{};
  while (text.size() <= largest_file) {
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

/// The text, or why there is none.
std::variant<SourceFile, Problem> read_file(const std::string& name) {
  const auto problem = [&](std::string text) {
    return Problem{name, 0, 0, std::move(text)};
  };
  // Without O_NONBLOCK opening a FIFO would wait for a writer.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open() is what there is.
  const Descriptor file{::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};

  struct stat status {};

  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    return problem(text_of_errno());
  }
  if (!S_ISREG(status.st_mode)) {
    return problem(S_ISDIR(status.st_mode) ? "is a directory; a file is allowed"
                                           : "is no regular file; a regular file is allowed");
  }
  SourceFile source{name, {}};
  if (!read_up_to_limit(file.number(), source.text)) {
    return problem(text_of_errno());
  }
  return source;
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

}  // namespace

Outcome parse(const std::vector<SourceFile>& files, std::span<const Missing> missing) {
  Report report{names_of(files)};
  std::vector<Value> documents;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (auto document = parse_toml(files[i].text, i, report)) {
      documents.push_back(std::move(*document));
    }
  }
  if (!report.empty()) {
    return report.problems();
  }
  Places places;
  Decoding decoding{report, places, {}};
  auto config = decode(documents, decoding);
  check_rules({config, places, report});
  check_support(missing, places, report);
  if (!report.empty()) {
    return report.problems();
  }
  return config;
}

Outcome load(const std::string& main_file) {
  Problems problems;
  std::vector<SourceFile> files;
  const auto take = [&](const std::string& name) {
    auto file = read_file(name);
    if (auto* const source = std::get_if<SourceFile>(&file)) {
      files.push_back(std::move(*source));
    } else {
      problems.push_back(*std::get_if<Problem>(&file));
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
  return problems.empty() ? parse(files) : Outcome{std::move(problems)};
}

}  // namespace havip::config
