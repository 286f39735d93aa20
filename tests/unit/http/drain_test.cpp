// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/drain.hpp"

#include "tests/support/example_status.hpp"
#include "tests/support/fake_admin.hpp"

#include <gtest/gtest.h>

namespace havip::http {
namespace {

using namespace std::chrono_literals;
using test::FakeAdmin;

const ports::ActiveRouter lb2{
    .address = *IpAddress::parse("10.0.0.12"), .priority = vrrp::Priority{100}, .name = "lb2"};

Request post_drain(Query query = {}) {
  Request request;
  request.method = Method::post;
  request.path = "/drain";
  request.host = "localhost:8406";
  request.query = std::move(query);
  return request;
}

/// Asks and then looks at the status once, `waited` after the request.
std::optional<Response> drain_and_poll(FakeAdmin& admin, const Request& request, Duration waited) {
  auto answer = drain(admin, request, *parse_drain_options(request));
  if (auto* const pending = std::get_if<Pending>(&answer)) {
    return pending->poll(*admin.status(), waited);
  }
  return std::get<Response>(answer);
}

Response text(unsigned status, const std::string& body) {
  Response response;
  response.status = status;
  response.body = body;
  return response;
}

TEST(Progress, IsDoneWhenSomebodyElseIsActive) {
  const auto before = test::example_status();

  EXPECT_EQ(progress(before, test::after_takeover(before)),
            (DrainProgress{.told = true,
                           .moved = {{.virtual_router = "public", .to = lb2}},
                           .held = {},
                           .unclaimed = {},
                           .active_down = 0ms}));
}

TEST(Progress, KnowsWhatIsStillHereAndWhatNobodyHas) {
  const auto before = test::example_status();
  auto now = before;
  EXPECT_EQ(progress(before, now).held, std::vector<std::string>{"public"});
  EXPECT_EQ(progress(before, now).active_down, 400ms);  // 3 intervals of 100 ms and one for skew

  now.election.virtual_routers.front().state = vrrp::State::backup;
  // The last active router that lb1 knows is lb1.
  EXPECT_EQ(progress(before, now).unclaimed, std::vector<std::string>{"public"});

  now.election.virtual_routers.front().active_router.reset();
  EXPECT_EQ(progress(before, now).unclaimed, std::vector<std::string>{"public"});
}

TEST(Progress, IgnoresWhatWasNotHereAndIsNot) {
  auto before = test::example_status();
  before.election.virtual_routers.front().state = vrrp::State::fault;

  EXPECT_EQ(progress(before, before), DrainProgress{});
}

DrainProgress holding(bool told) {
  return {.told = told, .moved = {}, .held = {"public"}, .unclaimed = {}, .active_down = 400ms};
}

TEST(Verdict, GivesTheOthersTenActiveDownIntervals) {
  EXPECT_EQ(judge(holding(true), 3999ms, 30s), DrainVerdict::going_on);
  EXPECT_EQ(judge(holding(true), 4000ms, 30s), DrainVerdict::nobody_fit);
  EXPECT_EQ(judge(holding(true), 1000ms, 1s), DrainVerdict::nobody_fit);  // the client's limit
}

TEST(Verdict, IsOutOfTimeWhenNothingCanBeSaidYet) {
  EXPECT_EQ(judge(holding(true), 200ms, 200ms), DrainVerdict::out_of_time);  // < 400 ms
  EXPECT_EQ(judge(holding(false), 30s, 30s), DrainVerdict::out_of_time);
  const DrainProgress unclaimed{
      .told = true, .moved = {}, .held = {}, .unclaimed = {"public"}, .active_down = 400ms};
  EXPECT_EQ(judge(unclaimed, 1s, 1s), DrainVerdict::out_of_time);
  EXPECT_EQ(judge(unclaimed, 4s, 30s), DrainVerdict::nobody_fit);
}

TEST(DrainOptions, AreReadFromTheQuery) {
  const auto options = parse_drain_options(post_drain(
      {{"wait", "60s"}, {"for", "2h"}, {"reason", "neuer K\xC3\xBChler"}, {"force", ""}}));

  EXPECT_EQ(*options,
            (DrainOptions{.wait = 60s,
                          .force = true,
                          .request = {.reason = "neuer K\xC3\xBChler", .lasting = 2h}}));
  EXPECT_EQ(*parse_drain_options(post_drain()),
            (DrainOptions{.wait = 30s, .force = false, .request = {}}));
}

TEST(DrainOptions, SayWhatIsAllowed) {
  const std::string two_hundred(200, 'x');
  EXPECT_TRUE(parse_drain_options(post_drain({{"reason", two_hundred}})).has_value());
  EXPECT_EQ(parse_drain_options(post_drain({{"wait", "2h"}})).error(),
            "wait=2h: write a duration from 0s to 1h, such as 90s");
  EXPECT_EQ(parse_drain_options(post_drain({{"for", "0s"}})).error(),
            "for=0s: write a duration from 1s to 30d, such as 2h");
  EXPECT_EQ(parse_drain_options(post_drain({{"for", "31d"}})).error(),
            "for=31d: write a duration from 1s to 30d, such as 2h");
  EXPECT_EQ(parse_drain_options(post_drain({{"force", "maybe"}})).error(),
            "force=maybe: write true or false");
  EXPECT_FALSE(parse_drain_options(post_drain({{"reason", two_hundred + "x"}})).has_value());
  EXPECT_FALSE(parse_drain_options(post_drain({{"reason", "a\nb"}})).has_value());
}

TEST(Drain, EndsWhenTheOtherNodeHasTakenOver) {
  FakeAdmin admin{test::example_status()};
  admin.on_drain = [](ports::NodeStatus& status) {
    status = test::after_takeover(status);
  };

  const auto response =
      drain_and_poll(admin, post_drain({{"reason", "kernel"}, {"for", "2h"}}), 74ms);

  EXPECT_EQ(response,
            text(200,
                 "drained: public is now active on lb2 (10.0.0.12); took 74 ms; "
                 "undrain with: curl -X POST localhost:8406/undrain\n"));
  ASSERT_EQ(admin.drains().size(), 1U);
  EXPECT_EQ(admin.drains().front().reason, "kernel");
  EXPECT_EQ(admin.drains().front().lasting, 2h);
}

TEST(Drain, AnswersInJson) {
  FakeAdmin admin{test::example_status()};
  admin.on_drain = [](ports::NodeStatus& status) {
    status = test::after_takeover(status);
  };
  auto request = post_drain();
  request.accept = "application/json";

  EXPECT_EQ(drain_and_poll(admin, request, 74ms)->body,
            R"({"outcome":"drained","moved":[{"virtual_router":"public","address":"10.0.0.12",)"
            R"("name":"lb2"}],"held":[],"unclaimed":[],"took_seconds":0.074,)"
            R"("undrain":"curl -X POST localhost:8406/undrain"})"
            "\n");
}

TEST(DrainWithoutAFitPeer, IsUndone) {
  FakeAdmin admin{test::example_status()};

  EXPECT_EQ(drain_and_poll(admin, post_drain(), 3999ms), std::nullopt);
  EXPECT_EQ(drain_and_poll(admin, post_drain(), 30s)->status, 409U);
  admin.change([](auto& status) { status = test::example_status(); });
  const auto response = drain_and_poll(admin, post_drain(), 4s);

  EXPECT_EQ(response,
            text(409,
                 "409 no fit peer\n"
                 "nobody took over public: lb2 (10.0.0.12) was never heard; "
                 "this node takes part again\n"
                 "hint: see why on the other nodes with: havip status; to drain nevertheless: "
                 "curl -X POST localhost:8406/drain?force=true\n"));
  EXPECT_FALSE(admin.status()->drain.has_value());
}

TEST(DrainWithoutAFitPeer, PutsAnEarlierDrainBack) {
  auto status = test::example_status();
  status.election.drained = true;
  status.drain = ports::DrainRecord{
      .reason = "earlier", .until = status.wall_now + 1h, .since = status.wall_now};
  FakeAdmin admin{status};

  EXPECT_EQ(drain_and_poll(admin, post_drain({{"reason", "later"}}), 4s)->status, 409U);

  ASSERT_EQ(admin.drains().size(), 2U);
  EXPECT_EQ(admin.drains().back().reason, "earlier");
  EXPECT_EQ(admin.drains().back().lasting, 1h);
}

TEST(DrainWithoutAFitPeer, StaysWhenForced) {
  FakeAdmin admin{test::example_status()};

  const auto response = drain_and_poll(admin, post_drain({{"force", "true"}}), 4s);

  EXPECT_EQ(response,
            text(200,
                 "drained, but this node still holds public at priority 1 because nobody else can: "
                 "lb2 (10.0.0.12) was never heard; "
                 "undrain with: curl -X POST localhost:8406/undrain\n"));
  EXPECT_TRUE(admin.status()->drain.has_value());
}

TEST(DrainThatIsNotWaitedFor, IsAccepted) {
  FakeAdmin admin{test::example_status()};

  EXPECT_EQ(drain_and_poll(admin, post_drain({{"wait", "0"}}), 0ms),
            text(202,
                 "draining: giving away public; see how far it is with: curl localhost:8406/drain; "
                 "undrain with: curl -X POST localhost:8406/undrain\n"));
}

TEST(DrainThatIsNotWaitedForLongEnough, GoesOn) {
  FakeAdmin admin{test::example_status()};

  EXPECT_EQ(drain_and_poll(admin, post_drain({{"wait", "200ms"}}), 200ms),
            text(504,
                 "504 not drained in time\n"
                 "after 200 ms this node is still active for public; the drain stays and goes on\n"
                 "hint: see how far it is with: curl localhost:8406/drain; "
                 "undrain with: curl -X POST localhost:8406/undrain\n"));
  EXPECT_TRUE(admin.status()->drain.has_value());
}

TEST(DrainOfANodeThatHoldsNothing, IsDoneAtOnce) {
  auto status = test::after_takeover(test::example_status());
  status.election.drained = false;
  FakeAdmin admin{status};

  EXPECT_EQ(drain_and_poll(admin, post_drain(), 0ms),
            text(200,
                 "drained: this node held nothing; public is now active on lb2 (10.0.0.12); "
                 "undrain with: curl -X POST localhost:8406/undrain\n"));
}

TEST(DrainThatSomebodyUndoes, SaysSo) {
  FakeAdmin admin{test::example_status()};
  auto answer = drain(admin, post_drain(), DrainOptions{});
  auto& pending = std::get<Pending>(answer);
  EXPECT_EQ(pending.poll(*admin.status(), 20ms), std::nullopt);

  ASSERT_TRUE(admin.undrain().has_value());

  EXPECT_EQ(pending.poll(*admin.status(), 40ms)->status, 409U);
}

TEST(DrainThatCannotBeRemembered, IsAnError) {
  FakeAdmin admin{test::example_status()};
  admin.drain_error = errno_error(ENOSPC, "write /var/lib/havip/drain");

  const auto response = drain_and_poll(admin, post_drain(), 0ms);

  EXPECT_EQ(response->status, 500U);
  EXPECT_NE(response->body.find("write /var/lib/havip/drain: No space left"), std::string::npos);
}

}  // namespace
}  // namespace havip::http
