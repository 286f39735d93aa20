// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/drain_store.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace havip::app {
namespace {

using namespace std::chrono_literals;

/// A state directory of the test's own.
class ADrainStore : public testing::Test {
protected:
  ADrainStore() {
    std::string name = (std::filesystem::temp_directory_path() / "havip-test-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }

  ~ADrainStore() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string state() const { return (directory_ / "state").string(); }

  void write_file(const std::string& text) const {
    std::filesystem::create_directories(state());
    std::ofstream{state() + "/drain.json"} << text;
  }

  const ports::DrainRecord record_{.reason = "kernel \"6.1\"\n",
                                   .until = ports::WallTime{1'700'000'000'123ms},
                                   .since = ports::WallTime{1'600'000'000'456ms}};

private:
  std::filesystem::path directory_;
};

TEST_F(ADrainStore, RemembersNothingAtFirst) {
  EXPECT_EQ(DrainStore{state()}.load(), std::nullopt);
}

TEST_F(ADrainStore, RemembersADrainForTheNextRun) {
  ASSERT_TRUE(DrainStore{state()}.save(record_));

  EXPECT_EQ(DrainStore{state()}.load(), record_);
}

TEST_F(ADrainStore, ForgetsIt) {
  const DrainStore store{state()};
  ASSERT_TRUE(store.save(record_));

  ASSERT_TRUE(store.forget());

  EXPECT_EQ(store.load(), std::nullopt);
  EXPECT_TRUE(store.forget());
}

TEST_F(ADrainStore, TakesADamagedFileForADrainAndSaysSo) {
  for (const std::string damage : {"", "{", "[]", "{\"since\": \"yesterday\"}", "\xff\xfe"}) {
    write_file(damage);

    const auto loaded = DrainStore{state()}.load();

    ASSERT_TRUE(loaded) << damage;
    EXPECT_NE(loaded->reason->find("drain.json is damaged"), std::string::npos);
  }
}

TEST_F(ADrainStore, NamesTheFileThatCannotBeWritten) {
  const auto saved = DrainStore{"/proc/nowhere"}.save(record_);

  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().message.find("/proc/nowhere"), std::string::npos);
}

}  // namespace
}  // namespace havip::app
