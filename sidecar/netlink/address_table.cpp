// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/address_table.hpp"

#include "sidecar/base/check.hpp"
#include "sidecar/netlink/holders.hpp"
#include "sidecar/netlink/kernel_watch.hpp"
#include "sidecar/netlink/parse.hpp"
#include "sidecar/netlink/socket.hpp"
#include "sidecar/netlink/solicited_nodes.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace havip::netlink {
namespace {

using std::chrono::seconds;

/// "add 192.0.2.10/24 to eth0: Operation not permitted".
Error explain(const Error& error,
              const std::string& verb,
              const Prefix& address,
              const std::string& preposition,
              ports::LinkIndex link) {
  std::array<char, IF_NAMESIZE> name{};
  const bool named = ::if_indextoname(static_cast<unsigned>(link.value), name.data()) != nullptr;
  const auto where = named ? std::string{name.data()} : "interface " + std::to_string(link.value);
  return errno_error(error.code.value(),
                     verb + " " + address.to_string() + " " + preposition + " " + where);
}

/// A message about `address`. No broadcast address: nothing of HAProxy's needs one.
Message address_message(std::uint16_t type,
                        unsigned flags,
                        ports::LinkIndex link,
                        const Prefix& address) {
  ifaddrmsg header{};
  header.ifa_family = address.address.family() == Family::ipv4 ? AF_INET : AF_INET6;
  header.ifa_prefixlen = address.length;
  header.ifa_index = static_cast<std::uint32_t>(link.value);
  header.ifa_scope = RT_SCOPE_UNIVERSE;
  Message message{type, flags, header};
  message.put(IFA_LOCAL, address.address.bytes()).put(IFA_ADDRESS, address.address.bytes());
  return message;
}

/// How long the address may live without being added again.
ifa_cacheinfo lifetime(Family family, std::optional<seconds> lease) {
  constexpr std::uint32_t for_ever = std::numeric_limits<std::uint32_t>::max();
  ifa_cacheinfo info{};
  info.ifa_valid = for_ever;
  if (lease) {
    CHECK(*lease > seconds{0});
    info.ifa_valid = static_cast<std::uint32_t>(std::min(lease->count(), seconds::rep{for_ever}));
  }
  // Preferred for no second, an IPv6 address answers whoever comes to it, and is not what this host
  // chooses for connections of its own (RFC 6724 section 5, rule 3), which a move would cut. For
  // IPv4 Linux heeds no preference.
  info.ifa_prefered = family == Family::ipv4 ? info.ifa_valid : 0;
  return info;
}

class Table final : public ports::AddressTable {
public:
  Table(Socket requests, std::unique_ptr<ports::KernelWatch> watch, SolicitedNodes groups)
      : requests_{std::move(requests)}, watch_{std::move(watch)}, groups_{std::move(groups)} {}

  Result<> add(ports::LinkIndex link,
               const Prefix& address,
               std::optional<seconds> lease) override {
    auto added = try_to_add(link, address, lease);
    if (added.has_error() && added.error().code.value() == EEXIST) {
      // Somebody was faster, or the kernel has not told yet: for IPv6 it does so some time later.
      added = look_anew();
      if (added.has_value()) {
        added = try_to_add(link, address, lease);
      }
    }
    if (added.has_error()) {
      auto error = explain(added.error(), "add", address, "to", link);
      if (added.error().code.value() == EEXIST) {
        error.message += " (somebody else has it there with another length)";
      }
      return error;
    }
    return {};
  }

