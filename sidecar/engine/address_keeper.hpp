#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/base/time.hpp"
#include "sidecar/engine/events.hpp"
#include "sidecar/ports/kernel.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace havip::engine {

/// An address on one link.
using Place = std::pair<ports::LinkIndex, Prefix>;

/// Makes the kernel's addresses those that are declared, and keeps them so.
///
/// It compares what is wanted with what the kernel was seen to have and asks for the difference:
/// what somebody removed is put back, what an earlier run left is taken off, leases are renewed in
/// time, refusals are tried again. Addresses that do not carry havip's tag are never removed.
class AddressKeeper {
public:
  /// Tries again this long after the kernel refused an address.
  static constexpr Duration retry_pause = std::chrono::milliseconds{200};

  /// Declares what is to be there from now on, and what may stay though it is not wanted, because
  /// it is not decided yet who holds it. Everything else of ours has to go.
  void declare(const std::map<Place, std::chrono::seconds>& wanted_with_lease,
               const std::set<Place>& tolerated);

  /// What the kernel has: all of it, or one change. False when that is known already: each renewal
  /// of ours comes back so, and must not cost a look at all the other addresses.
  bool observe(const ports::KernelState& state);
  bool observe(const ports::KernelAddress& address);
  bool observe(const ports::KernelAddressGone& gone);
  bool observe(const ports::LinkGone& gone);

  /// What to do now to come closer to what is declared.
  [[nodiscard]] Actions converge(Instant now) const;

  /// How an action of converge() ended.
  void added(const AddAddress& action, const Error* failure, Instant now);
  void removed(const RemoveAddress& action, const Error* failure, Instant now);

  [[nodiscard]] bool is_present(const Place& place) const;
  /// Whether the address is there under havip's tag.
  [[nodiscard]] bool is_ours(const Place& place) const;

  /// What is wrong with a wanted address, for the operator; empty when nothing is.
  [[nodiscard]] std::string problem(const Place& place) const;

  /// The wanted addresses that came to be there since the last call, and how often each was put
  /// back after something else had removed it: 0 when it was claimed just now.
  std::map<Place, std::uint64_t> take_repairs();

  /// When to converge() next. Asked at each turn of the loop, and worked out only after a change.
  [[nodiscard]] std::optional<Instant> deadline() const;

private:
  struct Wanted {
    std::chrono::seconds lease{};
    bool established = false;  ///< it has been there since it was declared
    Instant next_renewal;
    std::optional<Instant> retry_at;
    std::string refusal;
  };

  [[nodiscard]] std::optional<Instant> work_out_deadline() const;

  std::map<Place, Wanted> wanted_;
  std::set<Place> tolerated_;
  std::map<Place, bool> kernel_;    ///< what is there, and whether it carries our tag
  std::map<Place, Instant> stuck_;  ///< leftovers that could not be removed: when to try again
  std::map<Place, std::uint64_t> repairs_;
  /// No value: something changed since it was worked out.
  mutable std::optional<std::optional<Instant>> deadline_;
};

}  // namespace havip::engine
