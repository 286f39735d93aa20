// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/node_admin.hpp"

#include "sidecar/app/mailbox.hpp"
#include "sidecar/app/systemd.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace havip::app {
namespace {

/// An admin whose election thread is a list of what it was told.
class ANodeAdmin : public testing::Test {
protected:
  ANodeAdmin() {
    std::string name = (std::filesystem::temp_directory_path() / "havip-test-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }

  ~ANodeAdmin() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<NodeAdmin> start() {
    return std::make_unique<NodeAdmin>(
        "lb1", std::vector<ports::PeerStatus>{}, directory_.string(), [this](const auto& event) {
          if (const auto* const drain = std::get_if<engine::DrainChanged>(&event)) {
            told_.push_back(drain->drained);
          }
          return takes_;
        });
  }

  std::filesystem::path directory_;
  std::vector<bool> told_;
  bool takes_ = true;
};

TEST_F(ANodeAdmin, TellsTheElectionOfADrainAndShowsIt) {
  const auto admin = start();

  ASSERT_TRUE(admin->drain({.reason = "disk", .lasting = std::nullopt}));

  EXPECT_EQ(told_, (std::vector{true}));
  EXPECT_EQ(admin->status()->drain->reason, "disk");
}

TEST_F(ANodeAdmin, IsStillDrainedAfterARestart) {
  ASSERT_TRUE(start()->drain({}));
  told_.clear();

  const auto next = start();

  EXPECT_EQ(told_, (std::vector{true}));
  EXPECT_TRUE(next->status()->drain);
}

TEST_F(ANodeAdmin, ForgetsTheDrainOnUndrain) {
  const auto admin = start();
  ASSERT_TRUE(admin->drain({}));

  ASSERT_TRUE(admin->undrain());

  EXPECT_EQ(told_, (std::vector{true, false}));
  EXPECT_FALSE(admin->status()->drain);
  EXPECT_FALSE(start()->status()->drain);
}

TEST_F(ANodeAdmin, ChangesNothingWhenTheElectionTakesNoCommand) {
  const auto admin = start();
  takes_ = false;

  EXPECT_FALSE(admin->drain({}));

  EXPECT_FALSE(admin->status()->drain);
  takes_ = true;
  EXPECT_FALSE(start()->status()->drain);
}

TEST_F(ANodeAdmin, UndrainsWhenTheDrainsTimeIsOver) {
  const auto admin = start();
  ASSERT_TRUE(admin->drain({.reason = std::nullopt, .lasting = Duration{-1}}));

  admin->expire_drain(Instant{});

  EXPECT_FALSE(admin->status()->drain);
}

TEST_F(ANodeAdmin, RefusesToAnnounceWhatItDoesNotHold) {
  EXPECT_EQ(start()->announce().error().message, "this node holds no virtual address now");
}

TEST(Mailbox, HandsOnWhatWasSentInOrderAndRefusesWhenFull) {
  Mailbox<int> mailbox{2};
  EXPECT_TRUE(mailbox.send(1));
  EXPECT_TRUE(mailbox.send(2));
  EXPECT_FALSE(mailbox.send(3));

  std::vector<int> received;
  mailbox.receive([&](int value) { received.push_back(value); });

  EXPECT_EQ(received, (std::vector{1, 2}));
  EXPECT_TRUE(mailbox.send(4));
}

TEST(SummaryForSystemctlStatus, NamesEachVirtualRouterAndHaproxy) {
  ports::NodeStatus status;
  ports::VirtualRouterStatus router;
  router.name = "public";
  router.state = vrrp::State::active;
  router.effective = {150};
  status.election.virtual_routers.push_back(router);
  status.haproxy.state = haproxy::ProcessState::up;
  status.drain.emplace();

  EXPECT_EQ(summary(status), "public: active (priority 150); HAProxy up; drained");
}

}  // namespace
}  // namespace havip::app
