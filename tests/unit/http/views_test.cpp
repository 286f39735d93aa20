// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/views.hpp"

#include "tests/support/example_status.hpp"

#include <gtest/gtest.h>

namespace havip::http {
namespace {

using namespace std::chrono_literals;

TEST(StatusJson, IsTheContract) {
  auto status = test::example_status();
  status.tracks = {{.what = "backend web",
                    .state = ports::TrackState::well,
                    .detail = "has 100% of its weight healthy",
                    .since = status.started},
                   {.what = "gateway 192.0.2.1", .detail = "waits for its first result"}};

  EXPECT_EQ(
      status_json(status),
      R"({"node":"lb1","version":"1.0.0","pid":4711,"uptime_seconds":12.5,"generation":0,)"
      R"("drained":false,"drain":{"reason":null,"until":null,"connections":0},)"
      R"("haproxy":{"state":"up","pid":812,"version":"2.6.12","uptime_seconds":99,)"
      R"("source":"events","source_reason":"","backends":[{"name":"web","state":"up","servers_up":2,)"
      R"("servers_total":2,"healthy_share":1.0}],"detail":""},)"
      R"("virtual_routers":[{"name":"public","vrid":51,"family":"ipv4","version":3,)"
      R"("interface":"eth0","group":null,"state":"active","since":"2026-01-01T00:00:00.000Z",)"
      R"("transitions":1,"priority":{"configured":150,"effective":150,)"
      R"("reasons":[{"what":"backend web","change":0}]},"advert_interval_seconds":0.1,)"
      R"("active_router":{"address":"10.0.0.11","priority":150,"name":"lb1"},)"
      R"("addresses":[{"address":"192.0.2.10/24","present":true,"reachable":"verified"}],)"
      R"("routes":[],"why":"nobody better was heard","problems":[]}],)"
      R"("peers":[{"name":"lb2","address":"10.0.0.12","link":"off","drained":null,)"
      R"("haproxy":null,"ready":null,"config_matches":null,"last_heard":null}],)"
      R"("tracks":[{"what":"backend web","state":"well","detail":"has 100% of its weight healthy",)"
      R"("since":"2026-01-01T00:00:00.000Z"},{"what":"gateway 192.0.2.1","state":"waiting",)"
      R"("detail":"waits for its first result","since":null}]})"
      "\n");
}

TEST(StatusJson, OfADrainedNodeHasReasonAndEnd) {
  auto status = test::after_takeover(test::example_status());
  status.drain = ports::DrainRecord{
      .reason = "kernel", .until = status.wall_now + 2h, .since = status.wall_now};
  status.haproxy.state = haproxy::ProcessState::hung;
  status.peers.front().last_heard = status.now - 100ms;

  const auto json = status_json(status);

  for (const auto* part : {
           R"("drained":true,"drain":{"reason":"kernel","until":"2026-01-01T02:00:12.500Z",)",
           R"("haproxy":{"state":"hung",)",
           R"("active_router":{"address":"10.0.0.12","priority":100,"name":"lb2"})",
           R"("last_heard":"2026-01-01T00:00:12.400Z")",
       }) {
    EXPECT_NE(json.find(part), std::string::npos) << part << " is not in " << json;
  }
}

TEST(StatusJson, OfABareNodeHasNullsAndEmptyLists) {
  ports::NodeStatus status;
  status.election.virtual_routers.emplace_back();
  status.haproxy.backends.push_back({.name = "\xff", .up = false});  // not UTF-8

  const auto json = status_json(status);

  EXPECT_NE(json.find(R"("active_router":null,"addresses":[])"), std::string::npos) << json;
  EXPECT_NE(json.find("\"name\":\"\xEF\xBF\xBD\",\"state\":\"down\""), std::string::npos) << json;
}

TEST(StatusJson, OfAGroupBesideAnOldRouterHasItsVersionAndProblems) {
  auto status = test::example_status();
  auto& router = status.election.virtual_routers.front();
  router.version = 2;
  router.group = "edge";
  router.problems = {"10.0.0.99 uses vrid 51 as well", "10.0.0.98 has our priority 150"};

  const auto json = status_json(status);

  for (const auto* part : {
           R"("version":2,"interface":"eth0","group":"edge",)",
           R"("problems":["10.0.0.99 uses vrid 51 as well","10.0.0.98 has our priority 150"]})",
       }) {
    EXPECT_NE(json.find(part), std::string::npos) << part << " is not in " << json;
  }
}

TEST(DrainState, IsToldAsTextAndJson) {
  auto status = test::after_takeover(test::example_status());
  status.drain = ports::DrainRecord{
      .reason = "kernel", .until = status.wall_now + 2h, .since = status.wall_now};

  EXPECT_EQ(drain_state_text(status),
            "drained since 2026-01-01T00:00:12.500Z until 2026-01-01T02:00:12.500Z: kernel\n"
            "public: backup here, active on lb2 (10.0.0.12)\n");
  EXPECT_EQ(drain_state_json(status),
            R"({"drained":true,"reason":"kernel","until":"2026-01-01T02:00:12.500Z",)"
            R"("connections":0,"since":"2026-01-01T00:00:12.500Z",)"
            R"("virtual_routers":[{"name":"public","state":"backup",)"
            R"("active_router":{"address":"10.0.0.12","priority":100,"name":"lb2"}}]})"
            "\n");
  EXPECT_EQ(drain_state_text(test::example_status()), "not drained\npublic: active here\n");
}

TEST(ActiveView, NamesTheVirtualRoutersThereAre) {
  const auto status = test::example_status();

  EXPECT_EQ(active_text(status, std::nullopt), "public: active\n");
  EXPECT_EQ(active_text(status, "private"), "no such virtual router; there are: public\n");
  EXPECT_EQ(active_json(status, "public"),
            R"({"active":true,"virtual_routers":[{"name":"public","state":"active"}]})"
            "\n");
}

}  // namespace
}  // namespace havip::http
