// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cli/status_text.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace havip::cli {
namespace {

constexpr const char* status = R"json({
  "node": "lb1", "version": "1.0.0", "pid": 4711, "uptime_seconds": 12.5, "generation": 0,
  "drained": true, "drain": {"reason": "kernel", "until": null, "connections": 0},
  "haproxy": {"state": "up", "pid": 812, "version": "2.6.12", "uptime_seconds": 99,
    "source": "poll", "backends": [{"name": "web", "state": "up", "servers_up": 1,
    "servers_total": 2, "healthy_share": 0.5}]},
  "virtual_routers": [{"name": "public", "vrid": 51, "family": "ipv4", "version": 3,
    "interface": "eth0", "group": null, "state": "backup", "since": "2026-01-01T00:00:00.000Z",
    "transitions": 1, "why": "drained",
    "priority": {"configured": 150, "effective": 1,
      "reasons": [{"what": "backend web", "change": -75}, {"what": "drained", "change": -74}]},
    "advert_interval_seconds": 0.1,
    "active_router": {"address": "10.0.0.12", "priority": 100, "name": "lb2"},
    "addresses": [{"address": "192.0.2.10/24", "present": false, "reachable": "unverified"}],
    "routes": [], "problems": []}],
  "peers": []})json";

TEST(StatusForATerminal, SaysWhoHoldsWhatAndWhy) {
  const auto text = status_text(status);

  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text,
            "node      lb1  (havip 1.0.0, pid 4711, up 12 s)\n"
            "drained   yes: kernel\n"
            "haproxy   up  (2.6.12, read by poll)\n"
            "  backend web: up, 1 of 2 servers, 50% of the weight healthy\n"
            "\n"
            "public  backup since 2026-01-01T00:00:00.000Z  (vrid 51 on eth0)\n"
            "  because   drained\n"
            "  priority  1 of 150, -75 backend web, -74 drained\n"
            "  active    lb2 (10.0.0.12), priority 100\n"
            "  address   192.0.2.10/24  not here\n");
}

TEST(StatusForATerminal, SaysWhatIsUnusualAndWhatIsWrong) {
  std::string json{status};
  const auto put = [&](const std::string& from, const std::string& to) {
    json.replace(json.find(from), from.size(), to);
  };
  put(R"("version": 3)", R"("version": 2)");
  put(R"("group": null)", R"("group": "edge")");
  put(R"("problems": [])", R"("problems": ["10.0.0.99 uses vrid 51 as well", "no carrier"])");

  const auto text = status_text(json);

  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(text->substr(text->find("public")),
            "public  backup since 2026-01-01T00:00:00.000Z  (vrid 51 on eth0)\n"
            "  group     edge\n"
            "  version   2 of VRRP\n"
            "  because   drained\n"
            "  priority  1 of 150, -75 backend web, -74 drained\n"
            "  active    lb2 (10.0.0.12), priority 100\n"
            "  address   192.0.2.10/24  not here\n"
            "  problem   10.0.0.99 uses vrid 51 as well\n"
            "  problem   no carrier\n");
}

TEST(StatusForATerminal, SaysWhichTracksAreNotWell) {
  std::string json{status};
  json.replace(
      json.find(R"("peers": [])"), std::string{R"("peers": [])"}.size(), R"("peers": [], "tracks": [
    {"what": "backend web", "state": "well", "detail": "has 100% of its weight healthy",
     "since": "2026-01-01T00:00:00.000Z"},
    {"what": "interface eth1", "state": "failed", "detail": "has no carrier",
     "since": "2026-01-01T00:00:00.000Z"},
    {"what": "gateway 192.0.2.1", "state": "waiting", "detail": "waits for its first result",
     "since": null}])");

  const auto text = status_text(json);

  ASSERT_TRUE(text) << text.error().message;
  EXPECT_NE(text->find("healthy\n"
                       "failed    interface eth1 has no carrier  (since 2026-01-01T00:00:00.000Z)\n"
                       "waiting   gateway 192.0.2.1 waits for its first result\n"
                       "\n"),
            std::string::npos)
      << *text;
}

TEST(StatusForATerminal, FitsEightyColumns) {
  std::istringstream lines{*status_text(status)};
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(AnswerThatIsNoStatus, IsAnErrorThatSaysSo) {
  for (const std::string answer : {"", "{}", "[1]", "{\"node\": 1}", "no json"}) {
    EXPECT_FALSE(status_text(answer)) << answer;
  }
}

}  // namespace
}  // namespace havip::cli
