#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/ip.hpp"
#include "sidecar/ports/kernel.hpp"

#include <map>
#include <optional>
#include <utility>

namespace havip::netlink {

enum class Holder : unsigned char { nobody, havip, somebody_else };

/// Who holds which address, as far as the kernel has told. It takes the events of a watch.
class Holders {
public:
  void operator()(const ports::KernelState& state) {
    holders_.clear();
    for (const auto& address : state.addresses) {
      (*this)(address);
    }
  }

  void operator()(const ports::KernelAddress& address) {
    holders_[{address.link, address.prefix}] = address.ours ? Holder::havip : Holder::somebody_else;
  }

  void operator()(const ports::KernelAddressGone& address) {
    holders_.erase({address.link, address.prefix});
  }

  // A link takes its addresses along, and the kernel says so for each of them.
  void operator()(const ports::Link& /*link*/) {}

  void operator()(const ports::LinkGone& /*link*/) {}

  [[nodiscard]] Holder of(ports::LinkIndex link, const Prefix& address) const {
    const auto found = holders_.find({link, address});
    return found == holders_.end() ? Holder::nobody : found->second;
  }

  /// The same address of havip's with another length, where there is one.
  [[nodiscard]] std::optional<Prefix> other_length(ports::LinkIndex link,
                                                   const Prefix& address) const {
    for (auto entry = holders_.lower_bound({link, {address.address, 0}}); entry != holders_.end();
         ++entry) {
      const auto& [key, holder] = *entry;
      if (key.first != link || key.second.address != address.address) {
        break;
      }
      if (holder == Holder::havip && key.second.length != address.length) {
        return key.second;
      }
    }
    return std::nullopt;
  }

  /// Whether somebody else has an address of the same network on this link.
  [[nodiscard]] bool shares_network(ports::LinkIndex link, const Prefix& address) const {
    const Prefix lowest{IpAddress{}, 0};
    for (auto entry = holders_.lower_bound({link, lowest}); entry != holders_.end(); ++entry) {
      const auto& [key, holder] = *entry;
      if (key.first != link) {
        break;
      }
      if (holder == Holder::somebody_else && key.second.length == address.length &&
          address.contains(key.second.address)) {
        return true;
      }
    }
    return false;
  }

private:
  std::map<std::pair<ports::LinkIndex, Prefix>, Holder> holders_;
};

}  // namespace havip::netlink
