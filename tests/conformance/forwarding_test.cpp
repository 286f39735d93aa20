// SPDX-License-Identifier: Apache-2.0
//
// What the kernel does with advertisements on a host that forwards packets.
#include "sidecar/net/vrrp_socket.hpp"
#include "tests/unit/net/wire.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace havip::conformance {
namespace {

using net::Bytes;

void set_sysctl(const std::string& name) {
  std::ofstream file{"/proc/sys/net/" + name};
  file << 1 << std::flush;
  if (!file) {
    throw std::runtime_error{"cannot set " + name};
  }
}

/// A second cable at the host in the middle, with a tap at its far end.
class HostThatForwards : public net::OverACable {
protected:
  HostThatForwards() {
    test::ip("link add vc type veth peer name vd");
    test::ip("address add 10.8.0.1/24 dev vc");
    test::ip("link set vc up");
    test::ip("link set vd up");
    set_sysctl("ipv4/ip_forward");
    set_sysctl("ipv6/conf/all/forwarding");
  }

  /// Sends from the other end of the first cable, and waits until this host has it.
  void advertise(Family family, const char* source, const char* destination) {
    const auto receiver = net::open_vrrp_socket(link("va"), family).value();
    there.enter();
    const auto sender = net::open_vrrp_socket(link("vb"), family).value();
    const Bytes payload(12, std::byte{0x31});
    ASSERT_TRUE(sender->send(*IpAddress::parse(source), *IpAddress::parse(destination), payload));
    here.enter();
    ASSERT_TRUE(test::readable_within(receiver->descriptor(), net::patience));
  }
};

bool carries_vrrp(const Bytes& frame, std::size_t protocol_offset) {
  constexpr std::byte protocol{112};
  return frame.size() > protocol_offset && frame[protocol_offset] == protocol;
}

// C43: the end of what was seen on the second cable is a packet that this host sends there itself.
TEST_F(HostThatForwards, KeepsAdvertisementsToTheGroupsToItself) {
  const net::Tap ipv4{"vd", ETH_P_IP};
  const net::Tap ipv6{"vd", ETH_P_IPV6};
  advertise(Family::ipv4, "10.9.0.2", "224.0.0.18");
  advertise(Family::ipv6, "fe80::2", "ff02::12");
  test::ip("address add fe80::8/64 dev vc nodad");
  const auto last4 = net::open_vrrp_socket(link("vc"), Family::ipv4).value();
  const auto last6 = net::open_vrrp_socket(link("vc"), Family::ipv6).value();
  const Bytes end(1, std::byte{0x45});
  ASSERT_TRUE(last4->send(*IpAddress::parse("10.8.0.1"), *IpAddress::parse("224.0.0.18"), end));
  ASSERT_TRUE(last6->send(*IpAddress::parse("fe80::8"), *IpAddress::parse("ff02::12"), end));

  constexpr std::size_t ipv4_protocol = 14 + 9;
  constexpr std::size_t ipv6_next_header = 14 + 6;
  const auto first4 =
      ipv4.next([](const Bytes& seen) { return carries_vrrp(seen, ipv4_protocol); });
  const auto first6 =
      ipv6.next([](const Bytes& seen) { return carries_vrrp(seen, ipv6_next_header); });

  EXPECT_EQ(first4.size(), 14U + 20U + end.size());
  EXPECT_EQ(first6.size(), 14U + 40U + end.size());
}

}  // namespace
}  // namespace havip::conformance
