#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What tests need that run real programs: a coroutine, a folder, a shell.
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/this_coro.hpp>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace havip::app::test {

/// No launcher: the test program is not one.
inline constexpr const char* direct = "";

/// A folder of the test's own.
class Folder {
public:
  Folder() {
    auto name = (std::filesystem::temp_directory_path() / "havip-app.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return path_ / name; }

  [[nodiscard]] std::vector<std::string> lines(const std::string& name) const {
    std::ifstream file{path(name)};
    std::vector<std::string> result;
    for (std::string line; std::getline(file, line);) {
      result.push_back(line);
    }
    return result;
  }

private:
  std::filesystem::path path_;
};

inline std::vector<std::string> shell(std::string script) {
  return {"/bin/sh", "-c", std::move(script)};
}

using havip::test::run;

}  // namespace havip::app::test
