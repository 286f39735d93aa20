// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/command_checks.hpp"

#include "sidecar/async/task_group.hpp"
#include "tests/unit/app/programs.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace havip::app {
namespace {

using namespace std::chrono_literals;

struct Told {
  std::size_t track = 0;
  bool well = false;
  std::string detail{};

  friend bool operator==(const Told&, const Told&) = default;
};

/// Checks the tracks until `enough` says so of what was told.
std::vector<Told> told_by(std::vector<CommandTrack> tracks,
                          const std::function<bool(const std::vector<Told>&)>& enough) {
  std::vector<Told> told;
  test::run([&]() -> async::Task<> {
    async::TaskGroup group{co_await boost::asio::this_coro::executor};
    CommandChecks checks{std::move(tracks),
                         [&](std::size_t track, bool well, std::string detail) {
                           told.push_back({track, well, std::move(detail)});
                           if (enough(told)) {
                             group.cancel();
                           }
                         },
                         test::direct};
    group.spawn("checks", [&] { return checks.run(); });
    co_await group.join();
  });
  return told;
}

std::function<bool(const std::vector<Told>&)> count_of(std::size_t count) {
  return [count](const std::vector<Told>& told) {
    return told.size() >= count;
  };
}

TEST(ACommandTrack, IsWellWhileItsProgramEndsWithZero) {
  const test::Folder folder;
  // The third run and later ones find two lines, and fail.
  const auto script = "echo >>" + folder.path("runs") + "; [ $(wc -l <" + folder.path("runs") +
                      ") -le 2 ] || { echo disk full; exit 2; }";

  const auto told =
      told_by({{.command = test::shell(script), .interval = 1ms, .timeout = 30s}}, count_of(3));

  EXPECT_EQ(told,
            (std::vector<Told>{{0, true, "exit status 0"},
                               {0, true, "exit status 0"},
                               {0, false, R"(exit status 2: "disk full")"}}));
}

TEST(ACommandTrack, WhoseProgramIsNotThereIsUnwell) {
  EXPECT_EQ(
      told_by({{.command = {"/nowhere/check"}, .interval = 1ms, .timeout = 30s}}, count_of(2)),
      (std::vector<Told>{{0, false, "cannot be run: /nowhere/check does not exist"},
                         {0, false, "cannot be run: /nowhere/check does not exist"}}));
}

TEST(ACommandTrack, WhoseProgramHangsIsUnwell) {
  EXPECT_EQ(
      told_by({{.command = {"/bin/sleep", "1000"}, .interval = 1ms, .timeout = 20ms}}, count_of(1)),
      (std::vector<Told>{{0, false, "no end within 20ms"}}));
}

TEST(ACommandTrackThatHangs, DelaysNoOther) {
  const auto told = told_by({{.command = {"/bin/sleep", "1000"}, .interval = 1ms, .timeout = 1h},
                             {.command = {"/bin/true"}, .interval = 1ms, .timeout = 30s}},
                            count_of(5));

  EXPECT_EQ(told, std::vector<Told>(5, {1, true, "exit status 0"}));
}

TEST(ACommandTrack, IsRunOnceInItsInterval) {
  // The first run tells at once; the second one is an hour away when the other has told ten times.
  const auto told = told_by({{.command = {"/bin/true"}, .interval = 1h, .timeout = 30s},
                             {.command = {"/bin/true"}, .interval = 1ms, .timeout = 30s}},
                            count_of(11));

  EXPECT_EQ(std::ranges::count(told, 0U, &Told::track), 1);
}

TEST(ACommandTrack, NeverRunsTwiceAtATime) {
  const test::Folder folder;
  // mkdir fails when the run before has not removed the folder yet.
  const auto script =
      "mkdir " + folder.path("lock") + " && sleep 0.02 && rmdir " + folder.path("lock");

  const auto told =
      told_by({{.command = test::shell(script), .interval = 1ms, .timeout = 30s}}, count_of(5));

  EXPECT_EQ(told, std::vector<Told>(5, {0, true, "exit status 0"}));
}

}  // namespace
}  // namespace havip::app
