// SPDX-License-Identifier: Apache-2.0
#include "haproxy/board.hpp"

#include "haproxy/error.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;

constexpr Instant t0{};
constexpr auto all_servers = "show stat -1 4 -1";
using Command = std::optional<std::string>;
using Backends = std::vector<Backend>;

std::string table(std::string_view rows) {
  return std::string{"# pxname,svname,status,weight,act,bck,iid,type,check_status,\n"}.append(rows);
}

std::string backend(const std::string& name, int id, int usable) {
  return name + ",BACKEND," + (usable > 0 ? "UP" : "DOWN") + "," + std::to_string(usable) + "," +
         std::to_string(usable) + ",0," + std::to_string(id) + ",1,,\n";
}

std::string server(int id, const std::string& check) {
  return "b,s,UP,1,1,0," + std::to_string(id) + ",2," + check + ",\n";
}

/// Knows web (4) with two servers and api (3) with one, all well.
Board filled() {
  Board board;
  EXPECT_TRUE(board.backends(table(backend("web", 4, 2) + backend("api", 3, 1)), t0));
  EXPECT_TRUE(board.servers(table(server(4, "L4OK") + server(4, "L4OK") + server(3, "L4OK")), t0));
  EXPECT_EQ(board.next_command(), Command{});
  return board;
}

TEST(BoardAtTheBeginning, AsksForAllServersOnce) {
  Board board;
  EXPECT_TRUE(board.backends(table(backend("web", 4, 2)), t0));
  EXPECT_EQ(board.next_command(), Command{all_servers});

  EXPECT_TRUE(board.servers(table(server(4, "L4OK") + server(4, "L4OK")), t0));

  EXPECT_EQ(board.next_command(), Command{});
  EXPECT_EQ(board.judged(), (Backends{{"web", true, 2, 2, 1.0}}));
}

TEST(BoardWithoutNews, AsksForNoServers) {
  auto board = filled();
  EXPECT_TRUE(board.backends(table(backend("web", 4, 2) + backend("api", 3, 1)), t0 + 59s));
  EXPECT_EQ(board.next_command(), Command{});
}

TEST(BoardAfterAMinute, AsksForAllServersAgain) {
  auto board = filled();
  EXPECT_TRUE(board.backends(table(backend("web", 4, 2) + backend("api", 3, 1)), t0 + 60s));
  EXPECT_EQ(board.next_command(), Command{all_servers});
}

TEST(BoardWithAChangedBackend, AsksForItsServersOnly) {
  auto board = filled();
  EXPECT_TRUE(board.backends(table(backend("web", 4, 1) + backend("api", 3, 1)), t0 + 1s));
  EXPECT_EQ(board.next_command(), Command{"show stat 4 4 -1"});

  EXPECT_TRUE(board.servers(table(server(4, "L4OK") + server(4, "L4CON")), t0 + 1s));

  EXPECT_EQ(board.next_command(), Command{});
  EXPECT_EQ(board.judged(), (Backends{{"web", true, 1, 2, 0.5}, {"api", true, 1, 1, 1.0}}));
}

TEST(BoardWithManyChangedBackends, AsksForAllServersInOneGo) {
  std::string before;
  std::string after;
  for (int id = 1; id <= 8; ++id) {
    before += backend("b", id, 2);
    after += backend("b", id, 1);
  }
  Board board;
  EXPECT_TRUE(board.backends(table(before), t0));
  EXPECT_TRUE(board.servers(table(""), t0));

  EXPECT_TRUE(board.backends(table(after), t0 + 1s));

  EXPECT_EQ(board.next_command(), Command{all_servers});
}

TEST(BoardWithManyBackendsOfWhichSomeChanged, AsksForTheseOnly) {
  std::string before;
  std::string after;
  for (int id = 1; id <= 30; ++id) {
    before += backend("b", id, 2);
    after += backend("b", id, id <= 10 ? 1 : 2);  // a third of all
  }
  Board board;
  EXPECT_TRUE(board.backends(table(before), t0));
  EXPECT_TRUE(board.servers(table(""), t0));
  EXPECT_TRUE(board.backends(table(after), t0 + 1s));
  EXPECT_EQ(board.next_command(), Command{"show stat 1 4 -1"});
}

TEST(BoardWithServersThatComeOrGo, SaysSo) {
  auto board = filled();
  EXPECT_FALSE(board.servers_changed());
  EXPECT_EQ(board.servers_total(), 3U);
  EXPECT_TRUE(board.backends(table(backend("web", 4, 1) + backend("api", 3, 1)), t0 + 1s));
  EXPECT_TRUE(board.servers_changed());
  EXPECT_TRUE(board.backends(table(backend("web", 4, 1) + backend("api", 3, 1)), t0 + 2s));
  EXPECT_FALSE(board.servers_changed());
  EXPECT_TRUE(board.backends(table(backend("new", 5, 1)), t0 + 3s));  // not one that was known
  EXPECT_FALSE(board.servers_changed());
}

TEST(BoardWithUncheckedServers, AsksForTheirBackendUntilTheyAreChecked) {
  const auto rows = table(backend("web", 4, 1) + backend("api", 3, 1));
  Board board;
  EXPECT_TRUE(board.backends(rows, t0));
  EXPECT_TRUE(board.servers(table(server(4, "INI") + server(3, "L4OK")), t0));
  EXPECT_EQ(board.unchecked(), 1);

  EXPECT_TRUE(board.backends(rows, t0 + 1s));
  EXPECT_EQ(board.next_command(), Command{"show stat 4 4 -1"});
  EXPECT_TRUE(board.servers(table(server(4, "L4OK")), t0 + 1s));

  EXPECT_EQ(board.unchecked(), 0);
  EXPECT_TRUE(board.backends(rows, t0 + 2s));
  EXPECT_EQ(board.next_command(), Command{});
}

TEST(BoardWithADeletedLastServer, KnowsThatThereIsNone) {
  auto board = filled();
  EXPECT_TRUE(board.backends(table(backend("web", 4, 2) + backend("api", 3, 0)), t0 + 1s));
  EXPECT_TRUE(board.servers(table(""), t0 + 1s));
  EXPECT_EQ(board.judged(), (Backends{{"web", true, 2, 2, 1.0}, {"api", false, 0, 0, 1.0}}));
}

TEST(BoardWithAnAnswerItCannotRead, PassesTheErrorOnAndStaysAsItWas) {
  auto board = filled();
  EXPECT_EQ(board.backends("Permission denied\n", t0 + 1s).error().code, Fault::refused);
  EXPECT_TRUE(board.backends(table(backend("web", 4, 1) + backend("api", 3, 1)), t0 + 1s));
  EXPECT_EQ(board.servers("# pxname,\n", t0 + 1s).error().code, Fault::no_such_column);
  EXPECT_EQ(board.next_command(), Command{"show stat 4 4 -1"});
}

TEST(BoardOfAnotherProcess, KnowsNothing) {
  auto board = filled();
  board.forget();
  EXPECT_EQ(board.judged(), Backends{});
  EXPECT_TRUE(board.backends(table(backend("web", 4, 2) + backend("api", 3, 1)), t0 + 1s));
  EXPECT_EQ(board.next_command(), Command{all_servers});
}

}  // namespace
}  // namespace havip::haproxy
