// SPDX-License-Identifier: Apache-2.0
#include "haproxy/verdict.hpp"

#include "haproxy/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;

constexpr Instant t0{};
using Told = std::optional<Facts>;

const Backend well{"web", true, 2, 2, 1.0};
const Backend half{"web", true, 1, 2, 0.5};

Info process(int pid, std::chrono::seconds uptime = 0s) {
  return {.process = {.pid = pid, .start_time = 1000 + pid}, .version = "2.6.12", .uptime = uptime};
}

Facts up(int pid, std::vector<Backend> backends, std::chrono::seconds uptime = 0s) {
  Facts facts;
  facts.state = ProcessState::up;
  facts.pid = pid;
  facts.version = "2.6.12";
  facts.uptime = uptime;
  facts.backends = std::move(backends);
  return facts;
}

Facts not_up(ProcessState state, std::string detail) {
  Facts facts;
  facts.state = state;
  facts.detail = std::move(detail);
  return facts;
}

Error said_by_the_system(int number) {
  return errno_error(number, "connect");
}

const Error no_answer{std::make_error_code(std::errc::timed_out), "no answer in time"};
const Error lost = fault(Fault::closed, "HAProxy closed the connection");
const Error leaving = fault(Fault::stopping, "process 7 is stopping");
constexpr auto is_silent =
    "connected to S, but no answer within 1s: the process is stopped or stuck, or all its slots "
    "(stats maxconn) are taken";

/// hung, as it is told after process 7 was up.
Facts hung(std::string detail) {
  auto facts = not_up(ProcessState::hung, std::move(detail));
  facts.pid = 7;
  facts.version = "2.6.12";
  return facts;
}

Verdict fresh() {
  return Verdict{{.socket = "S", .timeout = 1s, .hold = 5s}};
}

Verdict believing_in_process_7() {
  auto verdict = fresh();
  EXPECT_EQ(verdict.reading(process(7), {well}, 0, t0), Told{up(7, {well})});
  return verdict;
}

TEST(VerdictOnTheFirstReading, TellsIt) {
  believing_in_process_7();
}

TEST(VerdictOnAReadingWithoutNews, IsSilentButKeepsTheUptime) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.reading(process(7, 3s), {well}, 0, t0 + 3s), Told{});
  EXPECT_EQ(verdict.latest(), up(7, {well}, 3s));
}

TEST(VerdictOnAChangedBackend, TellsIt) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.reading(process(7, 3s), {half}, 0, t0 + 3s), Told{up(7, {half}, 3s)});
}

TEST(VerdictOnARefusedConnection, IsDownAtOnce) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.failure(lost, t0), Told{});
  EXPECT_EQ(verdict.failure(said_by_the_system(ECONNREFUSED), t0 + 1ms),
            Told{not_up(ProcessState::down, "nobody listens on S")});
  EXPECT_EQ(verdict.failure(said_by_the_system(ECONNREFUSED), t0 + 11ms), Told{});
}

TEST(VerdictOnAMissingSocket, IsDownAtOnce) {
  EXPECT_EQ(fresh().failure(said_by_the_system(ENOENT), t0),
            Told{not_up(ProcessState::down, "there is no socket S")});
}

TEST(VerdictOnMissingRights, IsUnknownAndNamesTheCure) {
  EXPECT_EQ(fresh().failure(said_by_the_system(EACCES), t0),
            Told{not_up(ProcessState::unknown,
                        "permission denied on S: add the user of havip to the group haproxy")});
}

TEST(VerdictOnSomethingThatIsNotHaproxy, IsUnknownAndSaysWhy) {
  EXPECT_EQ(fresh().failure(fault(Fault::not_text, "an answer is not text"), t0),
            Told{not_up(ProcessState::unknown, "S: an answer is not text")});
  EXPECT_EQ(fresh().failure(said_by_the_system(EMFILE), t0),
            Told{not_up(ProcessState::unknown, "S: connect: Too many open files")});
}

