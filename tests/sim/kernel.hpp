#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/mutant.hpp"
#include "tests/support/fake_address_table.hpp"

#include <cstdint>
#include <optional>

namespace havip::sim {

/// The fake of a kernel's addresses, with a planted bug if any, and the moment of the next expiry
/// at hand: it is asked for at every step.
class Kernel : public test::FakeAddressTable {
public:
  Mutant mutant = Mutant::none;
  std::uint64_t adds = 0;  ///< that were asked for

  Result<> add(ports::LinkIndex link,
               const Prefix& address,
               std::optional<std::chrono::seconds> lease) override {
    ++adds;
    if (mutant == Mutant::never_renews && entries().contains({link, address})) {
      return {};
    }
    return FakeAddressTable::add(
        link, address, mutant == Mutant::adds_without_lease ? std::nullopt : lease);
  }

  Result<> remove(ports::LinkIndex link, const Prefix& address) override {
    return mutant == Mutant::keeps_addresses ? Result<>{} : FakeAddressTable::remove(link, address);
  }

  [[nodiscard]] std::optional<Instant> next_expiry() const {
    std::optional<Instant> next;
    for (const auto& [place, entry] : entries()) {
      if (entry.expires && (!next || *entry.expires < *next)) {
        next = entry.expires;
      }
    }
    return next;
  }
};

}  // namespace havip::sim
