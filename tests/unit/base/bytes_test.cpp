// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/bytes.hpp"

#include "sidecar/base/checksum.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace havip {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values) {
    result.push_back(static_cast<std::byte>(value));
  }
  return result;
}

TEST(ByteReader, ReadsBigEndianFields) {
  const auto data = bytes({0x01, 0x02, 0x03, 0x04, 0x05});
  ByteReader in{data};

  EXPECT_EQ(in.u8(), 0x01);
  EXPECT_EQ(in.u16(), 0x0203);
  EXPECT_EQ(in.left(), 2U);
  EXPECT_EQ(in.take(2)->size(), 2U);
  EXPECT_EQ(in.left(), 0U);
}

TEST(ByteReaderPastTheEnd, FailsFromThenOn) {
  const auto data = bytes({0x01, 0x02, 0x03});
  ByteReader in{data};

  EXPECT_FALSE(in.take(4).has_value());  // one byte more than there is
  EXPECT_EQ(in.u8(), std::nullopt);      // though a byte would have been there
  EXPECT_EQ(in.u16(), std::nullopt);
  EXPECT_EQ(in.left(), 0U);
}

TEST(ByteReaderAtHalfAField, ReadsNothing) {
  const auto data = bytes({0x01});
  ByteReader in{data};

  EXPECT_EQ(in.u16(), std::nullopt);
  EXPECT_EQ(in.u8(), std::nullopt);
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
  std::vector<std::byte> out;
  ByteWriter writer{out};

  writer.u8(0x01);
  writer.u16(0x0203);
  writer.bytes(bytes({0x04, 0x05}));

  EXPECT_EQ(out, bytes({1, 2, 3, 4, 5}));
}

TEST(Checksum, IsThatOfTheExampleInRfc1071) {
  // Section 3 of RFC 1071: the words 0001 f203 f4f5 f6f7 add up to ddf2.
  const auto data = bytes({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7});

  EXPECT_EQ(Checksum{}.add(data).value(), 0x220dU);  // the complement of ddf2
}

TEST(ChecksumOfAnOddNumberOfBytes, PadsWithZero) {
  EXPECT_EQ(Checksum{}.add(bytes({0x12, 0x34, 0x56})).value(),
            Checksum{}.add(bytes({0x12, 0x34, 0x56, 0x00})).value());
}

TEST(ChecksumOverItself, IsZero) {
  auto data = bytes({0x31, 0x33, 0x96, 0x01, 0x00, 0x64});
  const auto sum = Checksum{}.add(data).value();
  ByteWriter{data}.u16(sum);

  EXPECT_EQ(Checksum{}.add(data).value(), 0U);
}

TEST(ChecksumOfPieces, IsThatOfTheWhole) {
  const auto whole = bytes({0xff, 0xff, 0xff, 0xfe, 0x80, 0x01, 0x7f, 0xff});  // carries often
  const std::span<const std::byte> all{whole};

  const auto expected = Checksum{}.add(all).value();

  EXPECT_EQ(Checksum{}.add(all.first(4)).add(all.subspan(4)).value(), expected);
  EXPECT_EQ(Checksum{}.add_u16(0xffff).add_u16(0xfffe).add(all.subspan(4)).value(), expected);
}

}  // namespace
}  // namespace havip
