// SPDX-License-Identifier: Apache-2.0
#include "haproxy/push.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;

constexpr Instant t0{};
constexpr auto ring = Push::Way::ring;
constexpr auto log = Push::Way::log;
using Said = std::pair<Source, std::string>;

constexpr auto silent_ring = "ring \"havip\" was silent while servers came or went";

Said said(const Push& push) {
  return {push.source(), push.reason()};
}

/// With a ring that was attached and is trusted since t0 + 100 ms.
Push trusting() {
  Push push{{.ring = "havip", .log = ""}};
  push.begin();
  push.ring_attached(t0);
  EXPECT_FALSE(push.settle(t0 + 100ms));
  EXPECT_EQ(said(push), (Said{Source::events, "ring \"havip\""}));
  return push;
}

TEST(PushThatIsNotWanted, PollsAndHasNothingToSay) {
  const Push push{{.ring = "", .log = ""}};
  EXPECT_EQ(said(push), (Said{Source::poll, ""}));
}

TEST(PushAtTheBeginning, SaysWhatIsMissing) {
  EXPECT_EQ(said(Push{{.ring = "havip", .log = ""}}),
            (Said{Source::poll, "ring \"havip\" is not attached yet"}));
  EXPECT_EQ(said(Push{{.ring = "", .log = "127.0.0.1:8408"}}),
            (Said{Source::poll, "no log line has come to 127.0.0.1:8408 yet"}));
  EXPECT_EQ(said(Push{{.ring = "havip", .log = "127.0.0.1:8408"}}),
            (Said{Source::poll,
                  "ring \"havip\" is not attached yet; "
                  "no log line has come to 127.0.0.1:8408 yet"}));
}

TEST(PushWithARing, TrustsItOnceItMightHaveBeenRefused) {
  Push push{{.ring = "havip", .log = ""}};
  push.ring_attached(t0);
  EXPECT_FALSE(push.settle(t0 + 99ms));
  EXPECT_EQ(push.source(), Source::poll);
  EXPECT_FALSE(push.settle(t0 + 100ms));
  EXPECT_EQ(push.source(), Source::events);
}

TEST(PushWithARefusedRing, PollsAndSaysWhy) {
  Push push{{.ring = "havip", .log = ""}};
  push.ring_attached(t0);
  push.ring_lost("no ring");
  EXPECT_FALSE(push.settle(t0 + 1s));
  EXPECT_EQ(said(push), (Said{Source::poll, "no ring"}));
}

TEST(PushWithARingThatEnds, Polls) {
  auto push = trusting();
  push.ring_lost("HAProxy ended it");
  EXPECT_EQ(said(push), (Said{Source::poll, "HAProxy ended it"}));
}

TEST(PushWithLogLines, TrustsThemFromTheFirstOfAProcess) {
  Push push{{.ring = "", .log = "127.0.0.1:8408"}};
  push.event(log, t0);
  EXPECT_EQ(said(push), (Said{Source::events, "log lines to 127.0.0.1:8408"}));
  push.begin();
  EXPECT_EQ(push.source(), Source::poll);
}

TEST(PushWithoutASocketForLogLines, SaysWhyUntilThereIsOne) {
  Push push{{.ring = "", .log = "127.0.0.1:8408"}};
  push.log_failed("listen on 127.0.0.1:8408: Address already in use");
  EXPECT_EQ(said(push), (Said{Source::poll, "listen on 127.0.0.1:8408: Address already in use"}));
  push.log_opened();
  EXPECT_EQ(said(push), (Said{Source::poll, "no log line has come to 127.0.0.1:8408 yet"}));
}

TEST(PushThatSaidNothingOfAChange, IsNotTrustedUntilItsNextEvent) {
  auto push = trusting();
  push.reading(true, false, 1s, t0 + 2s);
  EXPECT_FALSE(push.settle(t0 + 2249ms));  // the event may be late
  EXPECT_EQ(push.source(), Source::events);

  EXPECT_TRUE(push.settle(t0 + 2250ms));
  EXPECT_EQ(said(push), (Said{Source::poll, silent_ring}));
  EXPECT_FALSE(push.settle(t0 + 2300ms));  // said once

  push.ring_attached(t0 + 2400ms);
  push.event(ring, t0 + 2401ms);  // from before
  EXPECT_FALSE(push.settle(t0 + 5s));
  EXPECT_EQ(said(push), (Said{Source::poll, silent_ring}));
  push.event(ring, t0 + 6s);
  EXPECT_EQ(said(push), (Said{Source::events, "ring \"havip\""}));
}

TEST(PushWhoseEventIsALittleLate, StaysTrusted) {
  auto push = trusting();
  push.reading(true, false, 1s, t0 + 2s);
  push.event(ring, t0 + 2010ms);
  EXPECT_FALSE(push.settle(t0 + 3s));
  EXPECT_EQ(push.source(), Source::events);
}

TEST(PushThatToldOfAChange, StaysTrusted) {
  auto push = trusting();
  push.reading(true, true, 1s, t0 + 2s);  // asked for by an event
  EXPECT_FALSE(push.settle(t0 + 3s));
  push.event(ring, t0 + 4s);
  push.reading(true, false, 1s, t0 + 4999ms);  // an event within the window before
  EXPECT_FALSE(push.settle(t0 + 6s));
  push.reading(false, false, 1s, t0 + 7s);  // nothing to tell
  EXPECT_FALSE(push.settle(t0 + 8s));
  EXPECT_EQ(push.source(), Source::events);
}

TEST(PushBySilentLogLines, IsNotTrustedUntilTheNext) {
  Push push{{.ring = "", .log = "127.0.0.1:8408"}};
  push.event(log, t0);
  push.reading(true, false, 1s, t0 + 2s);
  EXPECT_FALSE(push.settle(t0 + 3s));  // nothing to attach anew
  EXPECT_EQ(said(push),
            (Said{Source::poll, "no log line came to 127.0.0.1:8408 while servers came or went"}));
  push.event(log, t0 + 4s);
  EXPECT_EQ(push.source(), Source::events);
}

}  // namespace
}  // namespace havip::haproxy
