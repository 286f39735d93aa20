// SPDX-License-Identifier: Apache-2.0
//
// Texts made to hurt the parser. The TOML library recurses over nesting and over the parts of a
// dotted key; what is refused before it is asked cannot overflow the stack.
#include "sidecar/config/bounds.hpp"
#include "sidecar/config/load.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace havip::config {
namespace {

using std::string_literals::operator""s;

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

/// The first problem as a line; how long it took is bounded by the test's own time limit.
std::string first_problem(const std::string& text) {
  const auto outcome = parse({{"x.toml", text}});
  const auto* const problems = std::get_if<Problems>(&outcome);
  return problems == nullptr ? "" : problems->front().to_string();
}

constexpr std::string_view too_many_parts =
    "this key has too many parts; up to 16 parts between dots are allowed";
constexpr std::string_view too_deep =
    "lists and tables lie too deep in each other; a depth of up to 16 is allowed";

TEST(ADottedKeyOf50000Parts, IsRefused) {
  const auto key = repeated("a.", 49999) + "a";
  // The dot behind the 16th part stands in column 32.
  EXPECT_EQ(first_problem(key + " = 1\n"), "x.toml:1:32: "s.append(too_many_parts));
  EXPECT_EQ(first_problem("[" + key + "]\n"), "x.toml:1:33: "s.append(too_many_parts));
  EXPECT_EQ(first_problem("x = { " + key + " = 1 }\n"), "x.toml:1:38: "s.append(too_many_parts));
  EXPECT_EQ(first_problem(repeated("\"a\" . ", 50000)), "x.toml:1:95: "s.append(too_many_parts));
}

TEST(ADottedKeyOf16Parts, IsLeftToTheParser) {
  EXPECT_EQ(out_of_bounds(repeated("a.", 15) + "a = 1.5\nb = \"192.0.2.1.....................\""),
            std::nullopt);
}

TEST(TenThousandNestedArrays, AreRefused) {
  EXPECT_EQ(first_problem("a = " + repeated("[", 10000)), "x.toml:1:21: "s.append(too_deep));
  EXPECT_EQ(first_problem("a = " + repeated("{a=", 10000)), "x.toml:1:53: "s.append(too_deep));
  EXPECT_EQ(first_problem("a = [" + repeated("\n[", 10000)), "x.toml:17:1: "s.append(too_deep));
}

TEST(BracketsInTextAndComments, DoNotNest) {
  const auto many = repeated("[", 100);
  EXPECT_EQ(out_of_bounds("a = \"" + many + "\" # " + many + "\nb = '" + many + "'\n" +
                          "c = \"\"\"\n" + many + "\"\"\"\"\"\nd = '''" + many + "''\n'''\n" +
                          "e = \"\\\"" + many + "\"\nf = \"\\\\\"\n"),
            std::nullopt);
}

TEST(BracketsBehindAString, DoNest) {
  const auto many = repeated("[", 100);
  for (const auto* const text : {"a = \"\\\\\"",
                                 "a = '\\'",
                                 "a = \"\"",
                                 "a = ''",
                                 "a = \"\"\"\"\"\"",
                                 "a = \"\"\"x\"\"\"\"\"",
                                 "a = '''x'''''",
                                 "a = \"x\n"}) {
    EXPECT_NE(out_of_bounds(text + many), std::nullopt) << text;
  }
}

TEST(AFileOfTwoMebibytes, IsRefused) {
  EXPECT_EQ(first_problem(std::string(std::size_t{2} << 20U, '#')),
            "x.toml: is larger than 1 MiB; a smaller file is allowed");
}

TEST(AFileOfOneMebibyte, IsRead) {
  EXPECT_EQ(out_of_bounds(repeated("#\n", std::size_t{1} << 19U)), std::nullopt);
}

TEST(ControlCharacters, AreRefusedAtTheirPlace) {
  constexpr std::string_view text =
      "this is a control character; text, tabs and line ends are allowed";
  EXPECT_EQ(first_problem("a = 1\nb = \"\0\"\n"s), "x.toml:2:6: "s.append(text));
  EXPECT_EQ(first_problem("# \x7f"), "x.toml:1:3: "s.append(text));
  EXPECT_EQ(first_problem("# a\rb.b.b"), "x.toml:1:4: "s.append(text));
  EXPECT_EQ(first_problem("\x1b[1m"), "x.toml:1:1: "s.append(text));
}

TEST(WindowsLineEnds, AreLineEnds) {
  EXPECT_EQ(first_problem("# one\r\n[daemon]\r\nrealtime = 5\r\n"),
            "x.toml:3:12: realtime is a number; true or false is allowed");
}

TEST(WhatIsNotUtf8, IsRefusedAtItsPlace) {
  // Overlong, surrogate, beyond U+10FFFF, cut off, a lone continuation byte, Latin-1.
  for (const auto* const bytes : {"\xc0\xaf",
                                  "\xe0\x80\x80",
                                  "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80",
                                  "\xf8\x88\x80\x80\x80",
                                  "\xe2\x82",
                                  "\x80",
                                  "\xfc",
                                  "\xff"}) {
    EXPECT_EQ(first_problem("# \xc3\xa4 "s + bytes),
              "x.toml:1:5: this is not UTF-8; a text in UTF-8 is allowed");
  }
}

TEST(Utf8OfEveryLength, IsAccepted) {
  EXPECT_EQ(out_of_bounds("# \xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82 \xef\xbf\xbd \xed\x9f\xbf\n"),
            std::nullopt);
}

TEST(TenThousandProblems, AreToldInTime) {
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    text += "[[virtual_router]]\nvrid = 300\n";
  }

  const auto outcome = parse({{"x.toml", text}});

  const auto* const problems = std::get_if<Problems>(&outcome);
  ASSERT_NE(problems, nullptr);
  // Each lacks name, interface, addresses and a priority, and has a wrong vrid.
  EXPECT_EQ(problems->size(), 2000U * 5U);
}

TEST(ManyVirtualRouters, AreComparedInTime) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    const auto number = std::to_string(i);
    text += "[[virtual_router]]\nname = \"r" + number + "\"\ninterface = \"e" + number +
            "\"\nvrid = 1\npriority = 1\naddresses = [\"10.1." + std::to_string(i / 250) + "." +
            std::to_string(i % 250 + 1) + "/32\"]\n";
  }
  EXPECT_EQ(first_problem(text), "");
}

}  // namespace
}  // namespace havip::config
