#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/time.hpp"
#include "sidecar/ports/kernel.hpp"

#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace havip::test {

/// The addresses of a kernel: its links, who put each address there, and until when. Changes are
/// told as the kernel tells them, also those that the daemon made itself.
class FakeAddressTable : public ports::AddressTable {
public:
  using Place = std::pair<ports::LinkIndex, Prefix>;

  struct Entry {
    bool ours = false;
    std::optional<Instant> expires;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// Called with each change of the addresses.
  std::function<void(const ports::KernelEvent&)> tell = [](const ports::KernelEvent&) {
  };
  /// Called with what the daemon asks for ("add", "remove") and did get.
  std::function<void(const char*, const Prefix&)> did = [](const char*, const Prefix&) {
  };
  /// While set, every request is refused with this errno.
  int refusal = 0;
  /// The present, for leases.
  Instant now;

  Result<> add(ports::LinkIndex link,
               const Prefix& address,
               std::optional<std::chrono::seconds> lease) override {
    if (auto failure = failing("add", link, address)) {
      return *failure;
    }
    auto& entry = entries_[{link, address}];
    entry.ours = true;
    entry.expires = lease ? std::optional{now + Duration{*lease}} : std::nullopt;
    did("add", address);
    tell(ports::KernelAddress{.link = link, .prefix = address, .ours = true});
    return {};
  }

  Result<> remove(ports::LinkIndex link, const Prefix& address) override {
    if (refusal != 0) {
      return *failing("remove", link, address);
    }
    did("remove", address);
    take_off({link, address});
    return {};
  }

  void add_link(ports::LinkIndex link) { links_.insert(link); }

  /// The kernel drops a link's addresses with it, silently.
  void remove_link(ports::LinkIndex link) {
    links_.erase(link);
    std::erase_if(entries_, [&](const auto& entry) { return entry.first.first == link; });
  }

  /// Somebody puts an address there, or an earlier run did.
  void put(const Place& place, const Entry& entry) {
    entries_[place] = entry;
    tell(ports::KernelAddress{.link = place.first, .prefix = place.second, .ours = entry.ours});
  }

  /// Somebody takes an address off, if it is there.
  void take_off(const Place& place) {
    if (entries_.erase(place) > 0) {
      tell(ports::KernelAddressGone{.link = place.first, .prefix = place.second});
    }
  }

  /// Takes off what was not renewed in time.
  void expire() {
    const auto before = entries_;
    for (const auto& [place, entry] : before) {
      if (entry.expires && *entry.expires <= now) {
        take_off(place);
      }
    }
  }

  [[nodiscard]] const std::map<Place, Entry>& entries() const { return entries_; }

  [[nodiscard]] std::vector<ports::KernelAddress> list() const {
    std::vector<ports::KernelAddress> result;
    for (const auto& [place, entry] : entries_) {
      result.push_back({.link = place.first, .prefix = place.second, .ours = entry.ours});
    }
    return result;
  }

private:
  std::optional<Error> failing(const char* verb, ports::LinkIndex link, const Prefix& address) {
    const int number = refusal != 0 ? refusal : (links_.contains(link) ? 0 : ENODEV);
    return number == 0 ? std::nullopt
                       : std::optional{errno_error(number, verb + (" " + address.to_string()))};
  }

  std::set<ports::LinkIndex> links_;
  std::map<Place, Entry> entries_;
};

}  // namespace havip::test
