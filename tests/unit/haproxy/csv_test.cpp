// SPDX-License-Identifier: Apache-2.0
#include "haproxy/csv.hpp"

#include "haproxy/error.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace havip::haproxy {
namespace {

using namespace std::string_view_literals;

constexpr std::array name_and_status{"svname"sv, "status"sv};

Rows read(std::string_view text) {
  return read_csv(text, name_and_status).value();
}

Error error_of(std::string_view text) {
  return read_csv(text, name_and_status).error();
}

TEST(CsvWithATrailingComma, HasOneMoreColumnWithoutAName) {
  EXPECT_EQ(read("# pxname,svname,status,\nweb,w1,UP,\nweb,w2,DOWN,\n"),
            (Rows{{"w1", "UP"}, {"w2", "DOWN"}}));
}

TEST(CsvColumns, AreFoundByNameWhereverTheyStand) {
  EXPECT_EQ(read("# status,new_in_3.9,svname,\nUP,7,w1,\n"), (Rows{{"w1", "UP"}}));
}

TEST(CsvWithAColumnNamedDash, IgnoresIt) {
  EXPECT_EQ(read("# svname,status,-,ssl_sess,\nw1,UP,-,0,\n"), (Rows{{"w1", "UP"}}));
}

TEST(CsvWithQuotedText, DoesNotShiftTheColumnsBehindIt) {
  // As measured: the reason phrase of a health check's answer, chosen by the server.
  EXPECT_EQ(read("# svname,last_chk,status,\nw1,\"Oops, \"\"quoted\"\"; a=b\",UP,\n"),
            (Rows{{"w1", "UP"}}));
}

TEST(CsvQuoting, IsUndoneInWhatIsKept) {
  EXPECT_EQ(read("# svname,status,\n\"a,\"\"b\"\"\nc\",\"\",\n"), (Rows{{"a,\"b\"\nc", ""}}));
}

TEST(CsvWithoutRows, IsAnEmptyTable) {
  EXPECT_EQ(read("# svname,status,\n"), Rows{});  // a stopping HAProxy 2.2 answers so
  EXPECT_EQ(read("# svname,status"), Rows{});
}

TEST(CsvWithoutALastLineBreak, HasItsLastRow) {
  EXPECT_EQ(read("# svname,status\nw1,UP"), (Rows{{"w1", "UP"}}));
}

TEST(CsvThatIsAMessage, QuotesItsFirstLine) {
  EXPECT_EQ(error_of("Permission denied\n"),
            fault(Fault::refused, "not a table but \"Permission denied\""));
  EXPECT_EQ(error_of(""), fault(Fault::refused, "not a table but \"\""));
}

TEST(CsvWithoutAColumnWeNeed, NamesTheColumn) {
  EXPECT_EQ(error_of("# svname,stat,\n"),
            fault(Fault::no_such_column, "a table has no column named status"));
}

TEST(CsvWithAColumnTwice, IsRefused) {
  EXPECT_EQ(error_of("# svname,status,svname,\n"),
            fault(Fault::malformed, "a table has two columns named svname"));
}

TEST(CsvRowThatIsTooShort, IsNamedByItsNumber) {
  EXPECT_EQ(error_of("# svname,status,\nw1,UP,\nw2\n"),
            fault(Fault::malformed, "row 2 of a table ends too early"));
}

TEST(CsvRowThatIsTooLong, IsNamedByItsNumber) {
  EXPECT_EQ(error_of("# svname,status,\nw1,UP,,more\n"),
            fault(Fault::malformed, "row 1 of a table has more fields than the header"));
}

TEST(CsvWithBrokenQuotes, IsMalformed) {
  const auto broken = fault(Fault::malformed, "row 1 of a table is not quoted as RFC 4180 says");
  EXPECT_EQ(error_of("# svname,status,\n\"never closed,UP,\n"), broken);
  EXPECT_EQ(error_of("# svname,status,\n\"closed\"too early,UP,\n"), broken);
  EXPECT_EQ(error_of("# svname,status,\nin the \"middle\",UP,\n"), broken);
  EXPECT_EQ(error_of("# svname,\"status\n"),
            fault(Fault::malformed, "the header of a table is malformed"));
}

TEST(CsvWithAHostileHeader, IsRefusedBeforeItCostsMemory) {
  EXPECT_EQ(error_of("# " + std::string(1'000'000, ',')).code, Fault::malformed);
}

TEST(CsvCutAnywhere, IsReadOrRefusedButNothingElse) {
  constexpr auto whole = "# svname,last_chk,status,\nw1,\"a, \"\"b\"\"\",UP,\nw2,,DOWN,\n"sv;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const auto rows = read_csv(whole.substr(0, length), name_and_status);
    EXPECT_TRUE(!rows || rows->size() <= 2) << length;
  }
}

}  // namespace
}  // namespace havip::haproxy
