// SPDX-License-Identifier: Apache-2.0
// The watcher of something that answers as it should not: each way is a named state, none makes it
// use much memory, and none is worse than not being answered.
#include "tests/unit/haproxy/watcher_fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;
using Reply = std::optional<std::string>;

struct Attack {
  const char* name;
  std::function<std::string(const std::string& honest)> on_info;  ///< instead of `show info`'s
  ProcessState state;
  const char* says;
};

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest looks for this name.
void PrintTo(const Attack& attack, std::ostream* out) {
  *out << attack.name;
}

/// Replaces `what` in an honest answer.
std::string with(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

const Attack attacks[]{
    {"Truncated",
     [](const std::string& honest) { return honest.substr(0, honest.size() / 2); },
     ProcessState::hung,
     "no answer within"},
    {"EmptyAnswer",
     [](const std::string&) { return "\n> "; },
     ProcessState::unknown,
     "`show info`"},
    {"Endless",
     [](const std::string&) { return std::string(40'000'000, 'x'); },
     ProcessState::unknown,
     "longer than"},
    {"LineOfTenMegabytes",
     [](const std::string& honest) {
       return with(honest, "Version: 2.6.12", "Version: " + std::string(10'000'000, 'v'));
     },
     ProcessState::unknown,
     "strange line"},
    {"Binary",
     [](const std::string&) { return std::string("\x7f\x45LF\0\xff\n> ", 9); },
     ProcessState::unknown,
     "not text"},
    {"BinaryWithoutZeros",
     [](const std::string&) { return std::string("\x7f\x45LF\xff\xfe\n> "); },
     ProcessState::unknown,
     "answered by"},
    {"TwoAnswers",
     [](const std::string& honest) { return honest + honest; },
     ProcessState::unknown,
     "more than one answer"},
    {"PromptInAValue",
     [](const std::string& honest) { return with(honest, "2.6.12", "2.6\n> .12"); },
     ProcessState::unknown,
     "more than one answer"},
    {"AnswerToSomethingElse",
     [](const std::string&) { return "# pxname,svname,\nweb,BACKEND,\n\n> "; },
     ProcessState::unknown,
     "answered by"},
    {"NegativePid",
     [](const std::string& honest) { return with(honest, "Pid: 100", "Pid: -1"); },
     ProcessState::unknown,
     "strange line: Pid: -1"},
    {"EscapeSequences",
     [](const std::string& honest) { return with(honest, "2.6.12", "\x1b[2J"); },
     ProcessState::unknown,
     "Version: ?[2J"},
    {"PasswordPrompt",
     [](const std::string&) { return "Permission denied\n\n> "; },
     ProcessState::unknown,
     "Permission denied"},
};

class HostileAnswer : public WatcherFixture, public testing::WithParamInterface<Attack> {};

TEST_P(HostileAnswer, IsANamedStateAndForgottenOnceItIsOver) {
  watch({.interval = 5ms, .timeout = 300ms});
  ASSERT_TRUE(wait_for([](const Facts& facts) { return facts.state == ProcessState::up; }));
  fake_.reply = [this](const std::string& command) {
    const auto honest = fake_.well_behaved(command);
    return Reply{command == "show info" ? GetParam().on_info(honest) : honest};
  };
  ASSERT_TRUE(wait_for([](const Facts& facts) { return facts.state == GetParam().state; }));
  EXPECT_NE(told_.back().detail.find(GetParam().says), std::string::npos) << told_.back().detail;
  EXPECT_LT(told_.back().detail.size(), 300U);
  fake_.reply = nullptr;
  fake_.drop_connections();
  EXPECT_TRUE(wait_for([](const Facts& facts) { return facts.state == ProcessState::up; }));
}

INSTANTIATE_TEST_SUITE_P(Each, HostileAnswer, testing::ValuesIn(attacks), [](const auto& attack) {
  return std::string{attack.param.name};
});

}  // namespace
}  // namespace havip::haproxy
