// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task_group.hpp"
#include "sidecar/async/wait.hpp"
#include "sidecar/async/with_timeout.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace havip::async {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;
using Strings = std::vector<std::string>;

/// Much longer than any test may take: who waits for this was not stopped.
constexpr auto forever = 1h;

/// Runs `body` to its end and throws what it threw. Anything left over in the io_context after
/// the body has ended is run too, so a leak of work shows as a hanging test.
template <class Body>
void run(Body body) {
  asio::io_context io{1};
  std::exception_ptr failure;
  asio::co_spawn(
      io, [&]() -> Task<> { co_await body(io); }, [&](std::exception_ptr e) { failure = e; });
  io.run();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

Task<> wait_for(std::chrono::steady_clock::duration duration) {
  asio::steady_timer timer{co_await asio::this_coro::executor, duration};
  co_await timer.async_wait(asio::use_awaitable);
}

Task<Result<int>> answer_after(std::chrono::steady_clock::duration duration, int value) {
  co_await wait_for(duration);
  co_return value;
}

/// Lets everything run that is ready.
Task<> turn() {
  co_await wait_for(0s);
}

TEST(TaskGroupOfTasksThatEnd, JoinsWhenTheLastHasEnded) {
  Strings log;
  run([&](asio::io_context& io) -> Task<> {
    TaskGroup group{io.get_executor()};
    group.spawn("long", [&]() -> Task<> {
      co_await wait_for(2ms);
      log.emplace_back("long");
    });
    group.spawn("short", [&]() -> Task<> {
      log.emplace_back("short");
      co_return;
    });
    EXPECT_EQ(group.running(), (Strings{"long", "short"}));
    co_await group.join();
    EXPECT_EQ(group.running(), Strings{});
    log.emplace_back("joined");
  });
  EXPECT_EQ(log, (Strings{"short", "long", "joined"}));
}

TEST(TaskGroupCancelled, WaitsForTheCleanUpOfItsTasks) {
  Strings log;
  run([&](asio::io_context& io) -> Task<> {
    TaskGroup group{io.get_executor()};
    group.spawn("worker", [&]() -> Task<> {
      try {
        co_await wait_for(forever);
      } catch (const boost::system::system_error& stopped) {
        log.emplace_back(stopped.code() == asio::error::operation_aborted ? "aborted" : "failed");
      }
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      co_await wait_for(1ms);
      log.emplace_back("cleaned up");
    });
    co_await turn();
    group.cancel();
    co_await group.join();
    log.emplace_back("joined");
  });
  EXPECT_EQ(log, (Strings{"aborted", "cleaned up", "joined"}));
}

TEST(TaskGroupCancelled, StopsTasksThatHadNoTurnYetAndLaterOnes) {
  run([](asio::io_context& io) -> Task<> {
    TaskGroup group{io.get_executor()};
    group.spawn("before", []() -> Task<> { co_await wait_for(forever); });
    group.cancel();
    group.spawn("after", []() -> Task<> { co_await wait_for(forever); });
    co_await group.join();  // returns without an exception: stopping is no failure
  });
}

TEST(TaskGroupCancelledFromOutside, SurvivesATaskThatEndsAtThatMoment) {
  asio::io_context io{1};
  TaskGroup group{io.get_executor()};
  bool ended = false;
  group.spawn("short", [&]() -> Task<> {
    ended = true;
    co_return;
  });
  while (!ended) {
    io.run_one();
  }
  group.cancel();  // the task is over, but the group has not heard of it
  io.run();
  EXPECT_EQ(group.running(), Strings{});
}

TEST(TaskGroupWithAFailingTask, StopsTheOthersAndThrowsTheFirstFailure) {
  std::string thrown;
  run([&](asio::io_context& io) -> Task<> {
    TaskGroup group{io.get_executor()};
    group.spawn("good", []() -> Task<> { co_await wait_for(forever); });
    group.spawn("bad", []() -> Task<> {
      co_await turn();
      throw std::runtime_error{"the first"};
    });
    try {
      co_await group.join();
    } catch (const std::runtime_error& failure) {
      thrown = failure.what();
    }
  });
  EXPECT_EQ(thrown, "the first");
}

TEST(TaskGroupWhoseJoinerIsCancelled, IsCancelledTooAndStillJoined) {
  Strings log;
  run([&](asio::io_context& io) -> Task<> {
    TaskGroup outer{io.get_executor()};
    outer.spawn("joiner", [&]() -> Task<> {
      TaskGroup inner{io.get_executor()};
      inner.spawn("worker", []() -> Task<> { co_await wait_for(forever); });
      co_await inner.join();
      log.emplace_back("inner joined");
    });
    co_await turn();
    outer.cancel();
    co_await outer.join();
  });
  EXPECT_EQ(log, Strings{"inner joined"});
}

TEST(TaskGroupDestroyedWithARunningTask, Aborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        asio::io_context io{1};
        TaskGroup group{io.get_executor()};
        group.spawn("forgotten", []() -> Task<> { co_return; });
      },
      "tasks.empty");
}

