// SPDX-License-Identifier: Apache-2.0
//
// Gateways in network namespaces: va here, vb of the gateway behind a cable. The gateway is
// 10.9.0.2 and fd09::2, this node 10.9.0.1 and fd09::1.
#include "sidecar/app/gateway_checks.hpp"

#include "sidecar/async/wait.hpp"
#include "tests/unit/net/wire.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace havip::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration interval = 40ms;

/// What was told: "0 well answers".
using Told = std::vector<std::string>;

class AGateway : public net::OverACable {
protected:
  static IpAddress address(const char* text) { return *IpAddress::parse(text); }

  /// Asks until so many results came.
  Told results(const IpAddress& gateway, std::size_t count, int fall = 2) {
    boost::asio::io_context io;
    Told told;
    async::TaskGroup tasks{io.get_executor()};
    GatewayChecks checks{
        io.get_executor(),
        {{.gateway = gateway, .interval = interval, .fall = fall}},
        {address("10.9.0.100")},
        [&](std::size_t track, bool well, const std::string& detail) {
          told.push_back(std::to_string(track) + (well ? " well " : " failed ") + detail);
          if (on_result) {
            on_result(told.size());
          }
          if (told.size() >= count) {
            tasks.cancel();
          }
        }};
    tasks.spawn("checks", [&] { return checks.run(); });
    tasks.spawn("patience", [&] { return give_up(tasks); });
    bool ended = false;
    boost::asio::co_spawn(io, tasks.join(), [&](const std::exception_ptr& why) {
      ended = true;
      EXPECT_EQ(why, nullptr);
    });
    io.run();
    EXPECT_TRUE(ended);
    return told;
  }

  /// The other end of the cable does this from now on.
  void over_there(const std::string& command) {
    there.enter();
    test::ip(command);
    here.enter();
  }

  std::function<void(std::size_t count)> on_result;

private:
  static async::Task<> give_up(async::TaskGroup& tasks) {
    const bool slept = co_await async::sleep_until(async::monotonic_now() + net::patience);
    if (slept) {
      tasks.cancel();
    }
  }
};

const std::string down = "0 failed does not answer";
const std::string well = "0 well answers";

TEST_F(AGateway, ThatIsThereAnswersInBothFamilies) {
  EXPECT_EQ(results(address("10.9.0.2"), 1), Told{well});
  EXPECT_EQ(results(address("fd09::2"), 1), Told{well});
}

TEST_F(AGateway, ThatIsNotThereFails) {
  EXPECT_EQ(results(address("10.9.0.3"), 1), Told{down});
  EXPECT_EQ(results(address("fd09::3"), 1), Told{down});
}

TEST_F(AGateway, ThatGoesAndComesIsToldOnceEach) {
  on_result = [this](std::size_t count) {
    if (count == 3) {
      return;
    }
    over_there(count == 1 ? "address delete 10.9.0.2/24 dev vb" : "address add 10.9.0.2/24 dev vb");
  };

  EXPECT_EQ(results(address("10.9.0.2"), 3), (Told{well, down, well}));
}

// Without ARP only the MAC that stands in the tables makes it reachable: echo finds out.
TEST_F(AGateway, ThatAnswersNoArpIsAskedByEcho) {
  over_there("link set vb arp off");
  test::ip("neighbour replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev va");
  over_there("neighbour replace 10.9.0.1 lladdr 02:00:00:00:00:01 dev vb");

  EXPECT_EQ(results(address("10.9.0.2"), 1), Told{well});
}

TEST_F(AGateway, BehindARouterIsAskedByEcho) {
  over_there("link set lo up");
  over_there("address add 203.0.113.1/32 dev lo");
  over_there("address add 2001:db8:9::1/128 dev lo nodad");
  test::ip("route add 203.0.113.0/24 via 10.9.0.2");
  test::ip("route add 2001:db8:9::/64 via fd09::2");

  EXPECT_EQ(results(address("203.0.113.1"), 1), Told{well});
  EXPECT_EQ(results(address("2001:db8:9::1"), 1), Told{well});
}

TEST_F(AGateway, WithoutARouteIsAFailureThatSaysSo) {
  const std::string no_route = "0 failed cannot be asked, there is no route to it";

  EXPECT_EQ(results(address("203.0.113.1"), 1), Told{no_route});
  EXPECT_EQ(results(address("2001:db8:9::1"), 1), Told{no_route});
}

TEST_F(AGateway, WhoseInterfaceVanishesIsAFailureAndNoMore) {
  on_result = [](std::size_t count) {
    if (count == 1) {
      test::ip("link delete va");
    }
  };

  EXPECT_EQ(results(address("10.9.0.2"), 2),
            (Told{well, "0 failed cannot be asked, there is no route to it"}));
}

// The virtual address is the first one of the interface, from which the kernel would ask.
TEST_F(AGateway, IsNeverAskedFromAVirtualAddress) {
  test::ip("address flush dev va");
  test::ip("address add 10.9.0.100/24 dev va");
  test::ip("address add 10.9.0.1/24 dev va");
  there.enter();
  const net::Tap tap{"vb", ETH_P_ARP};
  here.enter();

  EXPECT_EQ(results(address("10.9.0.2"), 1), Told{well});

  constexpr std::size_t sender = 28;
  const auto asked = tap.next([](const net::Bytes& frame) { return frame.size() > sender + 4; });
  ASSERT_GT(asked.size(), sender + 4);
  EXPECT_EQ(IpAddress::from_bytes(std::span{asked}.subspan(sender, 4)), address("10.9.0.1"));
}

TEST_F(AGateway, ThatIsThisHostIsAFailure) {
  test::ip("link set lo up");

  EXPECT_EQ(results(address("10.9.0.1"), 1), Told{"0 failed is an address of this host itself"});
}

// One lost question of two is none.
TEST_F(AGateway, IsGivenUpAfterAsManyMissesAsConfigured) {
  over_there("link set vb arp off");
  const auto begin = async::monotonic_now();

  EXPECT_EQ(results(address("10.9.0.2"), 1, 4), Told{down});

  EXPECT_GE(async::monotonic_now() - begin, 4 * interval - 1ms);
}

}  // namespace
}  // namespace havip::app
