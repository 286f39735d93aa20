// SPDX-License-Identifier: Apache-2.0
#include "haproxy/client.hpp"

#include "haproxy/error.hpp"
#include "sidecar/async/task_group.hpp"
#include "tests/unit/haproxy/fake_haproxy.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;
using Reply = std::optional<std::string>;

/// Longer than a loaded machine needs, shorter than the patience of run_until().
constexpr auto ample = 10s;

/// A client connected to a fake HAProxy on one io_context.
class ClientTest : public testing::Test {
protected:
  ClientTest() { client(Client::Settings{.timeout = ample}); }

  void client(Client::Settings settings) {
    client_ = std::make_unique<Client>(io_.get_executor(), settings);
    ASSERT_TRUE(client_->connect(path_));
  }

  /// Runs one operation of the client to its end.
  template <class T>
  Result<T> finish(async::Task<Result<T>> operation) {
    std::optional<Result<T>> result;
    async::TaskGroup group{io_.get_executor()};
    group.spawn("operation", [&]() -> async::Task<> {
      co_await boost::asio::this_coro::throw_if_cancelled(false);
      result = co_await std::move(operation);
    });
    EXPECT_TRUE(run_until(io_, [&] { return result.has_value(); }));
    group.cancel();
    EXPECT_TRUE(run_until(io_, [&] { return group.running().empty(); }));
    return *result;
  }

  boost::asio::io_context io_{1};
  TemporaryDirectory directory_;
  std::string path_ = directory_.file("s");
  FakeHaproxy fake_{io_, path_};
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, AskedSeveralThingsInTurnGivesTheirAnswers) {
  EXPECT_EQ(finish(client_->ask("prompt")).value(), "");
  EXPECT_EQ(finish(client_->ask("show info")).value(),
            "Name: HAProxy\nVersion: 2.6.12\nPid: 100\nUptime_sec: 1\nStopping: 0\n"
            "Start_time_sec: 1\n");
  EXPECT_EQ(finish(client_->ask("bogus")).value(), "Unknown command.\n");
  EXPECT_EQ(fake_.commands, (std::vector<std::string>{"prompt", "show info", "bogus"}));
}

TEST_F(ClientTest, WithoutAnAnswerTimesOutAndTakesItLater) {
  client(Client::Settings{.timeout = 5ms});
  fake_.reply = [](const std::string&) {
    return Reply{};
  };
  EXPECT_EQ(finish(client_->ask("show info")).error().code, std::errc::timed_out);
  EXPECT_EQ(finish(client_->late_answer(5ms)).error().code, std::errc::timed_out);

  ASSERT_TRUE(run_until(io_, [&] { return fake_.commands.size() == 1; }));
  fake_.say("late\n\n> ");

  EXPECT_EQ(finish(client_->late_answer(ample)).value(), "late\n");
}

TEST_F(ClientTest, WithAnAnswerThatTricklesCutsItOffAfterTenTimeouts) {
  client(Client::Settings{.timeout = 20ms});
  fake_.reply = [](const std::string&) {
    return Reply{"first"};
  };
  // Each time the client has waited for 10 ms of silence there is another byte.
  async::TaskGroup group{io_.get_executor()};
  group.spawn("trickle", [&]() -> async::Task<> {
    boost::asio::steady_timer timer{io_};
    while (true) {
      timer.expires_after(10ms);
      co_await timer.async_wait(boost::asio::use_awaitable);
      fake_.say("x");
    }
  });
  EXPECT_EQ(finish(client_->ask("show info")).error().code, std::errc::timed_out);
  group.cancel();
  EXPECT_TRUE(run_until(io_, [&] { return group.running().empty(); }));
}

TEST_F(ClientTest, FeelsTheEndBetweenCommandsAtOnce) {
  EXPECT_EQ(finish(client_->ask("prompt")).value(), "");
  fake_.drop_connections();
  EXPECT_EQ(finish(client_->idle(async::monotonic_now() + 1h)).error().code, Fault::closed);
}

TEST_F(ClientTest, IdlesUntilTheMomentGiven) {
  EXPECT_TRUE(finish(client_->idle(async::monotonic_now() + 1ms)));
}

