// SPDX-License-Identifier: Apache-2.0
#include "sidecar/process/outcome.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace havip::process {
namespace {

using namespace std::chrono_literals;

TEST(AnOutcome, SaysHowTheProgramEnded) {
  EXPECT_EQ(describe({.end = End::exited, .number = 2, .text = "disk full"}),
            R"(exit status 2: "disk full")");
  EXPECT_EQ(describe({.end = End::exited, .number = 0}), "exit status 0");
  EXPECT_EQ(describe({.end = End::signalled, .number = 9}), "ended by SIGKILL");
  EXPECT_EQ(describe({.end = End::signalled, .number = 1234}), "ended by 1234");
  EXPECT_EQ(describe({.end = End::timed_out, .limit = 1s}), "no end within 1s");
  EXPECT_EQ(describe({.end = End::timed_out, .limit = 1500ms, .text = "asking"}),
            R"(no end within 1500ms: "asking")");
  EXPECT_EQ(describe({.end = End::cancelled}), "stopped");
  EXPECT_EQ(describe({.end = End::not_started, .text = "/x/y does not exist"}),
            "cannot be run: /x/y does not exist");
  EXPECT_EQ(describe({.end = End::stuck}),
            "cannot be run: the run before was killed and has not ended yet");
}

TEST(OnlyAnExitWithZero, IsASuccess) {
  EXPECT_TRUE((Outcome{.end = End::exited, .number = 0}.is_success()));
  EXPECT_FALSE((Outcome{.end = End::exited, .number = 1}.is_success()));
  for (const auto end :
       {End::signalled, End::timed_out, End::cancelled, End::not_started, End::stuck}) {
    EXPECT_FALSE((Outcome{.end = end, .number = 0}.is_success()));
  }
}

TEST(Output, BecomesOnePrintableLine) {
  EXPECT_EQ(printable("\n  all\r\n\tis  well\n\n"), "all is well");
  EXPECT_EQ(printable(R"(say "no")"), "say 'no'");
  EXPECT_EQ(printable(std::string{"a\0b\x1b[31m\xff\x7f", 10}), "a?b?[31m??");
  EXPECT_EQ(printable(" \n"), "");
  EXPECT_EQ(printable(""), "");
}

}  // namespace
}  // namespace havip::process