TEST(WithTimeout, PassesTheResultOn) {
  run([](asio::io_context&) -> Task<> {
    const auto result = co_await with_timeout(answer_after(0s, 7), forever);
    EXPECT_EQ(result.value(), 7);
  });
}

TEST(WithTimeout, EndsTheOperationBeforeItSaysTimedOut) {
  bool ended = false;
  run([&](asio::io_context&) -> Task<> {
    auto slow = [&]() -> Task<Result<int>> {
      try {
        co_await wait_for(forever);
      } catch (const boost::system::system_error&) {
        ended = true;
      }
      co_return 7;
    };
    const auto result = co_await with_timeout(slow(), 1ms);
    EXPECT_TRUE(ended);
    EXPECT_EQ(result.error().code, std::errc::timed_out);
  });
}

TEST(WithTimeout, ThrowsWhatTheOperationThrowsWithoutWaitingForTheTime) {
  auto broken = []() -> Task<Result<int>> {
    co_await turn();
    throw std::runtime_error{"broken"};
  };
  EXPECT_THROW(run([&](asio::io_context&) -> Task<> { co_await with_timeout(broken(), forever); }),
               std::runtime_error);
}

TEST(WithTimeoutInACancelledTask, DoesNotSayTimedOut) {
  std::optional<boost::system::error_code> seen;
  run([&](asio::io_context& io) -> Task<> {
    TaskGroup group{io.get_executor()};
    group.spawn("worker", [&]() -> Task<> {
      try {
        co_await with_timeout(answer_after(forever, 7), forever);
      } catch (const boost::system::system_error& stopped) {
        seen = stopped.code();
      }
    });
    co_await turn();
    group.cancel();
    co_await group.join();
  });
  EXPECT_EQ(seen, boost::system::error_code{asio::error::operation_aborted});
}

/// Two connected sockets and what waiting on the first of them said.
struct Pair {
  explicit Pair(asio::io_context& io) : ours{io}, theirs{io} {
    asio::local::connect_pair(ours, theirs);
  }

  Socket ours;
  Socket theirs;
};

TEST(WaitReadable, SaysReadableForBytesAndForTheEndOfFile) {
  run([](asio::io_context& io) -> Task<> {
    Pair pair{io};
    std::string two(2, '\0');
    asio::write(pair.theirs, asio::buffer(two));
    EXPECT_EQ(co_await wait_readable(pair.ours, monotonic_now() + forever), Wake::readable);
    pair.ours.receive(asio::buffer(two, 1));
    // One byte is left: readiness is a level, not an edge.
    EXPECT_EQ(co_await wait_readable(pair.ours, monotonic_now() + forever), Wake::readable);
    pair.ours.receive(asio::buffer(two));
    pair.theirs.close();
    EXPECT_EQ(co_await wait_readable(pair.ours, monotonic_now() + forever), Wake::readable);
  });
}

TEST(WaitReadable, SaysDeadlineWhenNothingCame) {
  run([](asio::io_context& io) -> Task<> {
    Pair pair{io};
    EXPECT_EQ(co_await wait_readable(pair.ours, monotonic_now()), Wake::deadline);
  });
}

TEST(WaitReadableInACancelledTask, SaysCancelledAndNeverWaitsAgain) {
  std::vector<Wake> wakes;
  bool slept = true;
  run([&](asio::io_context& io) -> Task<> {
    Pair pair{io};
    TaskGroup group{io.get_executor()};
    group.spawn("waiter", [&]() -> Task<> {
      co_await asio::this_coro::throw_if_cancelled(false);
      wakes.push_back(co_await wait_readable(pair.ours, monotonic_now() + forever));
      wakes.push_back(co_await wait_readable(pair.ours, monotonic_now() + forever));
      slept = co_await sleep_until(monotonic_now() + forever);
    });
    co_await turn();
    group.cancel();
    co_await group.join();
  });
  EXPECT_EQ(wakes, (std::vector{Wake::cancelled, Wake::cancelled}));
  EXPECT_FALSE(slept);
}

}  // namespace
}  // namespace havip::async