TEST(VerdictOnSilence, IsHungAndStillNamesTheProcess) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.failure(no_answer, t0 + 1s), Told{hung(is_silent)});
  EXPECT_EQ(verdict.failure(no_answer, t0 + 6s), Told{});
}

TEST(VerdictOnSilenceFromTheBeginning, IsHung) {
  EXPECT_EQ(fresh().failure(no_answer, t0 + 1s), Told{not_up(ProcessState::hung, is_silent)});
}

TEST(VerdictOnALateAnswer, IsUpAgain) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.failure(no_answer, t0 + 1s), Told{hung(is_silent)});
  EXPECT_EQ(verdict.reading(process(7), {well}, 0, t0 + 2s), Told{up(7, {well})});
}

TEST(VerdictOnAFullQueue, IsHungOnceItLastsLongerThanTheTimeout) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.failure(lost, t0), Told{});
  EXPECT_EQ(verdict.failure(said_by_the_system(EAGAIN), t0 + 999ms), Told{});
  EXPECT_EQ(verdict.failure(said_by_the_system(EAGAIN), t0 + 1s),
            Told{hung("nobody takes connections from the queue of S: the process is stopped or "
                      "stuck, or all its slots (stats maxconn) are taken")});
}

TEST(VerdictOnConnectionsThatAreClosedUnanswered, IsHungOnceItLasts) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.failure(lost, t0), Told{});
  EXPECT_EQ(verdict.failure(lost, t0 + 1s),
            Told{hung("S closes each connection without an answer")});
}

TEST(VerdictOnLostConnectionsWithAnswersBetween, StaysUp) {
  auto verdict = believing_in_process_7();
  for (auto now = t0; now < t0 + 10s; now += 900ms) {  // each loss is a new one
    EXPECT_EQ(verdict.failure(lost, now), Told{});
    EXPECT_EQ(verdict.reading(process(7), {well}, 0, now + 1ms), Told{});
  }
}

TEST(VerdictOnAReload, GoesFromOneProcessToTheNextWithoutAnythingBetween) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.failure(leaving, t0), Told{});
  EXPECT_EQ(verdict.reading(process(8), {well}, 2, t0 + 50ms), Told{});  // nothing checked yet
  EXPECT_EQ(verdict.reading(process(8), {half}, 1, t0 + 250ms), Told{});
  EXPECT_EQ(verdict.reading(process(8), {half}, 0, t0 + 450ms), Told{up(8, {half})});
}

TEST(VerdictOnAReloadWithChecksThatNeverEnd, WaitsForAtMostTheHold) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.reading(process(8), {half}, 1, t0), Told{});
  EXPECT_EQ(verdict.reading(process(8), {half}, 1, t0 + 4999ms), Told{});
  EXPECT_EQ(verdict.reading(process(8), {half}, 1, t0 + 5s), Told{up(8, {half})});
  // From here on it is believed, whatever is unchecked.
  EXPECT_EQ(verdict.reading(process(8), {well}, 1, t0 + 6s), Told{up(8, {well})});
}

TEST(VerdictInAStormOfReloads, DoesNotHoldForever) {
  auto verdict = believing_in_process_7();
  for (int second = 0; second < 5; ++second) {
    EXPECT_EQ(verdict.reading(process(8 + second), {half}, 1, t0 + std::chrono::seconds{second}),
              Told{});
  }
  EXPECT_EQ(verdict.reading(process(13), {half}, 1, t0 + 5s), Told{up(13, {half})});
}

TEST(VerdictOnAServerThatIsNewInAKnownProcess, DoesNotHold) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.reading(process(7), {half}, 1, t0 + 1s), Told{up(7, {half})});
}

TEST(VerdictOnAFreshProcessFromTheBeginning, IsUnknownUntilItsChecksAreIn) {
  auto verdict = fresh();
  EXPECT_EQ(verdict.reading(process(7), {well}, 2, t0),
            Told{not_up(ProcessState::unknown,
                        "process 7 has started; its first health checks are under way")});
  EXPECT_EQ(verdict.reading(process(7), {half}, 0, t0 + 1s), Told{up(7, {half})});
}