  Result<> remove(ports::LinkIndex link, const Prefix& address) override {
    if (address.address.family() == Family::ipv6) {
      groups_.leave(link, address.address);
    }
    if (const auto read = refresh(); read.has_error()) {
      return explain(read.error(), "remove", address, "from", link);
    }
    if (holders_.of(link, address) != Holder::havip) {
      return {};
    }
    if (const auto removed = take_off(link, address); removed.has_error()) {
      return explain(removed.error(), "remove", address, "from", link);
    }
    return {};
  }

private:
  Result<> try_to_add(ports::LinkIndex link, const Prefix& address, std::optional<seconds> lease) {
    if (auto read = refresh(); read.has_error()) {
      return read;
    }
    const auto holder = holders_.of(link, address);
    if (holder == Holder::somebody_else) {
      return {};
    }
    const auto family = address.address.family();
    // An IPv6 address is on a link once, whatever its length, and keeps the length it came with.
    const auto other = family == Family::ipv6 ? holders_.other_length(link, address) : std::nullopt;
    if (other) {
      if (auto removed = take_off(link, *other); removed.has_error()) {
        return removed;
      }
    }
    if (family == Family::ipv6 && holder == Holder::nobody) {
      groups_.join(link, address.address);
    }
    const unsigned mode = holder == Holder::havip ? NLM_F_REPLACE : NLM_F_EXCL;
    auto message = address_message(RTM_NEWADDR, NLM_F_CREATE | mode, link, address);
    message.put_value(IFA_PROTO, address_protocol)
        .put_value(IFA_CACHEINFO, lifetime(family, lease));
    if (family == Family::ipv6) {
      message.put_value(IFA_FLAGS, flags_of(link, address));
    }
    auto added = requests_.exchange(message);
    if (added.has_value()) {
      holders_(ports::KernelAddress{link, address, true});  // what the kernel will tell
    } else if (family == Family::ipv6) {
      groups_.leave(link, address.address);
    }
    return added;
  }

  Result<> take_off(ports::LinkIndex link, const Prefix& address) {
    auto message = address_message(RTM_DELADDR, 0, link, address);
    auto removed = requests_.exchange(message);
    // Gone within these microseconds, alone or together with its link.
    const bool gone = removed.has_error() && (removed.error().code.value() == EADDRNOTAVAIL ||
                                              removed.error().code.value() == ENODEV);
    return gone ? Result<>{} : removed;
  }

  [[nodiscard]] std::uint32_t flags_of(ports::LinkIndex link, const Prefix& address) const {
    // The election settles who has it; waiting for duplicate detection would only add an outage.
    std::uint32_t flags = IFA_F_NODAD;
    // The kernel would give the route of the network our lease where its present one ends too (an
    // address by SLAAC or DHCP): a dead daemon would take the neighbours' route along.
    if (holders_.shares_network(link, address)) {
      flags |= IFA_F_NOPREFIXROUTE;
    }
    return flags;
  }

  /// A new watch starts with everything there is.
  Result<> look_anew() {
    auto watch = open_kernel_watch(WatchScope::addresses);
    if (watch.has_error()) {
      return watch.error();
    }
    watch_ = std::move(*watch);
    return {};
  }

  /// Applies what the kernel told since the last call, our own changes among it.
  Result<> refresh() {
    constexpr int most_reads = 16;  // thousands of notifications each
    for (int read = 0; read < most_reads; ++read) {
      const auto events = watch_->read();
      if (events.has_error()) {
        return events.error();
      }
      if (events->empty()) {
        return {};
      }
      for (const auto& event : *events) {
        std::visit(holders_, event);
      }
    }
    return errno_error(EBUSY, "follow the kernel's addresses");
  }

  Socket requests_;
  std::unique_ptr<ports::KernelWatch> watch_;
  Holders holders_;
  SolicitedNodes groups_;
};

}  // namespace

Result<std::unique_ptr<ports::AddressTable>> open_address_table() {
  auto requests = Socket::open(NETLINK_ROUTE);
  if (requests.has_error()) {
    return requests.error();
  }
  auto watch = open_kernel_watch(WatchScope::addresses);
  if (watch.has_error()) {
    return watch.error();
  }
  auto groups = SolicitedNodes::open();
  if (groups.has_error()) {
    return groups.error();
  }
  return std::unique_ptr<ports::AddressTable>{
      std::make_unique<Table>(std::move(*requests), std::move(*watch), std::move(*groups))};
}

}  // namespace havip::netlink
