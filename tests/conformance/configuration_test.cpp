// SPDX-License-Identifier: Apache-2.0
//
// What the protocol asks of those who configure it: a file that breaks it is refused.
#include "sidecar/config/load.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

namespace havip::conformance {
namespace {

using namespace std::chrono_literals;

/// A whole configuration of two nodes but for what a test is about: put into [[virtual_router]].
struct Lines {
  std::string_view vrid = "vrid = 51";
  std::string_view addresses = R"(addresses = ["192.0.2.10/24"])";
  std::string_view more = {};
  std::string_view lb1 = R"(address = "10.0.0.11")";
  bool has_lb2 = true;
};

std::string text_of(const Lines& lines) {
  std::string text = "[[node]]\nname = \"lb1\"\n";
  text += std::string{lines.lb1} + "\n";
  text += lines.has_lb2 ? "[[node]]\nname = \"lb2\"\naddress = \"10.0.0.12\"\n" : "";
  text += "[[virtual_router]]\nname = \"public\"\ninterface = \"eth0\"\n";
  for (const auto line : {lines.vrid, lines.addresses, lines.more}) {
    text += std::string{line} + "\n";
  }
  return text;
}

bool is_accepted(const Lines& lines) {
  const auto outcome = config::parse({{"havip.toml", text_of(lines)}});
  return std::holds_alternative<config::Config>(outcome);
}

config::Config accepted(const Lines& lines) {
  return std::get<config::Config>(config::parse({{"havip.toml", text_of(lines)}}));
}

bool is_accepted_with(std::string_view more) {
  return is_accepted({.more = more});
}

// C11
TEST(Vrid, IsRequiredAndFrom1To255) {
  for (const auto good : {"vrid = 1", "vrid = 255"}) {
    EXPECT_TRUE(is_accepted({.vrid = good})) << good;
  }
  for (const auto bad : {"", "vrid = 0", "vrid = 256", "vrid = -1"}) {
    EXPECT_FALSE(is_accepted({.vrid = bad})) << bad;
  }
}

// C12: who has the address for good is its owner, and nobody else is.
TEST(AddressOfANode, NeedsPriority255ThereAndOnlyThere) {
  constexpr std::string_view address_of_lb1 = R"(addresses = ["10.0.0.11/24"])";

  EXPECT_FALSE(is_accepted({.addresses = address_of_lb1}));
  EXPECT_FALSE(
      is_accepted({.addresses = address_of_lb1, .more = "priority = { lb1 = 254, lb2 = 100 }"}));
  EXPECT_FALSE(
      is_accepted({.addresses = address_of_lb1, .more = "priority = { lb1 = 100, lb2 = 255 }"}));
  EXPECT_TRUE(
      is_accepted({.addresses = address_of_lb1, .more = "priority = { lb1 = 255, lb2 = 100 }"}));
}

// C13
TEST(Priority, IsFrom1To254And100ByDefault) {
  EXPECT_EQ(accepted({}).nodes.at(0).priority, vrrp::Priority{100});
  for (const auto good : {"priority = 1", "priority = 254"}) {
    EXPECT_TRUE(is_accepted_with(good)) << good;
  }
  EXPECT_FALSE(is_accepted_with("priority = 0"));
  EXPECT_FALSE(is_accepted_with("priority = 256"));
  EXPECT_FALSE(is_accepted({.lb1 = "address = \"10.0.0.11\"\npriority = 255"}));
}

// C84
TEST(Priority255, IsRefusedForMoreThanOneNode) {
  EXPECT_FALSE(is_accepted_with("priority = 255"));
  EXPECT_FALSE(is_accepted_with("priority = { lb1 = 255, lb2 = 255 }"));
  EXPECT_TRUE(is_accepted_with("priority = { lb1 = 255, lb2 = 254 }"));
}

// C14, C21
TEST(Addresses, AreSomeAndOfOneFamily) {
  for (const auto bad : {"addresses = []",
                         R"(addresses = ["192.0.2.10/24", "2001:db8::10/64"])",
                         R"(addresses = ["fe80::10/64", "192.0.2.10/24"])"}) {
    EXPECT_FALSE(is_accepted({.addresses = bad})) << bad;
  }
}

// C16, C28: the default of version 3 is a deviation.
TEST(Interval, FitsItsField) {
  EXPECT_EQ(accepted({}).virtual_routers.at(0).advert_interval, 100ms);
  EXPECT_EQ(accepted({.more = "version = 2"}).virtual_routers.at(0).advert_interval, 1s);
  for (const auto good : {R"(advert_interval = "10ms")",
                          R"(advert_interval = "40950ms")",
                          "version = 2\nadvert_interval = \"40s\""}) {
    EXPECT_TRUE(is_accepted_with(good)) << good;
  }
  for (const auto bad : {R"(advert_interval = "0ms")",
                         R"(advert_interval = "5ms")",
                         R"(advert_interval = "15ms")",
                         R"(advert_interval = "40958ms")",  // keepalived once sent 0 for it
                         R"(advert_interval = "40960ms")",
                         "version = 2\nadvert_interval = \"1500ms\""}) {
    EXPECT_FALSE(is_accepted_with(bad)) << bad;
  }
}

// C20
TEST(Ipv6Addresses, BeginWithALinkLocalOne) {
  EXPECT_TRUE(is_accepted({.addresses = R"(addresses = ["fe80::10/64", "2001:db8::10/64"])"}));
  EXPECT_FALSE(is_accepted({.addresses = R"(addresses = ["2001:db8::10/64", "fe80::10/64"])"}));
}

// C87
TEST(PasswordInVersion3, IsRefused) {
  EXPECT_FALSE(is_accepted_with(R"(auth = { type = "pass", key_file = "/etc/havip/key" })"));
  EXPECT_TRUE(
      is_accepted_with("version = 2\nauth = { type = \"pass\", key_file = \"/etc/havip/key\" }"));
}

// U6: two nodes with one address; the list is of all others.
TEST(UnicastToOneself, IsRefused) {
  EXPECT_FALSE(
      is_accepted({.more = R"(transport = "unicast")", .lb1 = R"(address = "10.0.0.12")"}));
}

// U1, U7: `both` is a deviation.
TEST(Unicast, NeedsAnotherNode) {
  for (const auto transport : {R"(transport = "unicast")", R"(transport = "both")"}) {
    EXPECT_TRUE(is_accepted({.more = transport})) << transport;
    EXPECT_FALSE(is_accepted({.more = transport, .has_lb2 = false})) << transport;
  }
}

}  // namespace
}  // namespace havip::conformance
