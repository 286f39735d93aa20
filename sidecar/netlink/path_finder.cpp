// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/path_finder.hpp"

#include "sidecar/netlink/parse.hpp"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <tuple>
#include <variant>

namespace havip::netlink {
namespace {

constexpr std::uint8_t bits_of_byte = 8;

std::uint8_t kernel_family(Family family) {
  return family == Family::ipv4 ? AF_INET : AF_INET6;
}

/// What the kernel answers to RTM_GETROUTE.
struct Hop {
  ports::LinkIndex link;
  std::optional<IpAddress> source;
  bool on_link = true;
  bool here = false;  ///< the address is one of this host's own
};

std::optional<Hop> parse_hop(const nlmsghdr& message) {
  std::array<nlattr*, RTA_MAX + 1> attributes{};
  // libnl takes what it only reads as mutable.
  if (message.nlmsg_type != RTM_NEWROUTE ||
      ::nlmsg_parse(
          const_cast<nlmsghdr*>(&message), sizeof(rtmsg), attributes.data(), RTA_MAX, nullptr) !=
          0) {
    return std::nullopt;
  }
  rtmsg header{};
  std::memcpy(&header, ::nlmsg_data(&message), sizeof header);
  Hop hop;
  hop.here = header.rtm_type == RTN_LOCAL;
  hop.on_link = attributes[RTA_GATEWAY] == nullptr && attributes[RTA_VIA] == nullptr;
  if (attributes[RTA_OIF] != nullptr) {
    hop.link.value = static_cast<int>(::nla_get_u32(attributes[RTA_OIF]));
  }
  if (const auto* const source = attributes[RTA_PREFSRC]; source != nullptr) {
    hop.source = IpAddress::from_bytes(std::span{static_cast<const std::byte*>(::nla_data(source)),
                                                 static_cast<std::size_t>(::nla_len(source))});
  }
  return hop;
}

Error unreachable(const Error& why) {
  const int number = why.code.value();
  const bool no_route = number == ENETUNREACH || number == EHOSTUNREACH || number == EINVAL ||
                        number == EACCES || number == ESRCH;
  return {why.code,
          no_route ? std::string{"cannot be asked, there is no route to it"}
                   : "cannot be asked, the kernel does not tell its route: " + why.code.message()};
}

}  // namespace

Result<PathFinder> PathFinder::open(std::set<IpAddress> virtual_addresses) {
  auto socket = Socket::open(NETLINK_ROUTE);
  if (!socket) {
    return socket.error();
  }
  return PathFinder{std::move(*socket), std::move(virtual_addresses)};
}

Result<ports::Link> PathFinder::link_at(ports::LinkIndex index) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = index.value;
  Message request{RTM_GETLINK, 0, header};
  std::optional<ports::Link> link;
  const auto done = socket_.exchange(request, [&](const nlmsghdr& message) {
    const auto event = parse(message, Unusable::as_gone);
    if (event && std::holds_alternative<ports::Link>(*event)) {
      link = std::get<ports::Link>(*event);
    }
  });
  if (!done || !link) {
    return Error{std::make_error_code(std::errc::no_such_device),
                 "cannot be asked, the interface to it has gone"};
  }
  return *link;
}

Result<std::vector<ports::KernelAddress>> PathFinder::addresses_of(ports::LinkIndex link,
                                                                   Family family) {
  ifaddrmsg header{};
  header.ifa_family = kernel_family(family);
  Message request{RTM_GETADDR, NLM_F_DUMP, header};
  std::vector<ports::KernelAddress> addresses;
  const auto done = socket_.exchange(request, [&](const nlmsghdr& message) {
    const auto event = parse(message, Unusable::as_gone);
    const auto* const address = event ? std::get_if<ports::KernelAddress>(&*event) : nullptr;
    if (address != nullptr && address->link == link) {
      addresses.push_back(*address);
    }
  });
  if (!done) {
    return done.error();
  }
  return addresses;
}

/// The best address of the link to ask from: none that moves, of the gateway's own network, and
/// one that is understood beyond the link.
std::optional<IpAddress> PathFinder::own_address(ports::LinkIndex link, const IpAddress& to) {
  const auto addresses = addresses_of(link, to.family());
  if (!addresses) {
    return std::nullopt;
  }
  using Rank = std::tuple<bool, bool, bool>;
  std::optional<IpAddress> best;
  Rank best_rank{};
  for (const auto& known : *addresses) {
    const auto& address = known.prefix.address;
    const Rank rank{
        !virtual_addresses_.contains(address), known.prefix.contains(to), !address.is_link_local()};
    if (!known.ours && (!best || rank > best_rank)) {
      best = address;
      best_rank = rank;
    }
  }
  return best;
}

Result<ports::Path> PathFinder::find(const IpAddress& to) {
  rtmsg header{};
  header.rtm_family = kernel_family(to.family());
  header.rtm_dst_len = static_cast<std::uint8_t>(to.bytes().size() * bits_of_byte);
  Message request{RTM_GETROUTE, 0, header};
  request.put(RTA_DST, to.bytes());
  std::optional<Hop> hop;
  const auto done =
      socket_.exchange(request, [&](const nlmsghdr& message) { hop = parse_hop(message); });
  if (!done) {
    return unreachable(done.error());
  }
  if (!hop || hop->here) {
    return Error{std::make_error_code(std::errc::address_in_use),
                 "is an address of this host itself"};
  }
  auto link = link_at(hop->link);
  if (!link) {
    return link.error();
  }
  auto source = hop->source;
  if (!source || virtual_addresses_.contains(*source)) {
    source = own_address(hop->link, to);
  }
  if (!source) {
    return Error{std::make_error_code(std::errc::address_not_available),
                 "cannot be asked, interface " + link->name + " has no address of its own"};
  }
  return ports::Path{.link = *std::move(link), .source = *source, .on_link = hop->on_link};
}

}  // namespace havip::netlink