TEST(VerdictOnAProcessThatIsBack, IsDownUntilItsChecksAreIn) {
  auto verdict = fresh();
  EXPECT_TRUE(verdict.failure(said_by_the_system(ECONNREFUSED), t0));
  EXPECT_EQ(verdict.reading(process(8), {well}, 2, t0 + 1s),
            Told{not_up(ProcessState::down,
                        "process 8 has started; its first health checks are under way")});
  EXPECT_EQ(verdict.reading(process(8), {well}, 0, t0 + 2s), Told{up(8, {well})});
}

TEST(VerdictOnAProcessThatIsBackWithoutChecks, IsUpAtOnce) {
  auto verdict = fresh();
  EXPECT_TRUE(verdict.failure(said_by_the_system(ENOENT), t0));
  EXPECT_EQ(verdict.reading(process(8), {well}, 0, t0 + 1s), Told{up(8, {well})});
}

TEST(VerdictOnAGracefulStop, IsDownOnceTheSameProcessHasSaidItAgain) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.failure(leaving, t0), Told{});
  EXPECT_EQ(verdict.failure(leaving, t0 + 499ms), Told{});
  // A half of the second that a stop may take to be known.
  EXPECT_EQ(verdict.failure(leaving, t0 + 500ms),
            Told{not_up(ProcessState::down, "process 7 is stopping, and no other has taken over")});
}

TEST(VerdictOnAGracefulStopOfDifferentProcesses, WaitsForTheWholeSecond) {
  auto verdict = believing_in_process_7();
  EXPECT_EQ(verdict.failure(leaving, t0), Told{});
  EXPECT_EQ(verdict.failure(fault(Fault::stopping, "process 8 is stopping"), t0 + 600ms), Told{});
  EXPECT_TRUE(verdict.failure(fault(Fault::stopping, "process 9 is stopping"), t0 + 1s));
}

TEST(VerdictOnAGracefulStopWithALongTimeout, DoesNotWaitForThat) {
  Verdict verdict{{.socket = "S", .timeout = 30s, .hold = 5s}};
  EXPECT_TRUE(verdict.reading(process(7), {well}, 0, t0));
  EXPECT_EQ(verdict.failure(leaving, t0), Told{});
  EXPECT_TRUE(verdict.failure(leaving, t0 + 500ms));
}

TEST(VerdictOnSilenceOfAProcessThatWorks, IsUnknownForItHasNoSlot) {
  const auto no_slot = not_up(
      ProcessState::unknown, "all slots of S are taken while HAProxy works: raise `stats maxconn`");
  EXPECT_EQ(fresh().failure(no_answer, t0 + 1s, Progress::some), Told{no_slot});
  EXPECT_EQ(fresh().failure(no_answer, t0 + 1s, Progress::none),
            Told{not_up(ProcessState::hung, is_silent)});
  auto verdict = fresh();
  EXPECT_EQ(verdict.failure(said_by_the_system(EAGAIN), t0, Progress::some), Told{});
  EXPECT_EQ(verdict.failure(said_by_the_system(EAGAIN), t0 + 1s, Progress::some), Told{no_slot});
}

TEST(VerdictOnAnotherSource, TellsItOnceAndWithAllThatFollows) {
  auto verdict = fresh();
  EXPECT_EQ(verdict.source(Source::poll, "not attached"), Told{});  // nothing is known yet
  auto expected = up(7, {well});
  expected.source_reason = "not attached";
  EXPECT_EQ(verdict.reading(process(7), {well}, 0, t0), Told{expected});
  expected.source = Source::events;
  expected.source_reason = "ring";
  EXPECT_EQ(verdict.source(Source::events, "ring"), Told{expected});
  EXPECT_EQ(verdict.source(Source::events, "ring"), Told{});
  EXPECT_EQ(verdict.reading(process(7), {well}, 0, t0 + 1s), Told{});
}

}  // namespace
}  // namespace havip::haproxy
