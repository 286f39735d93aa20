// SPDX-License-Identifier: Apache-2.0
#include "sidecar/net/icmp_message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace havip::net {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(const std::string& hex) {
  constexpr int base = 16;
  Bytes result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 3) {
    result.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, base)));
  }
  return result;
}

const auto target = *IpAddress::parse("2001:db8::12:3456");

// RFC 792: the complement of 0800 + 1234 + 0001 is e5ca.
TEST(EchoRequest, HasItsChecksumInIpv4Only) {
  const EchoName name{.id = 0x1234, .sequence = 1};

  EXPECT_EQ(encode_echo_request(Family::ipv4, name), bytes("08 00 e5 ca 12 34 00 01 "));
  EXPECT_EQ(encode_echo_request(Family::ipv6, name), bytes("80 00 00 00 12 34 00 01 "));
}

TEST(EchoReply, IsKnownByTypeAndId) {
  const auto reply = bytes("00 00 ed ca 12 34 00 01 ");

  EXPECT_TRUE(is_echo_reply(Family::ipv4, 0x1234, reply));
  EXPECT_FALSE(is_echo_reply(Family::ipv4, 0x1235, reply));
  EXPECT_FALSE(is_echo_reply(Family::ipv6, 0x1234, reply));
  EXPECT_TRUE(is_echo_reply(Family::ipv6, 0x1234, bytes("81 00 00 00 12 34 00 01 ")));
  EXPECT_FALSE(is_echo_reply(Family::ipv4, 0x1234, encode_echo_request(Family::ipv4, {0x1234, 1})));
  EXPECT_FALSE(is_echo_reply(Family::ipv4, 0, bytes("00 00 ed ")));
}

TEST(Solicitation, AsksForTheTargetAndSaysWhoAsks) {
  EXPECT_EQ(encode_solicitation(target, *MacAddress::parse("02:00:00:00:00:01")),
            bytes("87 00 00 00 00 00 00 00 "
                  "20 01 0d b8 00 00 00 00 00 00 00 00 00 12 34 56 "
                  "01 01 02 00 00 00 00 01 "));
  EXPECT_EQ(solicited_node_group(target), IpAddress::parse("ff02::1:ff12:3456"));
}

TEST(Advertisement, CountsWhenItAnswersForTheTarget) {
  const auto advert = [](const std::string& flags, const std::string& last) {
    return bytes("88 00 00 00 " + flags +
                 " 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 12 34 " + last + " ");
  };

  EXPECT_TRUE(is_solicited_advert(target, advert("60", "56")));
  EXPECT_FALSE(is_solicited_advert(target, advert("20", "56")));  // nobody asked
  EXPECT_FALSE(is_solicited_advert(target, advert("60", "57")));
  EXPECT_FALSE(is_solicited_advert(target, bytes("88 00 00 00 60 00 00 00 20 01 ")));
  EXPECT_FALSE(is_solicited_advert(target, {}));
}

}  // namespace
}  // namespace havip::net
