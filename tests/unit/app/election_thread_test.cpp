// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/election_thread.hpp"

#include <gtest/gtest.h>

namespace havip::app {
namespace {

// The HTTP server answers from the start on, and a list of nothing would be taken for the truth.
TEST(BeforeTheThreadHasStarted, EachVirtualRouterIsInInit) {
  engine::Settings settings;
  settings.virtual_routers.resize(2);
  settings.virtual_routers[0].name = "public";
  settings.virtual_routers[1].name = "back";
  const ElectionThread election{settings, false};

  const auto status = election.first_status();

  ASSERT_EQ(status.virtual_routers.size(), 2U);
  EXPECT_EQ(status.virtual_routers[0].name, "public");
  EXPECT_EQ(status.virtual_routers[0].state, vrrp::State::init);
  EXPECT_EQ(status.virtual_routers[1].name, "back");
  EXPECT_EQ(status.virtual_routers[1].state, vrrp::State::init);
}

}  // namespace
}  // namespace havip::app
