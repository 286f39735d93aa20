// SPDX-License-Identifier: Apache-2.0
// The same HAProxy in the words of each version; where they come from: data/README.md.
#include "haproxy/board.hpp"
#include "haproxy/error.hpp"
#include "haproxy/framing.hpp"
#include "haproxy/info.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;

constexpr Instant t0{};
constexpr std::size_t ample = 1'000'000;

class DialectTest : public testing::TestWithParam<const char*> {
protected:
  [[nodiscard]] static std::string file(std::string_view name) {
    return std::string{HAVIP_TEST_DATA "/data/"} + GetParam() + '/' + std::string{name} + ".txt";
  }

  /// An answer as the client hands it on.
  [[nodiscard]] static std::string answer(std::string_view name) {
    std::ifstream stream{file(name), std::ios::binary};
    EXPECT_TRUE(stream) << file(name);
    const std::string raw{std::istreambuf_iterator<char>{stream}, {}};
    Framing framing{ample};
    return framing.feed(raw).value().value();
  }

  [[nodiscard]] static bool tells_start_time() { return GetParam() != std::string_view{"2.2"}; }
};

TEST_P(DialectTest, OfInfoIsUnderstood) {
  const auto info = read_info(answer("info")).value();
  EXPECT_EQ(info.process,
            (ProcessId{.pid = 812, .start_time = tells_start_time() ? 1767225600 : 0}));
  EXPECT_TRUE(info.version.starts_with(GetParam())) << info.version;
  EXPECT_EQ(info.uptime, 99s);
  EXPECT_FALSE(info.stopping);
}

TEST_P(DialectTest, OfTheTableIsUnderstood) {
  Board board;
  ASSERT_TRUE(board.backends(answer("backends"), t0));
  ASSERT_EQ(board.next_command(), "show stat -1 4 -1");
  ASSERT_TRUE(board.servers(answer("servers"), t0));
  EXPECT_EQ(board.unchecked(), 0);
  EXPECT_EQ(board.judged(),
            (std::vector<Backend>{{"web", true, 1, 2, 0.25},  // 10 of 10 + 30
                                  {"moved", true, 0, 0, 1.0},
                                  {"spare", true, 1, 2, 0.0}}));  // its backup stands in
}

TEST_P(DialectTest, OfAnErrorIsARefusal) {
  EXPECT_EQ(read_info(answer("error")).error().code, Fault::refused);
  Board board;
  EXPECT_EQ(board.backends(answer("error"), t0).error().code, Fault::refused);
}

TEST_P(DialectTest, OfAProcessThatStopsMayBeAnEmptyTable) {
  if (!std::filesystem::exists(file("stopping"))) {
    return;  // since 2.5 it goes on showing its backends
  }
  Board board;
  EXPECT_TRUE(board.backends(answer("stopping"), t0));
  EXPECT_EQ(board.judged(), std::vector<Backend>{});
}

INSTANTIATE_TEST_SUITE_P(EachVersion,
                         DialectTest,
                         testing::Values("2.2", "2.4", "2.6", "2.8", "3.0", "3.2"),
                         [](const auto& version) {
                           std::string name{version.param};
                           name[name.find('.')] = '_';
                           return "V" + name;
                         });

}  // namespace
}  // namespace havip::haproxy
