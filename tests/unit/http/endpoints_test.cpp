// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/routes.hpp"
#include "tests/unit/http/running_server.hpp"

#include <gtest/gtest.h>

namespace havip::http {
namespace {

using namespace std::chrono_literals;

class Endpoints : public RunningServer {};

TEST_F(Endpoints, AllAnswerAsTheirRowSays) {
  admin.on_drain = [](ports::NodeStatus& status) {
    status = test::after_takeover(status);
  };
  start();
  for (const auto& route : routes()) {
    // Each row meets the node as it was at first: active, not drained.
    admin.change([](auto& status) { status = test::example_status(); });
    const auto answer = ask(std::string{to_string(route.method)} + " " + std::string{route.path});

    EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK")
        << to_string(route.method) << " " << route.path;
    EXPECT_EQ(admin.requests().back(),
              (test::FakeAdmin::Request{to_string(route.method), route.path, 200U}));
  }
}

TEST_F(Endpoints, TellWhetherTheNodeIsActiveReadyAndLive) {
  admin.change([](auto& status) {
    status = test::after_takeover(status);
    status.haproxy.state = haproxy::ProcessState::down;
    status.haproxy.detail = "no socket";
  });
  admin.stuck = "the election thread has not turned for 3 s";
  start();

  const auto active = ask("GET /active");
  const auto ready = ask("GET /readyz");
  const auto live = ask("GET /livez");

  EXPECT_EQ(status_line(active), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(body(active), "public: backup\n");
  EXPECT_EQ(status_line(ready), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(body(ready), "not ready\nHAProxy is down: no socket\n");
  EXPECT_EQ(status_line(live), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(body(live), "not live\nthe election thread has not turned for 3 s\n");
}

TEST_F(Endpoints, ActiveKnowsOneVirtualRouter) {
  start();

  EXPECT_EQ(body(ask("GET /active?virtual_router=public")), "public: active\n");
  EXPECT_EQ(status_line(ask("GET /active?virtual_router=private")),
            "HTTP/1.1 503 Service Unavailable");
}

TEST_F(Endpoints, GiveJsonToWhoAsksForIt) {
  start();
  const std::string json = "Accept: application/json\r\n";

  EXPECT_EQ(body(ask("GET /livez", json)), "{\"live\":true,\"reasons\":[]}\n");
  EXPECT_EQ(body(ask("POST /undrain", json)), "{\"outcome\":\"none\"}\n");
  EXPECT_EQ(body(ask("POST /announce", json)), "{\"outcome\":\"announced\"}\n");
  EXPECT_NE(ask("GET /v1/status").find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(ask("GET /nowhere", json).find("Content-Type: application/problem+json\r\n"),
            std::string::npos);
}

TEST_F(Endpoints, PageIsForPeopleAndEscapesNames) {
  admin.change([](auto& status) { status.node = "<lb1>"; });
  start();

  const auto plain = body(ask("GET /"));
  const auto html = body(ask("GET /", "Accept: text/html,*/*;q=0.8\r\n"));

  EXPECT_NE(plain.find("<lb1>, havip 1.0.0\nnot drained\npublic: active here\nready\n"),
            std::string::npos)
      << plain;
  EXPECT_NE(html.find("<title>&lt;lb1&gt; - havip</title>"), std::string::npos) << html;
  EXPECT_NE(html.find("<a href=\"/v1/status\">"), std::string::npos) << html;
}

TEST_F(Endpoints, AnswerHeadWithoutABody) {
  start();

  const auto answer = ask("HEAD /livez");

  EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find("Content-Length: 5\r\n"), std::string::npos) << answer;  // "live\n"
  EXPECT_EQ(body(answer), "");
}

TEST_F(Endpoints, ThatAreNotThereAre404) {
  start();

  EXPECT_EQ(body(ask("GET /nowhere")),
            "404 no such endpoint\nthere is no /nowhere\n"
            "hint: see what there is with: curl localhost/\n");
  EXPECT_EQ(admin.requests().back(), (test::FakeAdmin::Request{"GET", "other", 404U}));
}

TEST_F(Endpoints, AskedByAnotherMethodGiveTheRightLine) {
  start();

  const auto undrain = ask("GET /undrain");
  const auto livez = ask("BREW /livez");
  const auto drain = ask("PUT /v1/drain");

  EXPECT_EQ(status_line(undrain), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_NE(undrain.find("Allow: POST\r\n"), std::string::npos) << undrain;
  EXPECT_EQ(body(undrain),
            "405 wrong method\n/undrain does not take GET; it takes POST\n"
            "hint: curl -X POST localhost/undrain\n");
  EXPECT_NE(livez.find("Allow: GET, HEAD\r\n"), std::string::npos) << livez;
  EXPECT_NE(livez.find("hint: curl localhost/livez\n"), std::string::npos) << livez;
  EXPECT_NE(drain.find("Allow: GET, HEAD, POST, DELETE\r\n"), std::string::npos) << drain;
  EXPECT_FALSE(admin.status()->drain.has_value()) << "GET changes nothing";
}

TEST_F(Endpoints, NameTheParametersTheyKnow) {
  start();

  EXPECT_EQ(body(ask("POST /drain?wiat=60s")),
            "400 bad request\nunknown parameter 'wiat'\n"
            "hint: it takes wait, for, reason, force\n");
  EXPECT_EQ(body(ask("GET /livez?x")),
            "400 bad request\nunknown parameter 'x'\nhint: it takes none\n");
  EXPECT_EQ(body(ask("POST /drain?wait=1s&wait=2s")),
            "400 bad request\nthe parameter 'wait' is there twice\nhint: write it once\n");
  EXPECT_EQ(status_line(ask("POST /drain?wait=long")), "HTTP/1.1 400 Bad Request");
  EXPECT_TRUE(admin.drains().empty());
}

TEST_F(Endpoints, RefuseACallerWhoMayOnlyRead) {
  identity.uid = std::nullopt;
  start();

  const auto answer = ask("POST /drain");

  EXPECT_EQ(status_line(answer), "HTTP/1.1 403 Forbidden");
  EXPECT_NE(answer.find("hint: run it on the node as root, or add yourself to the group havip"),
            std::string::npos)
      << answer;
  EXPECT_TRUE(admin.drains().empty());
  EXPECT_EQ(identity.last.remote_address, IpAddress::v4(0x7f000001));
  EXPECT_EQ(identity.last.local_port, port);
}

TEST_F(Endpoints, RefuseAForeignHostAndAForeignPage) {
  start();
  const Client client{port};
  client.send("GET /livez HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");

  EXPECT_EQ(status_line(client.read_all()), "HTTP/1.1 421 Misdirected Request");
  EXPECT_EQ(status_line(ask("POST /undrain", "Origin: http://evil.example\r\n")),
            "HTTP/1.1 403 Forbidden");
}

TEST_F(Endpoints, AnnounceNothingWhenNothingIsHeld) {
  admin.announce_error = Error{{}, "this node holds no address"};
  start();

  const auto answer = ask("POST /announce");

  EXPECT_EQ(status_line(answer), "HTTP/1.1 409 Conflict");
  EXPECT_NE(answer.find("this node holds no address"), std::string::npos) << answer;
}

TEST_F(Endpoints, OfTheUnixSocketKnowTheCallerByItsCredentials) {
  start();
  const Client reader{path};
  reader.send("GET /livez HTTP/1.1\r\nHost: anything\r\nConnection: close\r\n\r\n");
  const Client changer{path};
  changer.send("POST /undrain HTTP/1.1\r\nHost: anything\r\nConnection: close\r\n\r\n");

  EXPECT_EQ(body(reader.read_all()), "live\n");
  EXPECT_EQ(status_line(changer.read_all()),
            ::geteuid() == 0 ? "HTTP/1.1 200 OK" : "HTTP/1.1 403 Forbidden");
}

class Draining : public RunningServer {
protected:
  /// Polls every millisecond; one Active_Down_Interval is 4 ms, patience with the others 40 ms.
  void start_fast() {
    admin.change(
        [](auto& status) { status.election.virtual_routers.front().advert_interval = 1ms; });
    Settings settings;
    settings.poll_interval = 1ms;
    start(settings);
  }
};

TEST_F(Draining, EndsAsSoonAsTheOtherNodeIsActive) {
  start_fast();
  admin.change([](auto& status) {  // time enough for the other one to come late
    status.election.virtual_routers.front().advert_interval = 1s;
  });
  const Client client{port};
  client.send("POST /drain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  while (admin.drains().empty()) {
    std::this_thread::yield();
  }
  admin.change([](auto& status) { status = test::after_takeover(status); });

  EXPECT_TRUE(body(client.read_all())
                  .starts_with("drained: public is now active on lb2 (10.0.0.12); took "));
  EXPECT_EQ(admin.requests().back(), (test::FakeAdmin::Request{"POST", "/drain", 200U}));
}

TEST_F(Draining, IsAcceptedWithoutWaiting) {
  start_fast();

  EXPECT_EQ(status_line(ask("POST /drain?wait=0")), "HTTP/1.1 202 Accepted");
}

TEST_F(Draining, IsUndoneWhenNobodyElseIsFit) {
  start_fast();

  EXPECT_EQ(status_line(ask("POST /drain")), "HTTP/1.1 409 Conflict");
  EXPECT_FALSE(admin.status()->drain.has_value());
}

TEST_F(Draining, StaysWhenForced) {
  start_fast();

  EXPECT_EQ(status_line(ask("POST /v1/drain?force=true")), "HTTP/1.1 200 OK");
  EXPECT_TRUE(admin.status()->drain.has_value());
}

TEST_F(Draining, RunsOutOfTimeWhileTheElectionHasNotTakenItUp) {
  admin.on_drain = [](ports::NodeStatus&) {
  };
  start_fast();

  EXPECT_EQ(status_line(ask("POST /drain?wait=5ms")), "HTTP/1.1 504 Gateway Timeout");
  EXPECT_TRUE(admin.status()->drain.has_value());
}

TEST_F(Draining, DoesNotKeepTheDaemonFromStopping) {
  admin.on_drain = [](ports::NodeStatus&) {
  };
  start_fast();
  const Client client{port};
  client.send("POST /drain?wait=1h HTTP/1.1\r\nHost: localhost\r\n\r\n");
  while (admin.drains().empty()) {
    std::this_thread::yield();
  }

  stop();

  (void)client.read_all();  // ends, by an answer or a close
}

}  // namespace
}  // namespace havip::http
