// SPDX-License-Identifier: Apache-2.0
#include "haproxy/stat.hpp"

#include "haproxy/error.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace havip::haproxy {
namespace {

constexpr std::string_view header =
    "# pxname,svname,status,weight,act,bck,iid,type,check_status,last_chk,-,\n";

std::string table(std::string_view rows) {
  return std::string{header}.append(rows);
}

using Rows = std::vector<BackendRow>;
using Sums = std::map<ProxyId, ServerSums>;

/// One backend from its rows, as a whole reading would have it.
Backend judged(std::string_view rows) {
  const auto text = table(rows);
  const auto backends = read_backends(text).value();
  EXPECT_EQ(backends.size(), 1U);
  auto sums = read_servers(text).value();
  return judge(backends.at(0), sums[backends.at(0).id]);
}

TEST(StatOfAllKindsOfRows, GivesTheBackendsInTheirOrder) {
  EXPECT_EQ(read_backends(table("web,FRONTEND,OPEN,,,,2,0,,,-,\n"
                                "web,sock-1,OPEN,,,,2,3,,,-,\n"
                                "web,w1,UP,3,1,0,4,2,L7OK,,-,\n"
                                "web,BACKEND,UP,3,1,0,4,1,,,-,\n"
                                "api,BACKEND,DOWN,0,0,0,3,1,,,-,\n"))
                .value(),
            (Rows{{.id = 4, .name = "web", .up = true, .active = 1, .backup = 0, .weight = 3},
                  {.id = 3, .name = "api", .up = false, .active = 0, .backup = 0, .weight = 0}}));
}

TEST(StatOfServers, IsAddedUpByBackend) {
  EXPECT_EQ(read_servers(table("web,FRONTEND,OPEN,,,,2,0,,,-,\n"
                               "web,w1,UP,3,1,0,4,2,L7OK,,-,\n"
                               "web,w2,DOWN 1/2,2,1,0,4,2,L4CON,,-,\n"
                               "web,b1,UP,9,0,1,4,2,* L7OK,,-,\n"
                               "api,a1,no check,1,1,0,3,2,,,-,\n"))
                .value(),
            (Sums{{3, {.servers = 1, .active_role = 1, .active_weight = 1, .unchecked = 0}},
                  {4, {.servers = 3, .active_role = 2, .active_weight = 5, .unchecked = 0}}}));
}

TEST(StatOfAFreshProcess, CountsTheServersThatAreUpOnTrust) {
  EXPECT_EQ(read_servers(table("web,w1,UP 1/3,1,1,0,4,2,INI,,-,\n"
                               "web,w2,UP 1/3,1,1,0,4,2,* INI,,-,\n"
                               "web,w3,MAINT,1,1,0,4,2,,,-,\n"
                               "web,w4,UP,1,1,0,4,2,L4OK,,-,\n"))
                .value()[4]
                .unchecked,
            2);
}

TEST(StatWithNothingInIt, IsNoBackends) {
  EXPECT_EQ(read_backends(header).value(), Rows{});
  EXPECT_EQ(read_servers(header).value(), Sums{});
}

TEST(BackendWithAServerGoingDown, StillCountsIt) {
  // "UP 1/3": it failed checks, but not enough of them; HAProxy still sends it clients.
  EXPECT_EQ(judged("web,w1,UP 1/3,1,1,0,4,2,L4CON,,-,\n"
                   "web,w2,UP,1,1,0,4,2,L4OK,,-,\n"
                   "web,BACKEND,UP,2,2,0,4,1,,,-,\n"),
            (Backend{"web", true, 2, 2, 1.0}));
}

TEST(BackendWithHalfItsWeight, IsHalfHealthy) {
  // A server that is down or in maintenance keeps its nominal weight in its row.
  EXPECT_EQ(judged("web,w1,UP,2,1,0,4,2,L4OK,,-,\n"
                   "web,w2,DOWN,1,1,0,4,2,L4CON,,-,\n"
                   "web,w3,MAINT,1,1,0,4,2,,,-,\n"
                   "web,BACKEND,UP,2,1,0,4,1,,,-,\n"),
            (Backend{"web", true, 1, 3, 0.5}));
}

TEST(BackendWithAQuotedReasonPhrase, IsReadRight) {
  EXPECT_EQ(judged("web,w1,DOWN,1,1,0,4,2,L7STS,\"Oops, \"\"quoted\"\"; a=b\",-,\n"
                   "web,w2,UP,1,1,0,4,2,L7OK,,-,\n"
                   "web,BACKEND,UP,1,1,0,4,1,,,-,\n"),
            (Backend{"web", true, 1, 2, 0.5}));
}

TEST(BackendRunningOnItsBackups, IsUpButHasNoHealthyShare) {
  // Measured: with the active servers at weight 0 the backend's weight is the backups'.
  EXPECT_EQ(judged("web,w1,UP,0,1,0,4,2,L4OK,,-,\n"
                   "web,w2,DOWN,1,1,0,4,2,L4CON,,-,\n"
                   "web,b1,UP,1,0,1,4,2,L4OK,,-,\n"
                   "web,BACKEND,UP,1,0,1,4,1,,,-,\n"),
            (Backend{"web", true, 1, 3, 0.0}));
}

TEST(BackendWithABackupInReserve, IsMeasuredByItsActiveServers) {
  EXPECT_EQ(judged("web,w1,UP,1,1,0,4,2,L4OK,,-,\n"
                   "web,b1,UP,100,0,1,4,2,L4OK,,-,\n"
                   "web,BACKEND,UP,1,1,1,4,1,,,-,\n"),
            (Backend{"web", true, 2, 2, 1.0}));
}

TEST(BackendOfBackupsOnly, IsWholeWhileOneIsUsable) {
  EXPECT_EQ(judged("web,b1,DOWN,1,0,1,4,2,L4CON,,-,\n"
                   "web,b2,UP,1,0,1,4,2,L4OK,,-,\n"
                   "web,BACKEND,UP,1,0,1,4,1,,,-,\n"),
            (Backend{"web", true, 1, 2, 1.0}));
  EXPECT_EQ(judged("web,b1,DOWN,1,0,1,4,2,L4CON,,-,\n"
                   "web,BACKEND,DOWN,0,0,0,4,1,,,-,\n"),
            (Backend{"web", false, 0, 1, 0.0}));
}

TEST(BackendAllInMaintenance, IsDown) {
  EXPECT_EQ(judged("web,w1,MAINT,1,1,0,4,2,,,-,\n"
                   "web,w2,MAINT (via b/s),1,1,0,4,2,,,-,\n"
                   "web,BACKEND,DOWN,0,0,0,4,1,,,-,\n"),
            (Backend{"web", false, 0, 2, 0.0}));
}

TEST(BackendAllAtWeightZero, IsDown) {
  EXPECT_EQ(judged("web,w1,UP,0,1,0,4,2,L4OK,,-,\n"
                   "web,BACKEND,DOWN,0,0,0,4,1,,,-,\n"),
            (Backend{"web", false, 0, 1, 0.0}));
}

TEST(BackendWithAServerAtWeightZero, IsMeasuredByTheOthers) {
  // Weight 0 is the operator's word that nothing is expected of this server.
  EXPECT_EQ(judged("web,w1,UP,0,1,0,4,2,L4OK,,-,\n"
                   "web,w2,UP,1,1,0,4,2,L4OK,,-,\n"
                   "web,BACKEND,UP,1,1,0,4,1,,,-,\n"),
            (Backend{"web", true, 1, 2, 1.0}));
}

TEST(BackendWithoutServers, IsNoFailure) {
  EXPECT_EQ(judged("to_https,BACKEND,UP,0,0,0,5,1,,,-,\n"), (Backend{"to_https", true, 0, 0, 1.0}));
}

TEST(BackendReadWhileItChanged, HasAtMostAWholeShare) {
  const BackendRow row{.id = 4, .name = "web", .up = true, .active = 2, .backup = 0, .weight = 9};
  const ServerSums sums{.servers = 2, .active_role = 2, .active_weight = 2, .unchecked = 0};
  EXPECT_EQ(judge(row, sums), (Backend{"web", true, 2, 2, 1.0}));
}

TEST(StatWithoutAColumn, NamesIt) {
  EXPECT_EQ(read_backends("# pxname,svname,status,weight,act,bck,iid,type,\n").error(),
            fault(Fault::no_such_column, "a table has no column named check_status"));
  EXPECT_EQ(read_servers("# pxname,svname,status,weight,act,bck,iid,type,\n").error(),
            fault(Fault::no_such_column, "a table has no column named check_status"));
}

TEST(StatWithStrangeValuesInABackend, NamesTheValue) {
  const auto error = [](std::string_view row) {
    return read_backends(table(row)).error().message;
  };
  EXPECT_EQ(error("web,BACKEND,UP,1,one,0,4,1,,,-,\n"), "`show stat`: web/BACKEND has act \"one\"");
  EXPECT_EQ(error("web,BACKEND,UP,1,1,-1,4,1,,,-,\n"), "`show stat`: web/BACKEND has bck \"-1\"");
  EXPECT_EQ(error("web,BACKEND,UP,,1,1,4,1,,,-,\n"), "`show stat`: web/BACKEND has weight \"\"");
  EXPECT_EQ(error("web,BACKEND,UP,1,1,1,,1,,,-,\n"), "`show stat`: web/BACKEND has iid \"\"");
  EXPECT_EQ(error("w\teb,BACKEND,UP,1,1,1,4,1,,,-,\n"),
            "`show stat`: w?eb/BACKEND has pxname \"w?eb\"");
}

TEST(StatWithStrangeValuesInAServer, NamesTheValue) {
  const auto error = [](std::string_view row) {
    return read_servers(table(row)).error().message;
  };
  EXPECT_EQ(error("web,w1,UP,1,2,0,4,2,,,-,\n"), "`show stat`: web/w1 has act \"2\"");
  EXPECT_EQ(error("web,w1,UP,99999999999,1,0,4,2,,,-,\n"),
            "`show stat`: web/w1 has weight \"99999999999\"");
  EXPECT_EQ(error("web,w1,UP,1,1,0,x,2,,,-,\n"), "`show stat`: web/w1 has iid \"x\"");
}

}  // namespace
}  // namespace havip::haproxy
