// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/address_keeper.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>

namespace havip::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant t0 = Instant{} + 1h;
constexpr ports::LinkIndex eth0{2};
const Prefix vip = Prefix::parse("192.0.2.10/24").value();
const Place place{eth0, vip};
const AddAddress add{.link = eth0, .prefix = vip, .lease = 3s};
const RemoveAddress remove{.link = eth0, .prefix = vip};
const ports::KernelAddress ours{.link = eth0, .prefix = vip, .ours = true};
const ports::KernelAddress foreign{.link = eth0, .prefix = vip, .ours = false};
const ports::KernelAddressGone gone{.link = eth0, .prefix = vip};
const Error refused = errno_error(EPERM, "add 192.0.2.10/24");

AddressKeeper wanting() {
  AddressKeeper keeper;
  keeper.declare({{place, 3s}}, {});
  return keeper;
}

const std::map<Place, std::uint64_t> claimed{{place, 0}};

AddressKeeper holding() {
  auto keeper = wanting();
  keeper.added(add, nullptr, t0);
  keeper.take_repairs();
  return keeper;
}

TEST(WantedAddress, IsAdded) {
  auto keeper = wanting();
  EXPECT_EQ(keeper.converge(t0), Actions{add});

  keeper.added(add, nullptr, t0);

  EXPECT_EQ(keeper.converge(t0), Actions{});
  EXPECT_TRUE(keeper.is_present(place));
  EXPECT_TRUE(keeper.is_ours(place));
  EXPECT_EQ(keeper.take_repairs(), claimed);
}

TEST(Lease, IsRenewedAfterAThirdOfIt) {
  auto keeper = holding();
  EXPECT_EQ(keeper.deadline(), t0 + 1s);
  EXPECT_EQ(keeper.converge(t0 + 1s - 1ns), Actions{});

  EXPECT_EQ(keeper.converge(t0 + 1s), Actions{add});
  keeper.added(add, nullptr, t0 + 1s);

  EXPECT_EQ(keeper.deadline(), t0 + 2s);
  EXPECT_TRUE(keeper.take_repairs().empty());
}

TEST(RemovedAddress, IsPutBackAndCounted) {
  auto keeper = holding();
  keeper.observe(gone);

  EXPECT_EQ(keeper.converge(t0 + 10ms), Actions{add});
  keeper.added(add, nullptr, t0 + 10ms);

  EXPECT_EQ(keeper.take_repairs(), (std::map<Place, std::uint64_t>{{place, 1}}));
  EXPECT_TRUE(keeper.take_repairs().empty());  // told once
}

TEST(RefusedAddress, IsTriedAgainAfterAPause) {
  auto keeper = wanting();
  keeper.added(add, &refused, t0);

  EXPECT_EQ(keeper.converge(t0 + 199ms), Actions{});
  EXPECT_EQ(keeper.deadline(), t0 + 200ms);
  EXPECT_EQ(keeper.problem(place), "add 192.0.2.10/24: Operation not permitted");

  EXPECT_EQ(keeper.converge(t0 + 200ms), Actions{add});
  keeper.added(add, nullptr, t0 + 200ms);
  EXPECT_EQ(keeper.problem(place), "");
}

// Nothing may be due for ever, or the caller would turn without end.
TEST(RefusedAddressThatSomebodyElsePutThere, IsNotWaitedFor) {
  auto keeper = wanting();
  keeper.added(add, &refused, t0);
  keeper.observe(foreign);

  EXPECT_EQ(keeper.converge(t0 + 200ms), Actions{});
  EXPECT_EQ(keeper.deadline(), std::nullopt);
}

TEST(RefusedRepairOfAnAddressThatCameBack, WaitsForTheRenewalOnly) {
  auto keeper = holding();
  keeper.observe(gone);
  keeper.added(add, &refused, t0 + 10ms);
  keeper.observe(ours);

  EXPECT_EQ(keeper.converge(t0 + 210ms), Actions{});
  EXPECT_EQ(keeper.deadline(), t0 + 1s);
  EXPECT_EQ(keeper.converge(t0 + 1s), Actions{add});
}

