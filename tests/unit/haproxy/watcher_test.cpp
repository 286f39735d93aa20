// SPDX-License-Identifier: Apache-2.0
#include "haproxy/watcher.hpp"

#include "tests/unit/haproxy/watcher_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;
using Reply = std::optional<std::string>;

class WatcherTest : public WatcherFixture {
protected:
  void watch(Duration timeout = 10s, Duration hold = 10s) {
    WatcherFixture::watch({.interval = 5ms, .timeout = timeout, .hold = hold});
  }

  /// Waits until the watcher has told `count` things, and gives the last.
  Facts told(std::size_t count) {
    EXPECT_TRUE(run_until(io_, [&] { return told_.size() >= count; }));
    EXPECT_EQ(told_.size(), count);
    return told_.empty() ? Facts{} : told_.back();
  }

  /// Waits until `count` more commands have come over the wire.
  void let_it_ask(std::size_t count) {
    const auto enough = fake_.commands.size() + count;
    EXPECT_TRUE(run_until(io_, [&] { return fake_.commands.size() >= enough; }));
  }

  [[nodiscard]] Facts up(int pid, double share = 1.0) const {
    Facts facts;
    facts.state = ProcessState::up;
    facts.pid = pid;
    facts.version = "2.6.12";
    facts.uptime = 1s;
    facts.backends = {{"web", share > 0, static_cast<int>(share * 2), 2, share}};
    return facts;
  }

  static Facts not_up(ProcessState state, std::string detail, int pid = 0) {
    Facts facts;
    facts.state = state;
    facts.detail = std::move(detail);
    facts.pid = pid;
    facts.version = pid > 0 ? "2.6.12" : "";
    return facts;
  }

  [[nodiscard]] std::string silence(const std::string& timeout) const {
    return "connected to " + path_ + ", but no answer within " + timeout +
           ": the process is stopped or stuck, or all its slots (stats maxconn) are taken";
  }
};

TEST_F(WatcherTest, OfAHealthyProcessTellsItOnceAndGoesOnAsking) {
  watch();
  EXPECT_EQ(told(1), up(100));
  let_it_ask(20);
  EXPECT_EQ(told_.size(), 1U);
  EXPECT_EQ(watcher_->latest(), up(100));
  EXPECT_EQ(fake_.connections, 1);
}

TEST_F(WatcherTest, AsksForServersOnlyOnceWhileNothingChanges) {
  watch();
  let_it_ask(9);
  EXPECT_EQ((std::vector<std::string>{fake_.commands.begin(), fake_.commands.begin() + 9}),
            (std::vector<std::string>{"prompt",
                                      "set timeout cli 1d",
                                      "show info",
                                      "show stat -1 2 -1",
                                      "show stat -1 4 -1",
                                      "show info",
                                      "show stat -1 2 -1",
                                      "show info",
                                      "show stat -1 2 -1"}));
}

TEST_F(WatcherTest, OfABackendThatLosesAServerTellsItsShare) {
  watch();
  EXPECT_EQ(told(1), up(100));
  fake_.usable = 1;
  EXPECT_EQ(told(2), up(100, 0.5));
  EXPECT_EQ(std::ranges::count(fake_.commands, "show stat 4 4 -1"), 1);
  fake_.usable = 2;
  EXPECT_EQ(told(3), up(100));
}

TEST_F(WatcherTest, OfAProcessThatDiesSaysDownAndThenUpAgain) {
  watch();
  EXPECT_EQ(told(1), up(100));
  fake_.stop();
  EXPECT_EQ(told(2), not_up(ProcessState::down, "nobody listens on " + path_));
  fake_.pid = 101;
  fake_.start();
  EXPECT_EQ(told(told_.size() + 1).state, ProcessState::up);
  EXPECT_EQ(told_.back(), up(101));
}

TEST_F(WatcherTest, WithoutASocketSaysSoUntilThereIsOne) {
  fake_.stop();
  std::filesystem::remove(path_);
  watch();
  EXPECT_EQ(told(1), not_up(ProcessState::down, "there is no socket " + path_));
  fake_.start();
  EXPECT_EQ(told(2), up(100));
}

TEST_F(WatcherTest, OfAReloadTellsNothingButTheNewProcess) {
  watch();
  EXPECT_EQ(told(1), up(100));
  fake_.stopping = true;  // the connection stays with the old worker
  let_it_ask(1);
  fake_.stopping = false;
  fake_.pid = 101;
  fake_.drop_connections();
  EXPECT_EQ(told(2), up(101));
}

TEST_F(WatcherTest, OfAStoppingProcessLetsGo) {
  watch();
  EXPECT_EQ(told(1), up(100));
  fake_.stopping = true;
  ASSERT_TRUE(run_until(io_, [this] { return fake_.connections >= 2; }));
  fake_.stopping = false;
  fake_.pid = 101;
  EXPECT_EQ(told(2), up(101));
}

