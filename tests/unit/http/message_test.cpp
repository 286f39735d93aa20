// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/message.hpp"

#include "sidecar/http/duration.hpp"
#include "sidecar/http/problem.hpp"
#include "sidecar/http/views.hpp"

#include <gtest/gtest.h>

namespace havip::http {
namespace {

using namespace std::chrono_literals;

TEST(TargetWithAQuery, IsDecodedIntoPathAndParameters) {
  const auto target = parse_target("/drain?wait=60s&reason=new+disk%21&force&&for=");

  EXPECT_EQ(
      target,
      (Target{.authority = std::nullopt,
              .path = "/drain",
              .query = {{"wait", "60s"}, {"reason", "new disk!"}, {"force", ""}, {"for", ""}}}));
}

TEST(TargetInAbsoluteForm, NamesTheHost) {
  EXPECT_EQ(parse_target("http://lb1:8406/livez"),
            (Target{.authority = "lb1:8406", .path = "/livez", .query = {}}));
  EXPECT_EQ(parse_target("http://lb1"), (Target{.authority = "lb1", .path = "/", .query = {}}));
}

TEST(TargetThatIsNoPath, IsRefused) {
  for (const auto* text : {"", "*", "livez", "/%", "/%4", "/%zz", "/a%00b", "/a?b=%", "/a%0ab"}) {
    EXPECT_EQ(parse_target(text), std::nullopt) << text;
  }
}

TEST(Client, GetsJsonWhereProgramsReadAndWhereItAsks) {
  Request request;
  request.path = "/v1/status";
  EXPECT_TRUE(request.wants_json());

  request.method = Method::post;
  request.path = "/v1/drain";
  EXPECT_FALSE(request.wants_json());  // curl -X POST by an operator

  request.accept = "application/json";
  EXPECT_TRUE(request.wants_json());
}

TEST(CurlLine, IsForTheWayTheClientCame) {
  Request request;
  EXPECT_EQ(curl_line(request, Method::get, "/drain"), "curl localhost:8406/drain");

  request.host = "127.0.0.1:9000";
  EXPECT_EQ(curl_line(request, Method::post, "/undrain"), "curl -X POST 127.0.0.1:9000/undrain");

  request.socket_path = "/run/havip/admin.sock";
  EXPECT_EQ(curl_line(request, Method::post, "/undrain"),
            "curl -X POST --unix-socket /run/havip/admin.sock localhost/undrain");
}

TEST(DurationText, IsReadAsInTheConfiguration) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("1m"), 1min);
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration("30d"), 720h);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(DurationText, IsRefusedWhenItIsNone) {
  for (const auto* text : {"",
                           "5",
                           "s",
                           "-1s",
                           "+1s",
                           "1 s",
                           "1sec",
                           "1s2",
                           ".5s",
                           "5.s",
                           "1.2.3s",
                           "1e3s",
                           "1h30m",
                           "9999999999s",
                           "999999999d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(DurationForPeople, HasTheUnitThatFits) {
  EXPECT_EQ(spell(74ms), "74 ms");
  EXPECT_EQ(spell(1250ms), "1.2 s");
  EXPECT_EQ(spell(30s), "30 s");
  EXPECT_EQ(spell(5min), "5 min");
  EXPECT_EQ(spell(150min), "2.5 h");
}

TEST(WallTime, IsWrittenAsRfc3339) {
  const ports::WallTime time =
      std::chrono::sys_days{std::chrono::February / 29 / 2028} + 83045007ms;

  EXPECT_EQ(rfc3339(time), "2028-02-29T23:04:05.007Z");
  EXPECT_EQ(rfc3339(ports::WallTime{} - 1ms), "1969-12-31T23:59:59.999Z");
}

TEST(ProblemAnswer, SaysTheSameAsTextAndAsJson) {
  const Problem problem{.status = 409,
                        .slug = "no-fit-peer",
                        .title = "no fit peer",
                        .detail = "nobody took over public",
                        .hint = "havip status"};
  Request request;
  EXPECT_EQ(answer_problem(request, problem),
            (Response{.status = 409,
                      .content_type = "text/plain; charset=utf-8",
                      .body = "409 no fit peer\nnobody took over public\nhint: havip status\n",
                      .allow = {}}));

  request.accept = "application/json";
  EXPECT_EQ(answer_problem(request, problem),
            (Response{.status = 409,
                      .content_type = "application/problem+json",
                      .body = R"({"type":"urn:havip:problem:no-fit-peer","title":"no fit peer",)"
                              R"("status":409,"detail":"nobody took over public",)"
                              R"("hint":"havip status"})"
                              "\n",
                      .allow = {}}));
}

}  // namespace
}  // namespace havip::http
