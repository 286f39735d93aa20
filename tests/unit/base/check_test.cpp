// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/check.hpp"

#include "sidecar/base/log.hpp"
#include "sidecar/base/result.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace havip {
namespace {

TEST(CheckThatHolds, DoesNothing) {
  CHECK(1 + 1 == 2);
  SUCCEED();
}

TEST(CheckThatFailsDeathTest, NamesTheConditionAndThePlace) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "bug: 1 \\+ 1 == 3 does not hold at .*check_test.cpp:[0-9]+");
}

TEST(ErrnoError, NamesTheObjectAndTheCause) {
  const auto error = errno_error(EPERM, "add 192.0.2.10/24 to eth0");

  EXPECT_EQ(error.message, "add 192.0.2.10/24 to eth0: Operation not permitted");
  EXPECT_EQ(error.code, std::errc::operation_not_permitted);
}

TEST(ResultWithoutAValue, ThrowsWhatItWasAskedToIgnore) {
  const Result<int> failed{Error{.code = {}, .message = "no"}};

  EXPECT_THROW(static_cast<void>(failed.value()), std::runtime_error);
}

TEST(LogForTheJournal, CarriesTheSeverityOfSyslog) {
  ::testing::internal::CaptureStderr();
  stderr_log(true)(Severity::warning, "careful");
  stderr_log(false)(Severity::warning, "careful");
  stderr_log(false)(Severity::notice, "so it is");

  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "<4>careful\nhavip: warning: careful\nhavip: so it is\n");
}

}  // namespace
}  // namespace havip