TEST_F(ClientTest, FeelsTheEndInTheMiddleOfAnAnswer) {
  fake_.reply = [](const std::string&) {
    return Reply{"Name: HAPr"};
  };
  fake_.hang_up = true;
  EXPECT_EQ(finish(client_->ask("show info")).error().code, Fault::closed);
}

TEST_F(ClientTest, OnAnEndlessAnswerStopsAtItsLimit) {
  client(Client::Settings{.timeout = ample, .largest_answer = 100'000});
  fake_.reply = [](const std::string&) {
    return Reply{std::string(1'000'000, 'x')};
  };
  EXPECT_EQ(finish(client_->ask("show info")).error(),
            fault(Fault::too_long, "an answer is longer than 100000 bytes"));
}

TEST_F(ClientTest, OnBinaryDataNamesIt) {
  fake_.reply = [](const std::string&) {
    return Reply{std::string("\x7f\x45LF\0\x01\n> ", 9)};
  };
  EXPECT_EQ(finish(client_->ask("show info")).error().code, Fault::not_text);
}

TEST_F(ClientTest, ToldSomethingBetweenCommandsNamesIt) {
  EXPECT_EQ(finish(client_->ask("prompt")).value(), "");
  fake_.say("hello\n");
  EXPECT_EQ(finish(client_->idle(async::monotonic_now() + 1h)).error(),
            fault(Fault::not_asked, "said without being asked: \"hello\""));
}

TEST_F(ClientTest, AnsweredBeforeItAskedNamesIt) {
  EXPECT_EQ(finish(client_->ask("prompt")).value(), "");
  fake_.say("\n> ");
  EXPECT_EQ(finish(client_->ask("show info")).error().code, Fault::not_asked);
  EXPECT_EQ(fake_.commands, std::vector<std::string>{"prompt"});  // the second was not sent
}

TEST_F(ClientTest, CancelledWhileItWaitsSaysSo) {
  fake_.reply = [](const std::string&) {
    return Reply{};
  };
  std::vector<std::error_code> errors;
  async::TaskGroup group{io_.get_executor()};
  group.spawn("asker", [&]() -> async::Task<> {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    const auto answer = co_await client_->ask("show info");
    errors.push_back(answer.error().code);
  });
  ASSERT_TRUE(run_until(io_, [&] { return fake_.commands.size() == 1; }));
  group.cancel();
  EXPECT_TRUE(run_until(io_, [&] { return group.running().empty(); }));
  EXPECT_EQ(errors, std::vector{std::make_error_code(std::errc::operation_canceled)});
}

TEST_F(ClientTest, ConnectingToNobodyNamesTheReason) {
  fake_.stop();
  EXPECT_EQ(client_->connect(path_).error().code, std::errc::connection_refused);
  EXPECT_EQ(client_->connect(path_ + "x").error().code, std::errc::no_such_file_or_directory);
  EXPECT_EQ(client_->connect(std::string(108, 'x')).error().code, std::errc::filename_too_long);
}

TEST_F(ClientTest, ConnectingWithoutTheRightIsDenied) {
  ASSERT_EQ(::chmod(path_.c_str(), 0), 0);
  const auto previous = ::setfsuid(65534);  // root would be let in; this thread is nobody for now
  const auto connected = client_->connect(path_);
  ::setfsuid(static_cast<::uid_t>(previous));
  EXPECT_EQ(connected.error().code, std::errc::permission_denied);
}

TEST_F(ClientTest, ConnectingToAFullQueueFailsInsteadOfWaiting) {
  const auto path = directory_.file("full");
  boost::asio::local::stream_protocol::acceptor nobody{io_};
  nobody.open();
  nobody.bind(path);
  nobody.listen(1);  // the kernel makes room for one more than that
  std::vector<Result<>> results;
  std::vector<std::unique_ptr<Client>> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(
        std::make_unique<Client>(io_.get_executor(), Client::Settings{.timeout = ample}));
    results.push_back(others.back()->connect(path));
  }
  EXPECT_TRUE(results[0]);
  EXPECT_TRUE(results[1]);
  EXPECT_EQ(results[2].error().code, std::errc::resource_unavailable_try_again);
}

}  // namespace
}  // namespace havip::haproxy
