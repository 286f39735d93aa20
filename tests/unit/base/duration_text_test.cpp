// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/duration_text.hpp"

#include <gtest/gtest.h>

namespace havip {
namespace {

using namespace std::chrono_literals;

TEST(TextOfADuration, IsAsAnOperatorWritesIt) {
  EXPECT_EQ(text_of(2s), "2s");
  EXPECT_EQ(text_of(1500ms), "1500ms");
}

}  // namespace
}  // namespace havip
