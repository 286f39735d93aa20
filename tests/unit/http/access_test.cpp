// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/access.hpp"

#include "sidecar/http/accounts.hpp"

#include <gtest/gtest.h>

namespace havip::http {
namespace {

constexpr bool open_to_all = true;
constexpr bool local = false;

Request request_of(Method method, Caller caller) {
  Request request;
  request.method = method;
  request.host = "localhost:8406";
  request.caller = caller;
  return request;
}

Caller caller_of(Way way, std::optional<std::uint32_t> uid, bool in_group = false) {
  return {.way = way, .uid = uid, .in_group = in_group};
}

Decision decide_post(const Caller& caller) {
  return decide(request_of(Method::post, caller), local, "lb1");
}

TEST(ChangeFromThisHost, IsForRootAndTheGroup) {
  for (const auto way : {Way::unix_socket, Way::loopback}) {
    EXPECT_EQ(decide_post(caller_of(way, 0)), Decision::allowed);
    EXPECT_EQ(decide_post(caller_of(way, 1000, true)), Decision::allowed);
    EXPECT_EQ(decide_post(caller_of(way, 1000)), Decision::forbidden);
    EXPECT_EQ(decide_post(caller_of(way, std::nullopt)), Decision::forbidden);
  }
}

TEST(ReadingOnThisHost, IsForEverybody) {
  for (const auto way : {Way::unix_socket, Way::loopback}) {
    for (const auto method : {Method::get, Method::head}) {
      EXPECT_EQ(decide(request_of(method, caller_of(way, std::nullopt)), local, "lb1"),
                Decision::allowed);
    }
  }
}

TEST(CallerFromElsewhere, ReadsOnlyWhatIsOpenToAll) {
  const auto elsewhere = caller_of(Way::elsewhere, 0, true);  // whoever that claims to be

  EXPECT_EQ(decide(request_of(Method::get, elsewhere), open_to_all, "lb1"), Decision::allowed);
  EXPECT_EQ(decide(request_of(Method::get, elsewhere), local, "lb1"), Decision::hidden);
  EXPECT_EQ(decide(request_of(Method::post, elsewhere), local, "lb1"), Decision::hidden);
  EXPECT_EQ(decide(request_of(Method::post, elsewhere), open_to_all, "lb1"), Decision::forbidden);
}

TEST(HostHeader, NamesThisHostOrAnAddress) {
  auto request = request_of(Method::get, caller_of(Way::loopback, 0));
  for (const auto* host : {"localhost",
                           "LOCALHOST:8406",
                           "127.0.0.1:8406",
                           "[::1]:8406",
                           "192.0.2.1",
                           "lb1",
                           "lb1:8406",
                           "LB1.example.net"}) {
    request.host = host;
    EXPECT_EQ(decide(request, local, "lb1.example.net"), Decision::allowed) << host;
  }
  for (const auto* host : {"",
                           "evil.example",
                           "lb1.evil.example",
                           "localhost.evil.example",
                           "127.0.0.1.evil.example",
                           "[::1",
                           "lb2"}) {
    request.host = host;
    EXPECT_EQ(decide(request, local, "lb1.example.net"), Decision::misdirected) << host;
  }
}

TEST(HostHeader, DoesNotMatterOnTheUnixSocketOrWhenAbsent) {
  auto request = request_of(Method::get, caller_of(Way::unix_socket, 0));
  request.host = "whatever";
  EXPECT_EQ(decide(request, local, "lb1"), Decision::allowed);

  request = request_of(Method::get, caller_of(Way::loopback, 0));
  request.host.reset();  // HTTP/1.0
  EXPECT_EQ(decide(request, local, "lb1"), Decision::allowed);
}

TEST(ChangeSentByABrowser, IsRefusedUnlessItsPageIsOurs) {
  auto request = request_of(Method::post, caller_of(Way::loopback, 0));
  request.origin = "http://localhost:8406";
  request.fetch_site = "same-origin";
  EXPECT_EQ(decide(request, local, "lb1"), Decision::allowed);

  for (const auto* origin : {"http://evil.example", "http://localhost:8080", "null", ""}) {
    request.origin = origin;
    EXPECT_EQ(decide(request, local, "lb1"), Decision::cross_site) << origin;
  }
  request.origin.reset();
  for (const auto* site : {"cross-site", "same-site", ""}) {
    request.fetch_site = site;
    EXPECT_EQ(decide(request, local, "lb1"), Decision::cross_site) << site;
  }
}

TEST(Refusal, TellsAForbiddenCallerWhatToDo) {
  const auto request = request_of(Method::post, caller_of(Way::loopback, 1000));

  EXPECT_EQ(problem_of(Decision::forbidden, request),
            (Problem{.status = 403,
                     .slug = "forbidden",
                     .title = "not permitted",
                     .detail = "user 1000 is neither root nor a member of group havip",
                     .hint = "run it on the node as root, or add yourself to the group havip"}));
}

TEST(Refusal, HasTheStatusOfItsKind) {
  const auto request = request_of(Method::post, caller_of(Way::elsewhere, std::nullopt));

  EXPECT_EQ(problem_of(Decision::misdirected, request).status, 421U);
  EXPECT_EQ(problem_of(Decision::hidden, request).status, 404U);
  EXPECT_EQ(problem_of(Decision::cross_site, request).status, 403U);
  EXPECT_EQ(problem_of(Decision::forbidden, request).status, 403U);
}

TEST(UserDatabase, KnowsRootAndItsGroup) {
  EXPECT_EQ(group_id("root"), 0U);
  EXPECT_EQ(group_id("no-such-group"), std::nullopt);
  EXPECT_TRUE(is_member(0, 0));
  EXPECT_FALSE(is_member(0, 4000000000U));
  EXPECT_FALSE(is_member(4000000000U, 0)) << "there is no such user";
}

}  // namespace
}  // namespace havip::http
