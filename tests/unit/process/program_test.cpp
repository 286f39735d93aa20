// SPDX-License-Identifier: Apache-2.0
#include "sidecar/process/program.hpp"

#include "sidecar/async/wait.hpp"
#include "tests/unit/process/program_fixture.hpp"

#include <signal.h>

#include <cstdlib>
#include <optional>

namespace havip::process {
namespace {

using namespace std::chrono_literals;

/// Long enough for a machine that is busy with other things.
constexpr Duration ample = 30s;

class AProgram : public ProgramTest {
protected:
  /// Waits until the file has a line; the test's own limit bounds it.
  async::Task<std::string> line_of(std::string name) const {
    for (;;) {
      std::ifstream file{path(name)};
      std::string line;
      if (std::getline(file, line) && !file.eof()) {
        co_return line;
      }
      co_await async::sleep_until(async::monotonic_now() + 2ms);
    }
  }

  /// Whether the process is there and no zombie: a killed orphan stays one until init looks.
  static bool lives(const std::string& pid) {
    std::ifstream file{"/proc/" + pid + "/stat"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto at = text.rfind(") ");
    return at != std::string::npos && text.at(at + 2) != 'Z';
  }
};

TEST_F(AProgram, ThatEndsWithZeroIsWell) {
  EXPECT_EQ(outcome_of({"/bin/echo", "all", "is well"}),
            (Outcome{.end = End::exited, .number = 0, .limit = ample, .text = "all is well"}));
}

TEST_F(AProgram, ThatFailsIsKnownByItsStatusAndBothItsOutputs) {
  EXPECT_EQ(outcome_of(shell("echo disk; echo full >&2; exit 2")),
            (Outcome{.end = End::exited, .number = 2, .limit = ample, .text = "disk full"}));
}

TEST_F(AProgram, ThatASignalEndsIsKnownByIt) {
  EXPECT_EQ(outcome_of(shell("kill -9 $$")),
            (Outcome{.end = End::signalled, .number = SIGKILL, .limit = ample, .text = ""}));
}

TEST_F(AProgram, HasNoInput) {
  EXPECT_EQ(outcome_of({"/bin/cat"}), (Outcome{.limit = ample}));
}

TEST_F(AProgram, ThatCannotBeStartedSaysWhy) {
  write("no-program", "not even a script\n", true);
  write("no-interpreter", "#!/nowhere/sh\n", true);
  write("no-permission", "#!/bin/sh\n", false);
  const auto why = [&](const std::string& name) {
    return describe(outcome_of({path(name)}));
  };

  EXPECT_EQ(why("nothing"), "cannot be run: " + path("nothing") + " does not exist");
  EXPECT_EQ(why("no-permission"), "cannot be run: " + path("no-permission") + " is not executable");
  EXPECT_EQ(
      why("no-interpreter"),
      "cannot be run: " + path("no-interpreter") + " names an interpreter that does not exist");
  EXPECT_EQ(why("no-program"),
            "cannot be run: " + path("no-program") +
                " is no program; a script begins with a line such as #!/bin/sh");
}

TEST_F(AProgram, IsToldItsEnvironmentAndNotTheServiceManagers) {
  // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread.
  ::setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
  ::setenv("HAVIP_TEST_REPLACED", "old", 1);
  ::setenv("HAVIP_TEST_KEPT", "kept", 1);
  // NOLINTEND(concurrency-mt-unsafe)
  Program program{{.command = shell("echo $HAVIP_TEST_KEPT $HAVIP_TEST_REPLACED $HAVIP_TEST_NEW "
                                    "${NOTIFY_SOCKET:-none}"),
                   .launcher = {}}};
  Outcome outcome;

  run([&]() -> async::Task<> {
    std::vector<std::string> environment{"HAVIP_TEST_REPLACED=new", "HAVIP_TEST_NEW=two words"};
    outcome = co_await program.run(ample, std::move(environment));
  });

  EXPECT_EQ(outcome.text, "kept new two words none");
}

TEST_F(AProgram, HasNoDescriptorsButTheThreeOfEverybody) {
  // ls itself opens the folder that it lists.
  EXPECT_EQ(outcome_of({"/bin/ls", "/proc/self/fd"}).text, "0 1 2 3");
}

TEST_F(AProgram, ThatWritesWithoutEndIsReadAndForgottenAndEndsInTime) {
  const auto outcome = outcome_of({"/usr/bin/yes"}, 100ms);

  EXPECT_EQ(outcome.end, End::timed_out);
  // "y\n" again and again: 1024 bytes, the last space is not shown.
  EXPECT_EQ(outcome.text.size(), output_kept - 1);
}

TEST_F(AProgram, ThatWritesMoreThanAPipeHoldsIsNotHeldUp) {
  const auto outcome = outcome_of({"/usr/bin/head", "-c", "1000000", "/dev/zero"});

  EXPECT_EQ(outcome, (Outcome{.limit = ample, .text = std::string(output_kept, '?')}));
}

TEST_F(AProgram, WhoseTimeIsUpMayStillSayGoodbye) {
  EXPECT_EQ(
      outcome_of(shell("trap 'echo bye; exit 0' TERM; echo hello; while :; do :; done"), 500ms),
      (Outcome{.end = End::timed_out, .limit = 500ms, .text = "hello bye"}));
}

TEST_F(AProgram, ThatIgnoresTheRequestToEndIsKilled) {
  EXPECT_EQ(outcome_of(shell("trap '' TERM; echo no; while :; do sleep 10; done"), 300ms),
            (Outcome{.end = End::timed_out, .limit = 300ms, .text = "no"}));
}

TEST_F(AProgram, TakesItsChildrenWithItWhenItEnds) {
  const auto outcome = outcome_of(shell("sleep 1000 & echo $!"));

  // It holds the output open: nobody waits for that.
  EXPECT_EQ(outcome.end, End::exited);
  run([&]() -> async::Task<> {
    while (lives(outcome.text)) {
      co_await async::sleep_until(async::monotonic_now() + 2ms);
    }
  });
}

TEST_F(AProgram, IsEndedWhenItsCoroutineIsCancelled) {
  Program program{
      {.command = shell("echo $$ >" + path("pid") + "; exec sleep 1000"), .launcher = {}}};
  std::optional<Outcome> outcome;

  run([&]() -> async::Task<> {
    async::TaskGroup group{co_await boost::asio::this_coro::executor};
    group.spawn("program", [&]() -> async::Task<> {
      std::vector<std::string> none;
      outcome = co_await program.run(ample, std::move(none));
    });
    const auto pid = co_await line_of("pid");
    EXPECT_TRUE(lives(pid));
    group.cancel();
    co_await group.join();
    EXPECT_FALSE(lives(pid));
  });

  EXPECT_EQ(outcome, (Outcome{.end = End::cancelled, .limit = ample}));
}

TEST_F(AProgram, IsNotStartedByACoroutineThatWasCancelled) {
  Program program{{.command = shell("echo >" + path("ran")), .launcher = {}}};
  std::optional<Outcome> outcome;

  run([&]() -> async::Task<> {
    async::TaskGroup group{co_await boost::asio::this_coro::executor};
    group.spawn("program", [&]() -> async::Task<> {
      co_await boost::asio::this_coro::throw_if_cancelled(false);
      co_await async::sleep_until(async::monotonic_now() + 1h);
      std::vector<std::string> none;
      outcome = co_await program.run(ample, std::move(none));
    });
    co_await async::sleep_until(async::monotonic_now());
    group.cancel();
    co_await group.join();
  });

  EXPECT_EQ(outcome, (Outcome{.end = End::cancelled, .limit = ample}));
  EXPECT_FALSE(std::filesystem::exists(path("ran")));
}

TEST_F(AProgram, ThatIsNotEndedYetWhenPatienceIsOverIsReapedBeforeTheNextRun) {
  // Without patience the kill has hardly reached it when the run is over.
  Program program{{.command = shell("trap '' TERM; [ -e " + path("again") +
                                    " ] && exit 7; while :; do sleep 10; done"),
                   .launcher = {},
                   .grace = 0s,
                   .patience = 0s}};
  Outcome first;
  Outcome later;

  run([&]() -> async::Task<> {
    std::vector<std::string> none;
    first = co_await program.run(200ms, none);
    write("again", "", false);
    do {
      later = co_await program.run(ample, none);
    } while (later.end == End::stuck);
  });

  EXPECT_EQ(first, (Outcome{.end = End::timed_out, .limit = 200ms}));
  EXPECT_EQ(later, (Outcome{.end = End::exited, .number = 7, .limit = ample}));
}

TEST_F(AProgram, RunManyTimesBesideOthersLeavesNothingBehind) {
  int well = 0;

  run([&]() -> async::Task<> {
    async::TaskGroup group{co_await boost::asio::this_coro::executor};
    for (int worker = 0; worker < 5; ++worker) {
      group.spawn("worker", [&]() -> async::Task<> {
        Program program{{.command = {"/bin/true"}, .launcher = {}}};
        for (int turn = 0; turn < 10; ++turn) {
          std::vector<std::string> none;
          const auto outcome = co_await program.run(ample, std::move(none));
          well += outcome.is_success() ? 1 : 0;
        }
      });
    }
    co_await group.join();
  });

  EXPECT_EQ(well, 50);  // 5 workers, 10 runs each; TearDown() looks at what is left
}

}  // namespace
}  // namespace havip::process
