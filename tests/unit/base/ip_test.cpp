// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace havip {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

TEST(IpAddressText, ReadsBackWhatItWrote) {
  for (const auto* text : {"0.0.0.0",
                           "192.0.2.1",
                           "255.255.255.255",
                           "::",
                           "fe80::1",
                           "2001:db8::100",
                           "::ffff:192.0.2.1"}) {
    EXPECT_EQ(ip(text).to_string(), text);
  }
}

TEST(IpAddressText, RefusesWhatIsNoAddress) {
  for (const std::string text : {"",
                                 "192.0.2",
                                 "192.0.2.256",
                                 "192.0.2.1 ",
                                 "01.2.3.4x",
                                 "fe80::1%eth0",
                                 "192.0.2.1/24",
                                 "::1::",
                                 "lb1"}) {
    EXPECT_EQ(IpAddress::parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(IpAddress::parse(std::string("192.0.2.1\0.5", 12)), std::nullopt);
}

TEST(IpAddressNumber, IsInNetworkOrder) {
  const auto address = IpAddress::v4(0xC0000201);

  EXPECT_EQ(address, ip("192.0.2.1"));
  EXPECT_EQ(address.v4_number(), 0xC0000201U);
  EXPECT_EQ(IpAddress::from_bytes(address.bytes()), address);
  EXPECT_EQ(IpAddress::from_bytes(ip("fe80::1").bytes()), ip("fe80::1"));
}

TEST(IpAddressOrder, IsThatOfUnsignedNumbersInNetworkOrder) {
  EXPECT_LT(ip("10.0.0.9"), ip("10.0.0.10"));   // not the order of the text
  EXPECT_LT(ip("127.0.0.1"), ip("128.0.0.1"));  // not the order of signed bytes
  EXPECT_LT(ip("1.0.0.2"), ip("2.0.0.1"));      // the first byte counts most
  EXPECT_LT(ip("255.255.255.255"), ip("::"));   // families are not mixed
}

TEST(IpAddressKind, IsToldFromItsBits) {
  EXPECT_TRUE(ip("224.0.0.18").is_multicast());
  EXPECT_TRUE(ip("239.255.255.255").is_multicast());
  EXPECT_FALSE(ip("240.0.0.1").is_multicast());
  EXPECT_TRUE(ip("ff02::12").is_multicast());
  EXPECT_TRUE(ip("127.8.9.10").is_loopback());
  EXPECT_TRUE(ip("::1").is_loopback());
  EXPECT_FALSE(ip("::2").is_loopback());
  EXPECT_TRUE(ip("169.254.1.1").is_link_local());
  EXPECT_TRUE(ip("febf::1").is_link_local());  // fe80::/10
  EXPECT_FALSE(ip("fec0::1").is_link_local());
  EXPECT_TRUE(ip("0.0.0.0").is_unspecified());
  EXPECT_TRUE(ip("::").is_unspecified());
  EXPECT_FALSE(ip("::1").is_unspecified());
}

TEST(PrefixText, KeepsTheHostBits) {
  const auto prefix = Prefix::parse("192.0.2.10/24");

  EXPECT_EQ(prefix, (Prefix{ip("192.0.2.10"), 24}));
  EXPECT_EQ(prefix->to_string(), "192.0.2.10/24");
}

TEST(PrefixWithoutLength, IsTheWholeAddress) {
  EXPECT_EQ(Prefix::parse("192.0.2.10"), (Prefix{ip("192.0.2.10"), 32}));
  EXPECT_EQ(Prefix::parse("fe80::1"), (Prefix{ip("fe80::1"), 128}));
}

TEST(PrefixText, RefusesWhatIsNoPrefix) {
  for (const auto* text : {"192.0.2.10/",
                           "192.0.2.10/33",
                           "192.0.2.10/-1",
                           "192.0.2.10/+8",
                           "192.0.2.10/8 ",
                           "192.0.2.10/256",
                           "fe80::1/129",
                           "/24",
                           "24"}) {
    EXPECT_EQ(Prefix::parse(text), std::nullopt) << text;
  }
}

TEST(PrefixContains, ComparesOnlyTheNetworkBits) {
  const auto prefix = Prefix::parse("192.0.2.130/25").value();

  EXPECT_TRUE(prefix.contains(ip("192.0.2.255")));
  EXPECT_FALSE(prefix.contains(ip("192.0.2.127")));
  EXPECT_FALSE(prefix.contains(ip("::")));
  EXPECT_TRUE(Prefix::parse("0.0.0.0/0")->contains(ip("203.0.113.1")));
  EXPECT_TRUE(Prefix::parse("fe80::/10")->contains(ip("fe80::1")));
}

TEST(MacAddressText, ReadsBackWhatItWrote) {
  const auto mac = MacAddress::parse("00:00:5E:00:01:33");

  EXPECT_EQ(mac, (MacAddress{{0x00, 0x00, 0x5e, 0x00, 0x01, 0x33}}));
  EXPECT_EQ(mac->to_string(), "00:00:5e:00:01:33");
  EXPECT_EQ(broadcast_mac.to_string(), "ff:ff:ff:ff:ff:ff");
}

TEST(MacAddressText, RefusesWhatIsNoMac) {
  for (const auto* text : {"",
                           "00:00:5e:00:01",
                           "00:00:5e:00:01:3",
                           "00-00-5e-00-01-33",
                           "00:00:5e:00:01:3g",
                           "00:00:5e:00:01:333",
                           "000:0:5e:00:01:33"}) {
    EXPECT_EQ(MacAddress::parse(text), std::nullopt) << text;
  }
}

TEST(FamilyText, IsTheWordOfTheContract) {
  EXPECT_EQ(to_string(Family::ipv4), "ipv4");
  EXPECT_EQ(to_string(Family::ipv6), "ipv6");
}

}  // namespace
}  // namespace havip
