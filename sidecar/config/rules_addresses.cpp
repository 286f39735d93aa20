// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/rules.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace havip::config {
namespace {

/// The list of addresses of one virtual router or anycast.
struct List {
  std::string path;  ///< "virtual_router[0].addresses"
  const std::vector<Prefix>* addresses;
  const VirtualRouter* router;  ///< null for an anycast
};

std::string element(const List& list, std::size_t index) {
  return path_of(list.path, index);
}

/// Why the address cannot be put on an interface with this length; empty when it can.
std::string unfit(const Prefix& prefix) {
  if (const auto why = unfit_for_host(prefix.address); !why.empty()) {
    return std::string{why} + "; an address for a host is allowed";
  }
  if (prefix.length == 0) {
    return "has the prefix length 0; 1..32 for IPv4, 1..128 for IPv6 is allowed";
  }
  // A network of 31 bits has two hosts and nothing else (RFC 3021), one of 32 bits one.
  if (prefix.address.family() == Family::ipv6 || prefix.length >= 31) {
    return {};
  }
  const auto hosts = 0xffffffffU >> prefix.length;
  const auto host = prefix.address.v4_number() & hosts;
  if (host == 0) {
    return "is the address of the network itself; an address within it is allowed";
  }
  if (host == hosts) {
    return "is the broadcast address of its network; an address within it is allowed";
  }
  return {};
}

void check_each(const Rulebook& book, const List& list) {
  for (std::size_t i = 0; i < list.addresses->size(); ++i) {
    const auto& prefix = (*list.addresses)[i];
    if (const auto why = unfit(prefix); !why.empty()) {
      book.refuse(element(list, i), prefix.to_string() + " " + why);
    }
  }
}

void check_family(const Rulebook& book, const List& list) {
  const auto& addresses = *list.addresses;
  for (std::size_t i = 1; i < addresses.size(); ++i) {
    const auto family = addresses.front().address.family();
    if (addresses[i].address.family() != family) {
      book.refuse(element(list, i),
                  addresses[i].to_string() + " is of another family than " +
                      addresses.front().to_string() + "; addresses of one family are allowed");
    }
  }
}

/// RFC 9568 section 5.2.9: the list of an IPv6 virtual router starts with its link-local address.
void check_link_local(const Rulebook& book, const List& list) {
  const auto& first = list.addresses->front();
  if (first.address.family() == Family::ipv6 && !first.address.is_link_local()) {
    book.refuse(
        element(list, 0),
        first.to_string() +
            R"( comes first; a link-local address such as "fe80::10/64" in front of the others )"
            "is required");
  }
}

/// The trailer of draft-cassen-vrrp-auth-hmac.
bool has_trailer(const VirtualRouter& router) {
  return router.auth && std::holds_alternative<HmacAuth>(*router.auth);
}

/// One advertisement carries all of them, and must fit into a packet of 1500 bytes.
void check_count(const Rulebook& book, const List& list) {
  const bool ipv6 = list.addresses->front().address.family() == Family::ipv6;
  // IPv6: (1500 - 40 - 8) / 16, less one for the trailer; IPv4: the count is one byte.
  const std::size_t most = !ipv6 ? 255 : has_trailer(*list.router) ? 89 : 90;
  if (list.addresses->size() > most) {
    book.refuse(list.path,
                "addresses has " + std::to_string(list.addresses->size()) + " elements; up to " +
                    std::to_string(most) + " are allowed");
  }
}

void check_whole(const Rulebook& book, const List& list) {
  for (std::size_t i = 0; i < list.addresses->size(); ++i) {
    const auto& prefix = (*list.addresses)[i];
    const unsigned whole = prefix.address.family() == Family::ipv4 ? 32 : 128;
    if (prefix.length != whole) {
      book.refuse(element(list, i),
                  prefix.to_string() + " would put a whole network on lo; /" +
                      std::to_string(whole) + " is allowed");
    }
  }
}

/// Where a virtual address stands.
struct Spot {
  std::string path;
  const VirtualRouter* router;  ///< null for an anycast
};

/// No address twice, on nobody's list, and none that a node has of its own unless it owns it.
void check_unique(const Rulebook& book, const std::vector<List>& lists) {
  std::map<IpAddress, Spot> seen;
  for (const auto& list : lists) {
    for (std::size_t i = 0; i < list.addresses->size(); ++i) {
      const auto& address = (*list.addresses)[i].address;
      const auto [first, fresh] = seen.emplace(address, Spot{element(list, i), list.router});
      if (!fresh) {
        book.refuse(element(list, i),
                    address.to_string() + " stands in " + book.where(first->second.path) +
                        " already; once is allowed");
      }
    }
  }
  for (const auto& node : book.config.nodes) {
    const auto found = seen.find(node.address);
    if (found == seen.end()) {
      continue;
    }
    const auto& [path, router] = found->second;
    if (router != nullptr && is_owner(node, *router)) {
      continue;
    }
    book.refuse(path,
                node.address.to_string() + " is node " + node.name +
                    "'s own address; an address that no node has of its own" +
                    (router == nullptr ? "" : ", or priority 255 for that node,") + " is allowed");
  }
}

}  // namespace

void check_addresses(const Rulebook& book) {
  std::vector<List> lists;
  const auto add =
      [&](std::string path, const std::vector<Prefix>& addresses, const VirtualRouter* router) {
        if (!addresses.empty()) {
          lists.push_back({std::move(path), &addresses, router});
          check_each(book, lists.back());
        }
        return !addresses.empty();
      };
  for (std::size_t i = 0; i < book.config.virtual_routers.size(); ++i) {
    const auto& router = book.config.virtual_routers[i];
    if (add(path_of("virtual_router", i, "addresses"), router.addresses, &router)) {
      check_family(book, lists.back());
      check_link_local(book, lists.back());
      check_count(book, lists.back());
    }
  }
  for (std::size_t i = 0; i < book.config.anycasts.size(); ++i) {
    if (add(path_of("anycast", i, "addresses"), book.config.anycasts[i].addresses, nullptr)) {
      check_whole(book, lists.back());
    }
  }
  check_unique(book, lists);
}

}  // namespace havip::config
