// SPDX-License-Identifier: Apache-2.0
//
// The configurations in bad/ and good/. A file bad/NAME.toml has its problems beside it, one a
// line, in bad/NAME.expected; the files in good/ have none, those of good/later/ none but that a
// part of the contract is not supported yet.
#include "sidecar/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

namespace havip::config {
namespace {

namespace fs = std::filesystem;

std::string contents_of(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::vector<fs::path> files_in(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator{HAVIP_TEST_DATA "/" + folder}) {
    if (entry.path().extension() == ".toml") {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

std::string name_of(const testing::TestParamInfo<fs::path>& info) {
  auto name = info.param.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

/// One line for each problem; empty for a configuration without any.
std::string problems_of(const Outcome& outcome) {
  const auto* const problems = std::get_if<Problems>(&outcome);
  std::string lines;
  if (problems != nullptr) {
    for (const auto& problem : *problems) {
      lines += problem.to_string() + "\n";
    }
  }
  return lines;
}

class BadConfiguration : public testing::TestWithParam<fs::path> {};

TEST_P(BadConfiguration, IsRefusedWithEachProblemAtItsPlace) {
  const auto& file = GetParam();
  auto expected_file = file;
  expected_file.replace_extension(".expected");

  const auto outcome = parse({{file.filename().string(), contents_of(file)}});

  EXPECT_EQ(problems_of(outcome), contents_of(expected_file));
  EXPECT_NE(problems_of(outcome), "") << "accepted";
}

INSTANTIATE_TEST_SUITE_P(Files, BadConfiguration, testing::ValuesIn(files_in("bad")), name_of);

class GoodConfiguration : public testing::TestWithParam<fs::path> {};

TEST_P(GoodConfiguration, IsAccepted) {
  EXPECT_EQ(problems_of(parse({{"good.toml", contents_of(GetParam())}})), "");
}

INSTANTIATE_TEST_SUITE_P(Files, GoodConfiguration, testing::ValuesIn(files_in("good")), name_of);

class LaterConfiguration : public testing::TestWithParam<fs::path> {};

TEST_P(LaterConfiguration, IsRefusedOnlyForWhatIsNotSupportedYet) {
  const SourceFile file{"later.toml", contents_of(GetParam())};

  EXPECT_EQ(problems_of(parse({file}, {})), "");

  const auto outcome = parse({file});
  const auto* const problems = std::get_if<Problems>(&outcome);
  ASSERT_NE(problems, nullptr) << "all of it is supported by now: move it to good/";
  for (const auto& problem : *problems) {
    EXPECT_THAT(problem.text, testing::HasSubstr("is not supported by this version of havip"));
  }
}

INSTANTIATE_TEST_SUITE_P(Files,
                         LaterConfiguration,
                         testing::ValuesIn(files_in("good/later")),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Packaging,
                         GoodConfiguration,
                         testing::ValuesIn(files_in("../../../packaging/examples")),
                         name_of);

TEST(BadConfigurations, AreAtLeastFifty) {
  EXPECT_GE(files_in("bad").size(), 50U);
}

}  // namespace
}  // namespace havip::config
