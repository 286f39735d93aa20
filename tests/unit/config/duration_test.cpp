// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/duration.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace havip::config {
namespace {

using namespace std::chrono_literals;

struct Case {
  std::string_view text;
  Duration duration;
};

TEST(ADuration, IsANumberWithAUnit) {
  for (const auto& [text, duration] : {Case{"10ms", 10ms},
                                       {"1s", 1s},
                                       {"1.5s", 1500ms},
                                       {"40.95s", 40950ms},
                                       {"1m", 1min},
                                       {"2h", 2h},
                                       {"0s", 0s},
                                       {"0.5h", 30min},
                                       {"007s", 7s},
                                       {"1.50000s", 1500ms},
                                       {"0.000001ms", 1ns},
                                       {"2562046h", 2562046h}}) {
    EXPECT_EQ(parse_duration(text), duration) << text;
  }
}

TEST(AnythingElse, IsNoDuration) {
  for (const std::string_view text : {"",         "s",
                                      "1",        "1.5",
                                      ".5s",      "1.s",
                                      "1..5s",    "1 s",
                                      " 1s",      "1s ",
                                      "-1s",      "+1s",
                                      "1us",      "1S",
                                      "1sec",     "1h30m",
                                      "0x10s",    "1e3s",
                                      "1,5s",     "0.0000001ms",
                                      "2562047h", "99999999999999999999s",
                                      "1.5.5s",   "inf s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ADuration, IsWrittenInItsLargestWholeUnit) {
  for (const auto& [text, duration] : {Case{"0s", 0s},
                                       {"10ms", 10ms},
                                       {"200ms", 200ms},
                                       {"1s", 1s},
                                       {"1.5s", 1500ms},
                                       {"40.95s", 40950ms},
                                       {"90s", 90s},
                                       {"1m", 60s},
                                       {"2h", 2h},
                                       {"0.000001ms", 1ns},
                                       {"1.000000001s", 1000000001ns}}) {
    EXPECT_EQ(to_string(duration), text);
    EXPECT_EQ(parse_duration(to_string(duration)), duration);
  }
}

}  // namespace
}  // namespace havip::config
