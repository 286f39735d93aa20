// SPDX-License-Identifier: Apache-2.0
#include "haproxy/process_watch.hpp"

#include "tests/unit/haproxy/fake_haproxy.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace havip::haproxy {
namespace {

/// A procfs of files.
class ProcessWatchTest : public testing::Test {
protected:
  struct Process {
    int pid = 0;
    int parent = 1;
    std::string name = "haproxy";
    char state = 'S';
    int started = 0;
    int switches = 0;
  };

  void put(const Process& process) {
    const auto folder = directory_.file(std::to_string(process.pid));
    const auto task = folder + "/task/" + std::to_string(process.pid);
    std::filesystem::create_directories(task);
    std::ofstream stat{folder + "/stat"};
    stat << process.pid << " (" << process.name << ") " << process.state << ' ' << process.parent;
    for (int field = 5; field < 22; ++field) {  // proc(5): 22 is the start time
      stat << " 0";
    }
    stat << ' ' << process.started << " 0 0\n";
    std::ofstream{task + "/status"} << "Name:\t" << process.name << "\nvoluntary_ctxt_switches:\t"
                                    << process.switches << "\nnonvoluntary_ctxt_switches:\t999\n";
  }

  TemporaryDirectory directory_;
  ProcessWatch watch_{directory_.file("")};
};

TEST_F(ProcessWatchTest, OfAProcessThatWakesUpSeesProgress) {
  put({.pid = 10, .switches = 5});
  watch_.begin(10, 0);
  EXPECT_EQ(watch_.progress(), Progress::none);
  put({.pid = 10, .switches = 6});
  EXPECT_EQ(watch_.progress(), Progress::some);
}

TEST_F(ProcessWatchTest, OfAStoppedProcessSeesNoneWhateverItDidBefore) {
  put({.pid = 10, .switches = 5});
  watch_.begin(10, 0);
  put({.pid = 10, .state = 'T', .switches = 6});
  EXPECT_EQ(watch_.progress(), Progress::none);
}

TEST_F(ProcessWatchTest, OfAMasterWhoseWorkerIsStoppedSeesNone) {
  put({.pid = 10, .started = 1, .switches = 5});
  put({.pid = 11, .parent = 10, .state = 'T', .started = 2, .switches = 5});
  watch_.begin(10, 0);
  put({.pid = 10, .started = 1, .switches = 6});
  EXPECT_EQ(watch_.progress(), Progress::none);
}

TEST_F(ProcessWatchTest, AfterAReloadJudgesTheNewWorkerThoughItKnowsTheOldOne) {
  put({.pid = 10, .started = 1});
  put({.pid = 11, .parent = 10, .started = 2, .switches = 5});
  put({.pid = 12, .parent = 10, .state = 'T', .started = 3, .switches = 5});
  watch_.begin(11, 11);  // since 3.1 the socket stays the first worker's
  put({.pid = 11, .parent = 10, .started = 2, .switches = 6});
  EXPECT_EQ(watch_.progress(), Progress::none);
}

TEST_F(ProcessWatchTest, WhoseListeningProcessHasGoneTakesTheOneThatAnsweredLast) {
  put({.pid = 20, .started = 2, .switches = 5});
  watch_.begin(10, 20);
  put({.pid = 20, .started = 2, .switches = 6});
  EXPECT_EQ(watch_.progress(), Progress::some);
}

TEST_F(ProcessWatchTest, OfAProcessOfAnotherNameOrAnotherOneOfTheSameNumberSeesNothing) {
  put({.pid = 10, .name = "sshd", .switches = 5});
  watch_.begin(10, 0);
  put({.pid = 10, .name = "sshd", .switches = 6});
  EXPECT_EQ(watch_.progress(), Progress::unseen);

  put({.pid = 11, .started = 1, .switches = 5});
  watch_.begin(11, 0);
  put({.pid = 11, .started = 2, .switches = 6});
  EXPECT_EQ(watch_.progress(), Progress::unseen);
}

TEST_F(ProcessWatchTest, WithoutProcfsSeesNothing) {
  watch_.begin(10, 20);
  EXPECT_EQ(watch_.progress(), Progress::unseen);
}

}  // namespace
}  // namespace havip::haproxy