TEST(RefusedRenewal, IsTriedAgainAfterAPause) {
  auto keeper = holding();
  keeper.added(add, &refused, t0 + 1s);

  EXPECT_EQ(keeper.converge(t0 + 1s), Actions{});
  EXPECT_EQ(keeper.deadline(), t0 + 1200ms);
  EXPECT_EQ(keeper.converge(t0 + 1200ms), Actions{add});
}

TEST(LeftoverOfOurs, IsRemoved) {
  AddressKeeper keeper;
  keeper.observe(ports::KernelState{.links = {}, .addresses = {ours}});

  EXPECT_EQ(keeper.converge(t0), Actions{remove});
  keeper.removed(remove, nullptr, t0);

  EXPECT_EQ(keeper.converge(t0), Actions{});
  EXPECT_FALSE(keeper.is_present(place));
}

TEST(ToleratedLeftover, Stays) {
  AddressKeeper keeper;
  keeper.observe(ours);
  keeper.declare({}, {place});
  EXPECT_EQ(keeper.converge(t0), Actions{});

  keeper.declare({}, {});

  EXPECT_EQ(keeper.converge(t0), Actions{remove});
}

TEST(AdoptedAddress, GetsALeaseAtOnce) {
  AddressKeeper keeper;
  keeper.observe(ours);
  keeper.declare({{place, 3s}}, {});

  EXPECT_EQ(keeper.converge(t0), Actions{add});
  keeper.added(add, nullptr, t0);

  EXPECT_TRUE(keeper.take_repairs().empty());
}

TEST(LeftoverThatCannotBeRemoved, IsTriedAgainAfterAPause) {
  AddressKeeper keeper;
  keeper.observe(ours);
  keeper.removed(remove, &refused, t0);

  EXPECT_EQ(keeper.converge(t0 + 199ms), Actions{});
  EXPECT_EQ(keeper.deadline(), t0 + 200ms);
  EXPECT_EQ(keeper.converge(t0 + 200ms), Actions{remove});

  keeper.observe(gone);
  EXPECT_EQ(keeper.deadline(), std::nullopt);
}

TEST(ForeignAddress, IsNeverRemoved) {
  AddressKeeper keeper;
  keeper.observe(foreign);

  EXPECT_EQ(keeper.converge(t0), Actions{});
}

TEST(ForeignAddressThatIsWanted, IsLeftAloneAndNamed) {
  auto keeper = wanting();
  keeper.observe(foreign);

  EXPECT_EQ(keeper.converge(t0), Actions{});
  EXPECT_TRUE(keeper.is_present(place));
  EXPECT_FALSE(keeper.is_ours(place));
  EXPECT_EQ(keeper.deadline(), std::nullopt);
  EXPECT_EQ(keeper.problem(place),
            "192.0.2.10/24 was put on the interface by something else than havip, which will not "
            "take it off: remove it there");

  keeper.observe(gone);
  EXPECT_EQ(keeper.converge(t0), Actions{add});
}

TEST(AddressOnAnotherLink, IsAnotherPlace) {
  auto keeper = holding();
  const ports::LinkIndex eth1{3};
  keeper.observe(ports::KernelAddress{.link = eth1, .prefix = vip, .ours = true});

  EXPECT_EQ(keeper.converge(t0), (Actions{RemoveAddress{.link = eth1, .prefix = vip}}));
}

TEST(LinkThatGoes, TakesItsAddressesWithIt) {
  auto keeper = holding();

  keeper.observe(ports::LinkGone{eth0});

  EXPECT_FALSE(keeper.is_present(place));
}

TEST(WholeKernelState, ReplacesWhatWasKnown) {
  auto keeper = holding();

  keeper.observe(ports::KernelState{});

  EXPECT_EQ(keeper.converge(t0), Actions{add});
}

TEST(AddressThatIsNoLongerWanted, IsRemovedAndForgotten) {
  auto keeper = holding();
  keeper.declare({}, {});
  EXPECT_EQ(keeper.converge(t0), Actions{remove});

  keeper.removed(remove, nullptr, t0);
  keeper.declare({{place, 3s}}, {});
  keeper.added(add, nullptr, t0);

  EXPECT_EQ(keeper.take_repairs(), claimed);  // not a repair
}

}  // namespace
}  // namespace havip::engine
