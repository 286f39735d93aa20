// SPDX-License-Identifier: Apache-2.0
// The watcher when HAProxy tells of its changes: by a ring, by log lines, or wrongly.
#include "tests/unit/haproxy/watcher_fixture.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::udp;
using Reply = std::optional<std::string>;

constexpr auto by_ring = "ring \"havip\"";

class EventsTest : public WatcherFixture {
protected:
  /// Polling is so rare that what is found out is found out by an event, unless told otherwise.
  void watch_ring(Duration interval = 1h, Duration timeout = 10s) {
    watch({.interval = interval, .timeout = timeout, .ring = "havip"});
  }

  [[nodiscard]] bool wait_for_share(double share) {
    return wait_for([share](const Facts& facts) {
      return !facts.backends.empty() && facts.backends[0].healthy_share == share;
    });
  }

  [[nodiscard]] auto readings() const {
    return std::ranges::count(fake_.commands, "show stat -1 2 -1");
  }

  /// A port that nobody had a moment ago.
  [[nodiscard]] std::uint16_t free_port() {
    const udp::socket socket{io_, udp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
    return socket.local_endpoint().port();
  }

  void watch_log(std::uint16_t port) {
    watch({.interval = 1h,
           .timeout = 10s,
           .log = LogAddress{.address = IpAddress::v4(0x7F000001), .port = port}});
    ASSERT_TRUE(wait_for([](const Facts& facts) { return facts.state == ProcessState::up; }));
  }

  void log_to(std::uint16_t port) {
    sender_.send_to(boost::asio::buffer(std::string(2000, 'x')),
                    udp::endpoint{boost::asio::ip::address_v4::loopback(), port});
  }

  udp::socket sender_{io_, udp::endpoint{udp::v4(), 0}};
};

TEST_F(EventsTest, WithARingAChangeIsReadAtOnce) {
  watch_ring();
  ASSERT_TRUE(wait_for_source(Source::events, by_ring));
  EXPECT_EQ(std::ranges::count(fake_.commands, "set timeout cli 1d;show info;show events havip -w"),
            1);
  fake_.usable = 1;
  fake_.tell_ring("<1>Server web/w1 is DOWN\n");
  EXPECT_TRUE(wait_for_share(0.5));
}

TEST_F(EventsTest, ALineIsNeverBelieved) {
  watch_ring();
  ASSERT_TRUE(wait_for_source(Source::events, by_ring));
  const auto told = told_.size();
  const auto before = readings();
  fake_.tell_ring("<3>\"GET /\r\n> \nbackend web has no server available!\" \xff\n");
  ASSERT_TRUE(run_until(io_, [&] { return readings() > before; }));
  fake_.usable = 1;  // something true, to see that nothing was told before it
  fake_.tell_ring("<1>\n");
  EXPECT_TRUE(wait_for_share(0.5));
  EXPECT_EQ(told_.size(), told + 1);
}

TEST_F(EventsTest, AFloodOfLinesCausesFewReadings) {
  watch_ring();
  ASSERT_TRUE(wait_for_source(Source::events, by_ring));
  const auto before = readings();
  const auto begin = std::chrono::steady_clock::now();
  int lines = 0;
  while (std::chrono::steady_clock::now() - begin < 300ms) {
    fake_.tell_ring("<3>" + std::string(500, 'x') + "\n");
    ++lines;
    io_.poll();
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(lines, 100);
  EXPECT_GT(readings(), before);
  EXPECT_LE(readings() - before, took / 10ms + 1);  // one at once, then one each 10 ms
}

TEST_F(EventsTest, WithoutTheRingPollsAndSaysWhy) {
  fake_.has_ring = false;
  watch_ring(5ms);
  ASSERT_TRUE(wait_for_source(Source::poll, "no ring \"havip\" in HAProxy's configuration"));
  fake_.usable = 1;
  EXPECT_TRUE(wait_for_share(0.5));
  // It is not asked for again and again.
  EXPECT_EQ(fake_.connections, 2);
}

TEST_F(EventsTest, WithARingOfTheNextProcessAttachesToIt) {
  fake_.has_ring = false;
  watch_ring(5ms);
  ASSERT_TRUE(wait_for_source(Source::poll, "no ring \"havip\" in HAProxy's configuration"));
  fake_.has_ring = true;
  fake_.pid = 101;
  fake_.drop_connections();
  EXPECT_TRUE(wait_for_source(Source::events, by_ring));
}

TEST_F(EventsTest, OnAStoppingProcessTheRingIsLetGo) {
  watch_ring(5ms);
  ASSERT_TRUE(wait_for_source(Source::events, by_ring));
  fake_.stopping = true;
  EXPECT_TRUE(run_until(io_, [&] { return fake_.watchers() == 0; }));
  fake_.stopping = false;
  fake_.pid = 101;
  EXPECT_TRUE(wait_for([](const Facts& facts) { return facts.pid == 101; }));
  EXPECT_TRUE(wait_for_source(Source::events, by_ring));
  EXPECT_TRUE(run_until(io_, [&] { return fake_.watchers() == 1; }));
}

TEST_F(EventsTest, ARingOfAnotherProcessIsLetGo) {
  // In the middle of a reload the old process may accept the second connection.
  fake_.reply = [this](const std::string& command) {
    auto text = fake_.well_behaved(command);
    if (command.ends_with(" -w")) {
      text.replace(text.find("Pid: 100"), 8, "Pid: 999");
    }
    return Reply{text};
  };
  watch_ring(5ms);
  ASSERT_TRUE(wait_for_source(Source::poll, "ring \"havip\" is that of another process"));
  EXPECT_TRUE(run_until(io_, [&] { return fake_.watchers() == 0; }));
  fake_.reply = nullptr;
  EXPECT_TRUE(wait_for_source(Source::events, by_ring));
}

TEST_F(EventsTest, ARingThatIsSilentWhileAServerGoesIsNotTrusted) {
  fake_.ring_history = "<5>of yesterday\n";
  watch_ring(5ms);  // a second while the ring is trusted
  ASSERT_TRUE(wait_for_source(Source::events, by_ring));
  fake_.usable = 1;
  ASSERT_TRUE(
      wait_for_source(Source::poll, "ring \"havip\" was silent while servers came or went"));
  EXPECT_TRUE(wait_for_share(0.5));
  ASSERT_TRUE(run_until(io_, [&] { return fake_.connections == 3 && fake_.watchers() == 1; }));
  // Until its next event, which is not one of those it remembers.
  const auto later = std::chrono::steady_clock::now() + 2 * Push::settling;
  ASSERT_TRUE(run_until(io_, [&] { return std::chrono::steady_clock::now() > later; }));
  EXPECT_EQ(watcher_->latest().source, Source::poll);
  fake_.tell_ring("<5>news\n");
  EXPECT_TRUE(wait_for_source(Source::events, by_ring));
}

TEST_F(EventsTest, ARingWithoutAnAnswerNeedsASlotAndHarmsNothing) {
  fake_.reply = [this](const std::string& command) {
    return command.ends_with(" -w") ? Reply{} : Reply{fake_.well_behaved(command)};
  };
  watch_ring(5ms, 200ms);
  EXPECT_TRUE(wait_for_source(
      Source::poll, "no answer for the ring: no slot left (stats maxconn), or HAProxy hangs"));
  EXPECT_EQ(watcher_->latest().state, ProcessState::up);
}

TEST_F(EventsTest, ARingWithAnEndlessOpeningIsRefused) {
  fake_.reply = [this](const std::string& command) {
    return Reply{command.ends_with(" -w") ? std::string(1'000'000, 'x')
                                          : fake_.well_behaved(command)};
  };
  watch_ring(5ms);
  EXPECT_TRUE(wait_for_source(Source::poll,
                              "ring \"havip\" was answered by \"" + std::string(80, 'x') + '"'));
}

TEST_F(EventsTest, ALogLineIsAnEventFromTheFirstOn) {
  const auto port = free_port();
  const auto where = "127.0.0.1:" + std::to_string(port);
  watch_log(port);
  EXPECT_TRUE(wait_for_source(Source::poll, "no log line has come to " + where + " yet"));
  fake_.usable = 1;
  log_to(port);
  EXPECT_TRUE(wait_for_share(0.5));
  EXPECT_TRUE(wait_for_source(Source::events, "log lines to " + where));
}

TEST_F(EventsTest, AnAddressInUseIsNamed) {
  const udp::socket other{io_, udp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
  const auto port = other.local_endpoint().port();
  watch_log(port);
  EXPECT_TRUE(wait_for_source(
      Source::poll, "listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use"));
}

TEST_F(EventsTest, BetweenRareReadingsAProcessThatStopsIsFeltByItsSignsOfLife) {
  watch_ring();
  ASSERT_TRUE(wait_for_source(Source::events, by_ring));
  fake_.reply = [](const std::string&) {
    return Reply{};
  };
  ASSERT_TRUE(run_until(
      io_, [this] { return fake_.commands.back() == "show info"; }, 5s));
}

}  // namespace
}  // namespace havip::haproxy
