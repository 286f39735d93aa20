// SPDX-License-Identifier: Apache-2.0
//
// What is accepted, and can never move an address. The pair has priorities 150 and 100 if a test
// says nothing else: it takes more than 50 to move an address.
#include "sidecar/config/load.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace havip::config {
namespace {

using Lines = std::vector<std::string>;

std::string node(int number, int priority) {
  const auto text = std::to_string(number);
  return "[[node]]\nname = \"lb" + text + "\"\naddress = \"10.0.0.1" + text +
         "\"\npriority = " + std::to_string(priority) + "\n";
}

std::string router(const std::string& more = "") {
  return "[[virtual_router]]\nname = \"public\"\ninterface = \"eth0\"\nvrid = 51\n"
         "addresses = [\"192.0.2.10/24\"]\n" +
         more;
}

std::string lower(int amount, int number = 1) {
  return "[[track]]\ngateway = \"192.0.2." + std::to_string(number) +
         "\"\notherwise = { lower = " + std::to_string(amount) + " }\n";
}

Lines warnings_of(const std::string& text) {
  Problems warnings;
  const auto outcome = parse({{"havip.toml", text}}, missing_features(), &warnings);
  EXPECT_TRUE(std::holds_alternative<Config>(outcome));
  Lines lines;
  for (const auto& warning : warnings) {
    lines.push_back(warning.to_string());
  }
  return lines;
}

Lines warnings_of_pair(const std::string& tracks) {
  return warnings_of(node(1, 150) + node(2, 100) + router() + tracks);
}

TEST(LowerThatBringsTheBestNodeBelowTheNext, IsNotWarnedOf) {
  EXPECT_EQ(warnings_of_pair(lower(51)), Lines{});
}

// 150 - 50 is 100, and an equal priority does not preempt.
TEST(LowerUpToTheGap, NeverActsByItself) {
  EXPECT_EQ(warnings_of_pair(lower(50)),
            (Lines{"havip.toml:16:23: lower = 50 leaves lb1 at 100 of 150 for \"public\", and lb2 "
                   "has 100: by itself this never moves its addresses; more than 50, or "
                   "\"yield\", would"}));
}

TEST(SeveralLowersThatDoNotReach, AreSaidNotToActTogetherEither) {
  EXPECT_EQ(warnings_of_pair(lower(20, 1) + lower(30, 2)),
            (Lines{"havip.toml:16:23: lower = 20 leaves lb1 at 130 of 150 for \"public\", and lb2 "
                   "has 100: by itself this never moves its addresses, nor do all lowers together "
                   "(50); more than 50, or \"yield\", would",
                   "havip.toml:19:23: lower = 30 leaves lb1 at 120 of 150 for \"public\", and lb2 "
                   "has 100: by itself this never moves its addresses, nor do all lowers together "
                   "(50); more than 50, or \"yield\", would"}));
}

TEST(SeveralLowersThatReachTogether, AreWarnedOfOneByOne) {
  EXPECT_EQ(warnings_of_pair(lower(20, 1) + lower(31, 2)).size(), 2U);
  EXPECT_EQ(warnings_of_pair(lower(20, 1) + lower(31, 2)).front(),
            "havip.toml:16:23: lower = 20 leaves lb1 at 130 of 150 for \"public\", and lb2 has "
            "100: by itself this never moves its addresses; more than 50, or \"yield\", would");
}

TEST(EqualPriorities, AreMovedByAnyLower) {
  EXPECT_EQ(warnings_of(node(1, 100) + node(2, 100) + router() + lower(1)), Lines{});
}

TEST(PrioritiesOfTheVirtualRouter, AreThoseThatCount) {
  EXPECT_EQ(warnings_of(node(1, 150) + node(2, 100) +
                        router("priority = { lb1 = 100, lb2 = 110 }\n") + lower(11)),
            Lines{});
}

TEST(OneNode, HasNobodyToGiveItTo) {
  EXPECT_EQ(warnings_of(node(1, 150) + router() + lower(1)), Lines{});
}

TEST(YieldAndFault, AlwaysAct) {
  EXPECT_EQ(warnings_of_pair("[[track]]\ngateway = \"192.0.2.1\"\notherwise = \"yield\"\n"
                             "[[track]]\ninterface = \"eth1\"\notherwise = \"fault\"\n"
                             "[[track]]\nbackend = \"web\"\n"),
            Lines{});
}

// Who does not preempt relieves a node at priority 1 and no other.
TEST(LowerWithoutPreemption, NeverActs) {
  EXPECT_EQ(warnings_of(node(1, 150) + node(2, 100) + router("preempt = false\n") + lower(60)),
            (Lines{"havip.toml:17:23: lower = 60 leaves lb1 at 90 of 150 for \"public\", and with "
                   "preempt = false only a node at priority 1 is relieved: by itself this never "
                   "moves its addresses; \"yield\" would"}));
}

TEST(NextNodeAtPriorityOne, NeverTakesOverFromOneThatYields) {
  EXPECT_EQ(warnings_of(node(1, 150) + node(2, 1) + router()),
            (Lines{"havip.toml:8:12: lb2 has priority 1 for \"public\", as has a node that yields: "
                   "lb1 keeps the addresses however unwell it is, unless it fails; 2 or more would "
                   "let lb2 take over"}));
}

TEST(ConfigurationWithProblems, HasNoWarnings) {
  Problems warnings;

  const auto outcome =
      parse({{"havip.toml", node(1, 150) + node(2, 100) + router("vrid = 0\n") + lower(1)}},
            missing_features(),
            &warnings);

  EXPECT_TRUE(std::holds_alternative<Problems>(outcome));
  EXPECT_EQ(warnings, Problems{});
}

}  // namespace
}  // namespace havip::config
