// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/hooks.hpp"

#include "sidecar/async/task_group.hpp"
#include "sidecar/async/wait.hpp"
#include "tests/unit/app/programs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace havip::app {
namespace {

using namespace std::chrono_literals;
using vrrp::State;
using Lines = std::vector<std::string>;

constexpr const char* tells =
    "echo $HAVIP_SEQUENCE $HAVIP_VIRTUAL_ROUTER $HAVIP_PREVIOUS_STATE "
    "$HAVIP_STATE ${HAVIP_REASON:-none} >>";

ports::VirtualRouterStatus router(const std::string& name, State state, std::uint64_t transitions) {
  ports::VirtualRouterStatus status;
  status.name = name;
  status.state = state;
  status.transitions = transitions;
  status.since = async::monotonic_now();
  return status;
}

ports::ElectionStatus of(std::vector<ports::VirtualRouterStatus> routers) {
  ports::ElectionStatus status;
  status.virtual_routers = std::move(routers);
  return status;
}

ports::ElectionStatus of(State state, std::uint64_t transitions) {
  return of({router("public", state, transitions)});
}

class HooksTest : public testing::Test {
protected:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path(name); }

  [[nodiscard]] Lines lines(const std::string& name) const { return folder_.lines(name); }

  /// Runs hooks, one for each script, while `body` does; then ends them.
  void with_hooks(const Lines& scripts,
                  const std::function<async::Task<>(Hooks&)>& body,
                  Hooks::Settings settings = {}) {
    for (const auto& script : scripts) {
      settings.commands.push_back(test::shell(script));
    }
    settings.node = "lb1";
    settings.launcher = test::direct;
    test::run([&]() -> async::Task<> {
      const auto executor = co_await boost::asio::this_coro::executor;
      Hooks hooks{executor, settings, [this](Severity severity, const std::string& line) {
                    log_.emplace_back(severity, line);
                  }};
      async::TaskGroup group{executor};
      group.spawn("hooks", [&] { return hooks.run(); });
      co_await body(hooks);
      group.cancel();
      co_await group.join();
    });
  }

  /// Waits until the file has so many lines; the test's own limit bounds it.
  async::Task<> until_lines(std::string name, std::size_t count) const {
    while (lines(name).size() < count) {
      co_await async::sleep_until(async::monotonic_now() + 1ms);
    }
  }

  async::Task<> until_logged(std::string words) const {
    while (std::ranges::none_of(
        log_, [&](const auto& line) { return line.second.find(words) != std::string::npos; })) {
      co_await async::sleep_until(async::monotonic_now() + 1ms);
    }
  }

  std::vector<std::pair<Severity, std::string>> log_;

private:
  test::Folder folder_;
};

TEST_F(HooksTest, AreToldOfEachTransitionInOrder) {
  with_hooks({tells + path("a"), tells + path("b")}, [&](Hooks& hooks) -> async::Task<> {
    auto first = of({router("public", State::backup, 1), router("back", State::init, 0)});
    first.virtual_routers.front().why = "started";
    hooks.observe(first);
    hooks.observe(first);  // published again, without news
    hooks.observe(of({router("public", State::active, 2), router("back", State::fault, 1)}));
    co_return;  // What waits is told before the end.
  });

  const Lines expected{
      "1 public init backup started", "2 public backup active none", "3 back init fault none"};
  EXPECT_EQ(lines("a"), expected);
  EXPECT_EQ(lines("b"), expected);
  EXPECT_THAT(log_, testing::IsEmpty());
}

TEST_F(HooksTest, AreToldOfARouterThatWentAndCameBackBetweenTwoStatuses) {
  with_hooks({tells + path("a")}, [&](Hooks& hooks) -> async::Task<> {
    hooks.observe(of(State::backup, 1));
    hooks.observe(of(State::backup, 3));
    co_return;
  });

  EXPECT_EQ(lines("a"), (Lines{"1 public init backup none", "2 public backup backup none"}));
}

TEST_F(HooksTest, AreNotToldOfARouterThatHasNotDecidedYet) {
  with_hooks({tells + path("a")}, [&](Hooks& hooks) -> async::Task<> {
    hooks.observe(of(State::init, 0));
    hooks.observe(of(State::active, 1));
    hooks.observe(of(State::init, 2));  // the end
    co_return;
  });

  EXPECT_EQ(lines("a"), (Lines{"1 public init active none", "2 public active init none"}));
}

