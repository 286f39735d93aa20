// SPDX-License-Identifier: Apache-2.0
// The ring, the slots and the soft stop of the real HAProxy of this machine; see real_haproxy_test.
#include "haproxy/client_socket.hpp"
#include "tests/unit/haproxy/real_haproxy.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <string>

namespace havip::haproxy {
namespace {

constexpr auto ring_section =
    " log ring@havip local0 notice\nring havip\n format timed\n maxlen 1024\n size 65536\n";

class RealEventsTest : public RealHaproxyTest {
protected:
  void start_with(const std::string& global, const char* mode, Duration timeout = 3s) {
    haproxy_.configure(directory_, global);
    start_and_watch(mode, timeout);
  }

  [[nodiscard]] bool wait_for_source(Source source) {
    return wait_for([source](const Facts& facts) { return facts.source == source; });
  }
};

TEST_F(RealEventsTest, WithARingTellsOfAServerByEvent) {
  ring_ = "havip";
  start_with(ring_section, "-db");
  ASSERT_TRUE(wait_for_source(Source::events));
  EXPECT_EQ(told_.back().source_reason, "ring \"havip\"");
  command("set server web/w1 state maint");
  EXPECT_TRUE(wait_for([](const Facts& f) { return f.backends == backends(true, 1, 0.5); }));
  EXPECT_EQ(told_.back().source, Source::events);
}

TEST_F(RealEventsTest, WithoutTheRingSaysSo) {
  ring_ = "havip";
  start_with("", "-db");
  EXPECT_TRUE(wait_for([](const Facts& facts) {
    return facts.source_reason == "no ring \"havip\" in HAProxy's configuration";
  }));
}

TEST_F(RealEventsTest, ThatReloadsGetsRidOfItsOldWorkerAndIsWatchedAgain) {
  ring_ = "havip";
  start_with(ring_section, "-W");
  ASSERT_TRUE(wait_for_source(Source::events));
  const int old_worker = told_.back().pid;
  told_.erase(told_.begin(), told_.end() - 1);
  ASSERT_TRUE(replaced_by_reload(old_worker));
  EXPECT_TRUE(run_until(io_, [&] { return ::kill(old_worker, 0) != 0; }));
  EXPECT_TRUE(wait_for_source(Source::events));
  EXPECT_TRUE(std::ranges::all_of(
      told_, [](const Facts& facts) { return facts.state == ProcessState::up; }));
}

TEST_F(RealEventsTest, WithoutASlotIsUnknownAndNotHungUnlessItIsStopped) {
  haproxy_.configure(directory_, " stats maxconn 2\n");
  haproxy_.start();
  std::list<boost::asio::local::stream_protocol::socket> others;
  ASSERT_TRUE(run_until(io_, [&] {
    if (others.size() < 2 && !connect(others.emplace_back(io_), path_)) {
      others.pop_back();
    }
    return others.size() == 2;
  }));
  for (auto& socket : others) {
    ASSERT_TRUE(send(socket, "prompt\n"));
  }
  watch(1s);
  ASSERT_TRUE(wait_for(ProcessState::unknown));
  EXPECT_EQ(told_.back().detail,
            "all slots of " + path_ + " are taken while HAProxy works: raise `stats maxconn`");
  haproxy_.send(SIGSTOP);
  ASSERT_TRUE(wait_for(ProcessState::hung));
  haproxy_.send(SIGCONT);
  others.clear();
  EXPECT_TRUE(wait_for(ProcessState::up));
}

TEST_F(RealEventsTest, ThatStopsSoftlyIsDownBeforeItRefusesConnections) {
  start_with(" grace 3s\n", "-db");
  const auto begin = std::chrono::steady_clock::now();
  haproxy_.send(SIGUSR1);
  ASSERT_TRUE(wait_for(ProcessState::down));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  EXPECT_EQ(
      told_.back().detail,
      "process " + std::to_string(haproxy_.pid()) + " is stopping, and no other has taken over");
}

}  // namespace
}  // namespace havip::haproxy
