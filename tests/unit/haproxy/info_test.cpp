// SPDX-License-Identifier: Apache-2.0
#include "haproxy/info.hpp"

#include "haproxy/error.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;

TEST(InfoOfHaproxy26, TellsTheProcess) {
  EXPECT_EQ(read_info("Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nNbthread: 2\nPid: 9559\n"
                      "Uptime: 0d 0h01m39s\nUptime_sec: 99\nStopping: 0\nnode: vm\n"
                      "Build info: 2.6.12-1+deb12u4\nStart_time_sec: 1795360951\nTainted: 0\n")
                .value(),
            (Info{.process = {.pid = 9559, .start_time = 1795360951},
                  .version = "2.6.12-1+deb12u4",
                  .uptime = 99s,
                  .stopping = false}));
}

TEST(InfoOfHaproxy22, HasNoStartTime) {
  EXPECT_EQ(read_info("Name: HAProxy\nVersion: 2.2.0\nPid: 7\n").value(),
            (Info{.process = {.pid = 7}, .version = "2.2.0"}));
}

TEST(InfoWithADescription, IsNotConfusedByIt) {
  EXPECT_EQ(read_info("Name: HAProxy\nVersion: 2.6.12\nPid: 7\ndescription:\n"
                      "description: Pid: none\n")
                .value()
                .process,
            ProcessId{.pid = 7});
}

TEST(InfoAfterAReload, SaysThatTheProcessIsStopping) {
  EXPECT_TRUE(read_info("Name: HAProxy\nVersion: 2.6.12\nPid: 7\nStopping: 1\n").value().stopping);
}

TEST(InfoThatIsAMessage, IsQuoted) {
  EXPECT_EQ(read_info("Unknown command, but maybe one of the following ...\n  help\n").error(),
            fault(Fault::refused,
                  "`show info` was answered by \"Unknown command, but maybe one of the following "
                  "...\""));
  EXPECT_EQ(read_info("").error(), fault(Fault::refused, "`show info` was answered by \"\""));
}

TEST(InfoWithoutPidOrVersion, IsMalformed) {
  const auto missing = fault(Fault::malformed, "`show info` does not tell Pid and Version");
  EXPECT_EQ(read_info("Name: HAProxy\nVersion: 2.6.12\n").error(), missing);
  EXPECT_EQ(read_info("Name: HAProxy\nPid: 7\n").error(), missing);
}

TEST(InfoWithStrangeValues, NamesTheLine) {
  for (const std::string line : {"Pid: 0",
                                 "Pid: -1",
                                 "Pid: 7x",
                                 "Pid: 99999999999999999999",
                                 "Uptime_sec: soon",
                                 "Start_time_sec: ",
                                 "Stopping: 2",
                                 "Version: "}) {
    EXPECT_EQ(read_info("Name: HAProxy\n" + line + "\n").error(),
              fault(Fault::malformed, "`show info` has a strange line: " + line));
  }
  EXPECT_EQ(read_info("Name: HAProxy\nVersion: 2\x1b[0m\n").error(),
            fault(Fault::malformed, "`show info` has a strange line: Version: 2?[0m"));
}

}  // namespace
}  // namespace havip::haproxy