TEST_F(HooksTest, KnowTheNodeAndTheTime) {
  with_hooks({"echo $HAVIP_NODE $HAVIP_TIME >>" + path("a")}, [&](Hooks& hooks) -> async::Task<> {
    hooks.observe(of(State::active, 1));
    co_return;
  });

  ASSERT_EQ(lines("a").size(), 1U);
  EXPECT_THAT(lines("a").front(),
              testing::MatchesRegex("lb1 20[0-9-]{8}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
}

TEST_F(HooksTest, ThatFailAreTriedAgainUntilTheySucceed) {
  const auto script = tells + path("a") + "; [ $HAVIP_SEQUENCE = 3 ] || { echo no route; exit 4; }";
  with_hooks({script},
             [&](Hooks& hooks) -> async::Task<> {
               hooks.observe(of(State::active, 1));
               co_await until_logged("told at last");
             },
             {.pauses = {.first = 1ms, .longest = 1s}});

  EXPECT_EQ(
      lines("a"),
      (Lines{
          "1 public init active none", "2 public init active none", "3 public init active none"}));
  const std::string begin = "hook /bin/sh: public active: ";
  EXPECT_EQ(log_,
            (std::vector<std::pair<Severity, std::string>>{
                {Severity::warning, begin + "exit status 4: \"no route\"; again in 1ms"},
                {Severity::warning, begin + "exit status 4: \"no route\"; again in 2ms"},
                {Severity::info, begin + "told at last"}}));
}

TEST_F(HooksTest, ThatFailAreNotTriedAgainWhenThereIsNews) {
  // The run for active is under way until there is news, and then fails.
  const auto script = tells + path("a") + "; [ $HAVIP_STATE = fault ] || { until [ -e " +
                      path("news") + " ]; do sleep 0.01; done; exit 1; }";
  with_hooks({script}, [&](Hooks& hooks) -> async::Task<> {
    hooks.observe(of(State::active, 1));
    co_await until_lines("a", 1);
    hooks.observe(of(State::fault, 2));
    std::ofstream{path("news")} << "there is\n";
    co_await until_lines("a", 2);
  });

  EXPECT_EQ(lines("a"), (Lines{"1 public init active none", "2 public active fault none"}));
  EXPECT_EQ(log_,
            (std::vector<std::pair<Severity, std::string>>{
                {Severity::warning,
                 "hook /bin/sh: public active: exit status 1; not again, a newer transition "
                 "waits"}}));
}

TEST_F(HooksTest, ThatHangDelayNoOther) {
  with_hooks({"sleep 1000", tells + path("b")},
             [&](Hooks& hooks) -> async::Task<> {
               hooks.observe(of(State::backup, 1));
               hooks.observe(of(State::active, 2));
               co_await until_lines("b", 2);
             },
             {.farewell = 50ms});

  EXPECT_EQ(lines("b"), (Lines{"1 public init backup none", "2 public backup active none"}));
  // At the end the run that hangs was stopped; what it told of is not the latest by then.
  EXPECT_EQ(log_,
            (std::vector<std::pair<Severity, std::string>>{
                {Severity::warning, "hook /bin/sh: not told before the end: public active"}}));
}

TEST_F(HooksTest, ThatHangAreStoppedWhenTheirTimeIsUp) {
  with_hooks({"echo asking the cloud; sleep 1000"},
             [&](Hooks& hooks) -> async::Task<> {
               hooks.observe(of(State::active, 1));
               co_await until_logged("no end within 100ms");
             },
             {.timeout = 100ms, .farewell = 0s});

  ASSERT_FALSE(log_.empty());
  EXPECT_THAT(log_.front().second,
              testing::StartsWith("hook /bin/sh: public active: no end within 100ms: \"asking the "
                                  "cloud"));
}

TEST_F(HooksTest, WithoutAnyOfThemEndAtOnce) {
  with_hooks({}, [](Hooks& hooks) -> async::Task<> {
    hooks.observe(of(State::active, 1));
    co_return;
  });

  EXPECT_THAT(log_, testing::IsEmpty());
}

TEST_F(HooksTest, AreToldTheLatestStateOfAFlappingRouter) {
  // The first run waits until the router has flapped for long.
  const auto script =
      tells + path("a") + "; until [ -e " + path("over") + " ]; do sleep 0.01; done";
  with_hooks({script}, [&](Hooks& hooks) -> async::Task<> {
    hooks.observe(of(State::backup, 1));
    co_await until_lines("a", 1);
    for (std::uint64_t count = 2; count <= HookQueue::most_waiting + 2; ++count) {
      hooks.observe(of(count % 2 == 0 ? State::active : State::backup, count));
    }
    std::ofstream{path("over")} << "at last\n";
    co_await until_lines("a", 2);
  });

  // 17 transitions waited, the last one to active.
  EXPECT_EQ(lines("a"), (Lines{"1 public init backup none", "2 public backup active none"}));
}

}  // namespace
}  // namespace havip::app
