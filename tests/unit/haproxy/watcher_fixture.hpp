#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/watcher.hpp"
#include "sidecar/async/task_group.hpp"
#include "tests/unit/haproxy/fake_haproxy.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace havip::haproxy {

/// A watcher of a fake HAProxy. Nothing here sleeps: the tests wait for what they expect, and the
/// limits are far beyond what a loaded machine needs unless a test is about them.
class WatcherFixture : public testing::Test {
protected:
  void watch(Watcher::Settings settings) {
    settings.socket = path_;
    watcher_.emplace(io_.get_executor(), std::move(settings), [this](const Facts& facts) {
      told_.push_back(facts);
    });
    group_.spawn("watcher", [this] { return watcher_->run(); });
  }

  void TearDown() override {
    group_.cancel();
    EXPECT_TRUE(run_until(io_, [this] { return group_.running().empty(); }));
  }

  /// Waits until the last thing told is like this.
  template <class Predicate>
  [[nodiscard]] bool wait_for(Predicate wanted) {
    return run_until(io_, [&] { return !told_.empty() && wanted(told_.back()); });
  }

  [[nodiscard]] bool wait_for_source(Source source, const std::string& reason) {
    return wait_for([&](const Facts& facts) {
      return facts.source == source && facts.source_reason == reason;
    });
  }

  boost::asio::io_context io_{1};
  TemporaryDirectory directory_;
  std::string path_ = directory_.file("s");
  FakeHaproxy fake_{io_, path_};
  async::TaskGroup group_{io_.get_executor()};
  std::vector<Facts> told_;
  std::optional<Watcher> watcher_;
};

}  // namespace havip::haproxy
