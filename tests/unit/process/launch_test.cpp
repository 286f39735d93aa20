// SPDX-License-Identifier: Apache-2.0
#include "sidecar/process/launch.hpp"

#include "tests/unit/process/program_fixture.hpp"

#include <pwd.h>

#include <csignal>
#include <span>
#include <string_view>

namespace havip::process {
namespace {

/// This test program is its own launcher, as havip is: started with the launch word it becomes the
/// command before gtest has a say.
[[gnu::constructor]] void become_launcher(int argc, char** argv, char** /*environment*/) {
  const std::span<char*> words{argv, static_cast<std::size_t>(argc)};
  if (argc > 1 && std::string_view{words[1]} == launch_word) {
    const std::vector<std::string> arguments(words.begin() + 2, words.end());
    ::_exit(launch(arguments));
  }
}

class ALaunchedProgram : public ProgramTest {
protected:
  Outcome launched(std::vector<std::string> command) {
    return outcome_of(std::move(command), std::chrono::seconds{30}, own_program);
  }

  std::string said_by(const std::string& script) { return launched(shell(script)).text; }

  /// Of the process itself.
  std::string status_of(const std::string& field) {
    return said_by("sed -n 's/^" + field + ":[[:space:]]*//p' /proc/self/status");
  }
};

TEST_F(ALaunchedProgram, IsRunWithItsArguments) {
  EXPECT_EQ(
      launched(shell("echo one \"$1\"; exit 3")),
      (Outcome{.end = End::exited, .number = 3, .limit = std::chrono::seconds{30}, .text = "one"}));
  EXPECT_EQ(launched({"/bin/echo", "--", "exec", "two  words"}).text, "-- exec two words");
}

TEST_F(ALaunchedProgram, ThatCannotBeStartedSaysWhy) {
  EXPECT_EQ(describe(launched({"/nowhere/check"})), "cannot be run: /nowhere/check does not exist");
  EXPECT_EQ(describe(launched({"/etc/passwd"})), "cannot be run: /etc/passwd is not executable");
}

TEST_F(ALaunchedProgram, IsNotTheLauncherWhenItEndsLikeOne) {
  EXPECT_EQ(describe(launched(shell("exit 126"))), "exit status 126");
}

TEST_F(ALaunchedProgram, HasNoRightsAndNoWayToGetAny) {
  EXPECT_EQ(status_of("CapEff"), "0000000000000000");
  EXPECT_EQ(status_of("CapPrm"), "0000000000000000");
  EXPECT_EQ(status_of("CapAmb"), "0000000000000000");
  EXPECT_EQ(status_of("NoNewPrivs"), "1");
}

TEST_F(ALaunchedProgram, IsNotRoot) {
  if (::geteuid() == 0) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread.
    const std::string expected = ::getpwnam("_havip") != nullptr ? "_havip" : "nobody";
    EXPECT_EQ(said_by("id -un; echo $USER"), expected + " " + expected);
    EXPECT_EQ(said_by("id -G | tr ' ' '\\n' | grep -cx 0 || true"), "0");
  } else {
    EXPECT_EQ(said_by("id -u"), std::to_string(::geteuid()));
  }
}

TEST_F(ALaunchedProgram, HasTheSignalsOfANewLogin) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);  // as havip does

  // The C library keeps 32 and 33 to itself: nobody can set them, and nobody sends them.
  constexpr auto internal = 3ULL << 31U;
  EXPECT_EQ(std::stoull(status_of("SigIgn"), nullptr, 16) & ~internal, 0U);
  EXPECT_EQ(status_of("SigBlk"), "0000000000000000");

  std::signal(SIGPIPE, before);
}

TEST_F(ALaunchedProgram, HasNotTheLimitsOfTheElection) {
  EXPECT_EQ(said_by("ulimit -r"), "0");
  EXPECT_EQ(said_by("cat /proc/self/oom_score_adj"), "0");
}

TEST_F(ALaunchedProgram, LeadsItsGroupInTheRootFolder) {
  // Fields of stat(5): pid, then behind the name state, parent, group, session.
  EXPECT_EQ(said_by("read pid name state parent group session rest </proc/$$/stat;"
                    "[ $pid = $group ] && [ $pid = $session ] && pwd"),
            "/");
}

TEST_F(ALaunchedProgram, HasNoDescriptorsButTheThreeOfEverybody) {
  EXPECT_EQ(launched({"/bin/ls", "/proc/self/fd"}).text, "0 1 2 3");
}

TEST_F(ALaunchedProgram, IsNotRunWhenItsDaemonIsGone) {
  // Its parent is this test, and not process 1.
  EXPECT_EQ(describe(outcome_of({own_program, launch_word, "1", "--", "/bin/echo", "ran"})),
            R"(exit status 126: "havip is gone")");
}

TEST_F(ALaunchedProgram, NeedsAName) {
  EXPECT_EQ(describe(outcome_of({own_program, launch_word})),
            R"(exit status 126: "havip exec is how havip run starts programs; nothing else may")");
}

}  // namespace
}  // namespace havip::process
