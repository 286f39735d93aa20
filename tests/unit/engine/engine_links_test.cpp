// SPDX-License-Identifier: Apache-2.0
//
// Interfaces that are tracked beside those of the virtual routers.
#include "tests/unit/engine/node.hpp"

namespace havip::engine::test {
namespace {

using Links = std::vector<ports::LinkStatus>;

ports::Link eth1(bool carrier = true) {
  return {
      .index = {3}, .name = "eth1", .mac = {{2, 0, 0, 0, 0, 0x21}}, .up = true, .carrier = carrier};
}

Settings tracking(const char* interface) {
  auto settings = pair_settings();
  settings.tracked_links = {interface};
  return settings;
}

TEST(TrackedInterface, IsNotTalkedOfBeforeTheKernelWasAsked) {
  Node node{tracking("eth1")};

  EXPECT_EQ(node.whole_status().links, Links{});
}

TEST(TrackedInterface, IsPublishedAsTheKernelHasIt) {
  Node node{tracking("eth1")};
  node.see_kernel();
  EXPECT_EQ(node.whole_status().links, (Links{{.name = "eth1"}}));

  node.see_link(eth1());

  EXPECT_EQ(node.whole_status().links,
            (Links{{.name = "eth1", .exists = true, .up = true, .carrier = true}}));
}

// What is told to the log is what makes the election thread publish at once.
TEST(ChangeOfATrackedInterface, IsToldOnceEach) {
  Node node{tracking("eth1")};
  node.see_kernel();
  node.see_link(eth1());
  node.take_log();

  node.see_link(eth1(false));
  node.see_link(eth1(false));
  EXPECT_EQ(node.take_log(), Journal{"interface eth1 has no carrier"});

  node.handle(ports::KernelEvent{ports::LinkGone{eth1().index}});
  EXPECT_EQ(node.take_log(), Journal{"interface eth1 does not exist"});
}

TEST(TrackedInterface, TakesNoPartInTheElection) {
  Node node{tracking("eth1")};
  node.become_active();

  node.see_link(eth1(false));

  EXPECT_EQ(node.state(), vrrp::State::active);
  EXPECT_EQ(node.take_journal(), Journal{});
}

}  // namespace
}  // namespace havip::engine::test