TEST_F(WatcherTest, OfANewWorkerKeepsTheVerdictUntilItsChecksAreIn) {
  watch();
  EXPECT_EQ(told(1), up(100));
  fake_.pid = 101;
  fake_.check = "INI";
  fake_.drop_connections();
  let_it_ask(30);
  EXPECT_EQ(told_.size(), 1U);
  fake_.usable = 1;
  fake_.check = "L4OK";
  EXPECT_EQ(told(2), up(101, 0.5));
}

TEST_F(WatcherTest, OfAProcessWhoseChecksNeverEndHoldsTheFirstVerdictForAWhileOnly) {
  fake_.check = "INI";
  watch(10s, 50ms);
  EXPECT_EQ(told(1),
            not_up(ProcessState::unknown,
                   "process 100 has started; its first health checks are under way"));
  EXPECT_EQ(told(2), up(100));
}

TEST_F(WatcherTest, OfASilentProcessSaysHungAndTakesTheLateAnswer) {
  watch(200ms);
  EXPECT_EQ(told(1), up(100));
  std::vector<std::string> unanswered;
  fake_.reply = [&](const std::string& command) {
    unanswered.push_back(command);
    return Reply{};
  };
  EXPECT_EQ(told(2), not_up(ProcessState::hung, silence("200ms"), 100));
  ASSERT_EQ(unanswered.size(), 1U);
  fake_.reply = nullptr;
  fake_.say(fake_.well_behaved(unanswered[0]));
  EXPECT_EQ(told(3), up(100));
  EXPECT_EQ(fake_.connections, 1);
}

TEST_F(WatcherTest, OfAProcessThatIsSilentOnANewConnectionSaysHung) {
  // Stopped before the watcher came, or after the old connection was lost.
  fake_.reply = [](const std::string&) {
    return Reply{};
  };
  watch(50ms);
  EXPECT_EQ(told(1), not_up(ProcessState::hung, silence("50ms")));
}

TEST_F(WatcherTest, OfAHungProcessTriesANewConnectionAfterAWhile) {
  fake_.reply = [](const std::string&) {
    return Reply{};
  };
  watch(20ms);
  EXPECT_EQ(told(1).state, ProcessState::hung);
  ASSERT_TRUE(run_until(io_, [this] { return fake_.connections >= 2; }));
  fake_.reply = nullptr;
  ASSERT_TRUE(run_until(io_, [this] { return told_.size() >= 2; }));
  EXPECT_EQ(told_[1], up(100));
}

TEST_F(WatcherTest, OfAPeerThatClosesEachConnectionSaysHung) {
  fake_.hang_up = true;
  fake_.reply = [](const std::string&) {
    return Reply{""};
  };
  watch(50ms);
  EXPECT_EQ(told(1),
            not_up(ProcessState::hung, path_ + " closes each connection without an answer"));
}

TEST_F(WatcherTest, OfSomethingElseThanHaproxySaysSo) {
  fake_.reply = [](const std::string&) {
    return Reply{"220 mail.example.org ESMTP\r\n\n> "};
  };
  watch();
  EXPECT_EQ(told(1),
            not_up(ProcessState::unknown,
                   path_ + ": `show info` was answered by \"220 mail.example.org ESMTP\""));
}

TEST_F(WatcherTest, OfATableItCannotReadSaysSoAndRecovers) {
  watch();
  EXPECT_EQ(told(1), up(100));
  fake_.reply = [this](const std::string& command) {
    return Reply{command.starts_with("show stat") ? "# pxname,\n\n> "
                                                  : fake_.well_behaved(command)};
  };
  EXPECT_EQ(told(2), not_up(ProcessState::unknown, path_ + ": a table has no column named svname"));
  fake_.reply = nullptr;
  EXPECT_EQ(told(3), up(100));
}

TEST_F(WatcherTest, OfAPeerThatTalksUnaskedSaysSoAndRecovers) {
  watch();
  EXPECT_EQ(told(1), up(100));
  fake_.say("hello\n");
  EXPECT_EQ(told(2).state, ProcessState::unknown);
  EXPECT_EQ(told(3), up(100));
}

TEST_F(WatcherTest, CancelledBeforeItBeganEnds) {
  watch();
  group_.cancel();
  EXPECT_TRUE(run_until(io_, [this] { return group_.running().empty(); }));
  EXPECT_EQ(told_, std::vector<Facts>{});
}

TEST_F(WatcherTest, CancelledWhileItWaitsForAnAnswerEnds) {
  fake_.reply = [](const std::string&) {
    return Reply{};
  };
  watch();
  let_it_ask(1);
  group_.cancel();
  EXPECT_TRUE(run_until(io_, [this] { return group_.running().empty(); }));
}

TEST_F(WatcherTest, CancelledWhileNobodyListensEnds) {
  fake_.stop();
  watch();
  EXPECT_EQ(told(1).state, ProcessState::down);
  group_.cancel();
  EXPECT_TRUE(run_until(io_, [this] { return group_.running().empty(); }));
}

}  // namespace
}  // namespace havip::haproxy
