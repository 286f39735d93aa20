#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task_group.hpp"
#include "sidecar/process/program.hpp"
#include "tests/support/run_coroutine.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace havip::process {

using test::run;

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest looks for this name.
inline void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << describe(outcome) << " (of " << outcome.limit.count() << " ns)";
}

/// Runs programs on an io_context of its own, and looks afterwards whether anything is left.
class ProgramTest : public testing::Test {
protected:
  ProgramTest()
      : folder_{std::filesystem::temp_directory_path() /
                ("havip-process." + std::to_string(::getpid()))} {
    std::filesystem::create_directories(folder_);
  }

  ~ProgramTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void SetUp() override { descriptors_ = open_descriptors(); }

  void TearDown() override {
    EXPECT_EQ(open_descriptors(), descriptors_);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
    EXPECT_EQ(errno, ECHILD);
  }

  Outcome outcome_of(std::vector<std::string> command,
                     Duration timeout = std::chrono::seconds{30},
                     const std::string& launcher = {}) {
    Program program{{.command = std::move(command), .launcher = launcher}};
    Outcome outcome;
    run([&]() -> async::Task<> {
      std::vector<std::string> none;
      outcome = co_await program.run(timeout, std::move(none));
    });
    return outcome;
  }

  static std::vector<std::string> shell(std::string script) {
    return {"/bin/sh", "-c", std::move(script)};
  }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

  void write(const std::string& name, const std::string& text, bool is_executable) const {
    std::ofstream{path(name)} << text;
    using std::filesystem::perms;
    std::filesystem::permissions(path(name),
                                 is_executable
                                     ? perms::owner_all | perms::others_read | perms::others_exec
                                     : perms::owner_read | perms::others_read);
  }

  static std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return std::distance(begin(all), end(all));
  }

private:
  std::filesystem::path folder_;
  std::ptrdiff_t descriptors_ = 0;
};

}  // namespace havip::process
