// SPDX-License-Identifier: Apache-2.0
// The watcher against the real HAProxy of this machine. Each test starts one of its own in a
// temporary directory; its frontends and servers are unix sockets there, so that nothing outside
// is touched and no port can be in use. Without HAProxy these tests fail: what they cover is the
// contract with it.
#include "tests/unit/haproxy/real_haproxy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;

TEST_F(RealHaproxyTest, ThatRunsIsUpOnceItsServersAreChecked) {
  start_and_watch();
  EXPECT_EQ(told_.back().pid, haproxy_.pid());
  EXPECT_TRUE(told_.back().version.starts_with('2') || told_.back().version.starts_with('3'));
  EXPECT_EQ(told_.back().backends, backends(true, 2, 1.0));
}

TEST_F(RealHaproxyTest, WithAServerInMaintenanceHasHalfItsShare) {
  start_and_watch();
  command("set server web/w1 state maint");
  EXPECT_TRUE(wait_for([](const Facts& f) { return f.backends == backends(true, 1, 0.5); }));
  command("set server web/w2 state maint");
  EXPECT_TRUE(wait_for([](const Facts& f) { return f.backends == backends(false, 0, 0.0); }));
  command("set server web/w1 state ready");
  command("set server web/w2 state ready");
  EXPECT_TRUE(wait_for([](const Facts& f) { return f.backends == backends(true, 2, 1.0); }));
}

TEST_F(RealHaproxyTest, ThatIsKilledIsDownFastAndUpAgainAfterARestart) {
  start_and_watch();
  const auto killed = std::chrono::steady_clock::now();
  haproxy_.stop();
  ASSERT_TRUE(wait_for(ProcessState::down));
  // Measured: some milliseconds. The bound is below `timeout`: this was felt and not waited out.
  EXPECT_LT(std::chrono::steady_clock::now() - killed, 1s);
  EXPECT_EQ(told_.back().detail, "nobody listens on " + path_);

  haproxy_.start();

  ASSERT_TRUE(wait_for(ProcessState::up));
  EXPECT_EQ(told_.back().pid, haproxy_.pid());
}

TEST_F(RealHaproxyTest, ThatIsStoppedIsHungAndUpAgainWhenItGoesOn) {
  start_and_watch("-db", 500ms);
  haproxy_.send(SIGSTOP);
  ASSERT_TRUE(wait_for(ProcessState::hung));
  haproxy_.send(SIGCONT);
  EXPECT_TRUE(wait_for(ProcessState::up));
}

TEST_F(RealHaproxyTest, ThatWasStoppedBeforeWeCameIsHungTooAndKilledItIsDown) {
  haproxy_.start();
  // A second watcher's connection is not the point: it only says when HAProxy is there.
  watch();
  ASSERT_TRUE(wait_for(ProcessState::up));
  haproxy_.send(SIGSTOP);
  told_.clear();
  Watcher late{io_.get_executor(),
               Watcher::Settings{.socket = path_, .interval = 50ms, .timeout = 300ms},
               [this](const Facts& facts) {
                 told_.push_back(facts);
               }};
  group_.spawn("late watcher", [&late] { return late.run(); });
  ASSERT_TRUE(run_until(io_, [&] { return late.latest().state == ProcessState::hung; }));
  EXPECT_EQ(late.latest().pid, 0);
  haproxy_.stop();
  EXPECT_TRUE(run_until(io_, [&] { return late.latest().state == ProcessState::down; }));
  group_.cancel();
  EXPECT_TRUE(run_until(io_, [this] { return group_.running().empty(); }));
}

TEST_F(RealHaproxyTest, ThatReloadsIsNeverAnythingButUp) {
  start_and_watch("-W");
  told_.erase(told_.begin(), told_.end() - 1);
  for (int reload = 0; reload < 3; ++reload) {
    ASSERT_TRUE(replaced_by_reload(told_.back().pid));
  }
  EXPECT_TRUE(std::ranges::all_of(told_, [](const Facts& facts) {
    return facts.state == ProcessState::up && facts.backends == backends(true, 2, 1.0);
  }));
  EXPECT_GE(told_.size(), 4U);
}

TEST_F(RealHaproxyTest, ThatStopsGracefullyIsDown) {
  start_and_watch();
  haproxy_.send(SIGUSR1);
  EXPECT_TRUE(wait_for(ProcessState::down));
}

}  // namespace
}  // namespace havip::haproxy
