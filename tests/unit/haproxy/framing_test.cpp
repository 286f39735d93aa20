// SPDX-License-Identifier: Apache-2.0
#include "haproxy/framing.hpp"

#include "haproxy/error.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace havip::haproxy {
namespace {

using namespace std::string_view_literals;
using Answer = std::optional<std::string>;

TEST(FramingOfAWholeAnswer, CutsThePromptOff) {
  Framing framing{100};
  EXPECT_EQ(framing.feed("Pid: 1\nVersion: 2.6\n\n> ").value(), Answer{"Pid: 1\nVersion: 2.6\n"});
}

TEST(FramingOfAnEmptyAnswer, IsAnEmptyAnswerAndNotNone) {
  Framing framing{100};
  EXPECT_EQ(framing.feed("\n> ").value(), Answer{""});  // what `prompt` and `set timeout` say
}

TEST(FramingOfAnAnswerInPieces, WaitsForTheLast) {
  const auto whole = "# a,b,\n1,2,\n\n> "sv;
  Framing framing{100};
  for (const char c : whole.substr(0, whole.size() - 1)) {
    EXPECT_EQ(framing.feed({&c, 1}).value(), Answer{});
    EXPECT_TRUE(framing.in_answer());
  }

  EXPECT_EQ(framing.feed(" ").value(), Answer{"# a,b,\n1,2,\n"});
  EXPECT_FALSE(framing.in_answer());
}

TEST(FramingOfSeveralAnswersInTurn, StartsAfreshWithEach) {
  Framing framing{100};
  EXPECT_EQ(framing.feed("one\n\n> ").value(), Answer{"one\n"});
  EXPECT_EQ(framing.feed("two\n\n> ").value(), Answer{"two\n"});
}

TEST(FramingOfTwoAnswersAtOnce, NamesIt) {
  Framing framing{100};
  EXPECT_EQ(framing.feed("one\n\n> two\n\n> ").error(),
            fault(Fault::not_asked, "more than one answer came to one command"));
}

TEST(FramingOfTwoPrompts, NamesIt) {
  Framing framing{100};
  EXPECT_EQ(framing.feed("\n> \n> ").error().code, Fault::not_asked);
}

TEST(FramingOfAnAnswerThatIsAllowedToBeThatLong, TakesIt) {
  Framing framing{4};
  EXPECT_EQ(framing.feed("abcd\n> ").value(), Answer{"abcd"});
}

TEST(FramingOfAnEndlessAnswer, StopsAtTheLimit) {
  Framing framing{1000};
  const std::string chunk(100, 'x');
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(framing.feed(chunk).value(), Answer{});
  }

  EXPECT_EQ(framing.feed(chunk).error(),
            fault(Fault::too_long, "an answer is longer than 1000 bytes"));
}

TEST(FramingOfBinaryData, NamesIt) {
  Framing framing{100};
  EXPECT_EQ(framing.feed("\x7f\x45LF\0\x01"sv).error(),
            fault(Fault::not_text, "an answer is not text"));
}

TEST(FramingAfterReset, ForgetsTheOldConnection) {
  Framing framing{100};
  EXPECT_EQ(framing.feed("half an ans").value(), Answer{});
  framing.reset();
  EXPECT_EQ(framing.feed("new\n\n> ").value(), Answer{"new\n"});
}

TEST(PrintableText, IsOneShortLineOfAscii) {
  EXPECT_EQ(printable("Unknown command\nhelp"), "Unknown command");
  EXPECT_EQ(printable("\x1b[31mred\xff"), "?[31mred?");
  EXPECT_EQ(printable(std::string(1000, 'x')), std::string(80, 'x'));
}

TEST(EveryFault, HasAMessageOfItsOwn) {
  std::string last;
  for (int i = static_cast<int>(Fault::closed); i <= static_cast<int>(Fault::stopping); ++i) {
    const auto message = make_error_code(static_cast<Fault>(i)).message();
    EXPECT_NE(message, "unknown fault");
    EXPECT_NE(message, last);
    last = message;
  }
  EXPECT_EQ(fault_category().message(99), "unknown fault");
  EXPECT_STREQ(fault_category().name(), "haproxy");
}

}  // namespace
}  // namespace havip::haproxy
