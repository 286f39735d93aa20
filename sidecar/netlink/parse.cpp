// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/parse.hpp"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace havip::netlink {
namespace {

/// The attributes behind a message's fixed header, by number. Attributes newer than the array, and
/// ones whose length is broken, are left out.
template <class Header, std::size_t count>
class Attributes {
public:
  explicit Attributes(const nlmsghdr& message) {
    // libnl takes what it only reads as mutable.
    valid_ = ::nlmsg_parse(const_cast<nlmsghdr*>(&message),
                           sizeof(Header),
                           attributes_.data(),
                           static_cast<int>(count) - 1,
                           nullptr) == 0;
    if (valid_) {
      std::memcpy(&header_, ::nlmsg_data(&message), sizeof header_);
    }
  }

  [[nodiscard]] bool valid() const { return valid_; }

  [[nodiscard]] const Header& header() const { return header_; }

  /// Empty when the attribute is not there.
  [[nodiscard]] std::span<const std::byte> bytes(std::size_t attribute) const {
    const auto* const found = attributes_[attribute];
    return found == nullptr ? std::span<const std::byte>{}
                            : std::span{static_cast<const std::byte*>(::nla_data(found)),
                                        static_cast<std::size_t>(::nla_len(found))};
  }

private:
  bool valid_ = false;
  Header header_{};
  std::array<nlattr*, count> attributes_{};
};

/// Text of the kernel, which ends with a zero byte.
std::string to_text(std::span<const std::byte> bytes) {
  const auto* const text = reinterpret_cast<const char*>(bytes.data());
  return {text, std::find(text, text + bytes.size(), '\0')};
}

std::optional<ports::KernelEvent> parse_link(const nlmsghdr& message) {
  const Attributes<ifinfomsg, IFLA_MAX + 1> attributes{message};
  if (!attributes.valid() || attributes.header().ifi_family != AF_UNSPEC) {
    return std::nullopt;
  }
  const ports::LinkIndex index{attributes.header().ifi_index};
  if (message.nlmsg_type == RTM_DELLINK) {
    return ports::LinkGone{index};
  }
  ports::Link link{.index = index, .name = to_text(attributes.bytes(IFLA_IFNAME)), .mac = {}};
  const auto mac = attributes.bytes(IFLA_ADDRESS);
  if (mac.size() == link.mac.octets.size()) {  // a tunnel has none, InfiniBand a longer one
    std::memcpy(link.mac.octets.data(), mac.data(), mac.size());
  }
  link.up = (attributes.header().ifi_flags & IFF_UP) != 0;
  link.carrier = (attributes.header().ifi_flags & IFF_LOWER_UP) != 0;
  return link;
}

/// The flags in the header have 8 bits; IFA_FLAGS, which the kernel gives along, has them all.
template <class Attributes>
std::uint32_t flags_of(const Attributes& attributes) {
  std::uint32_t flags = attributes.header().ifa_flags;
  const auto all = attributes.bytes(IFA_FLAGS);
  if (all.size() == sizeof flags) {
    std::memcpy(&flags, all.data(), sizeof flags);
  }
  return flags;
}

std::optional<ports::KernelEvent> parse_address(const nlmsghdr& message, Unusable unusable) {
  const Attributes<ifaddrmsg, IFA_MAX + 1> attributes{message};
  if (!attributes.valid()) {
    return std::nullopt;
  }
  const auto& header = attributes.header();
  const std::size_t size = header.ifa_family == AF_INET ? 4 : 16;
  if (header.ifa_family != AF_INET && header.ifa_family != AF_INET6) {
    return std::nullopt;
  }
  // On a point-to-point link IFA_ADDRESS is the other end; IPv6 gives IFA_LOCAL only there.
  const auto local = attributes.bytes(IFA_LOCAL);
  const auto address = local.empty() ? attributes.bytes(IFA_ADDRESS) : local;
  if (address.size() != size || header.ifa_prefixlen > 8 * size) {
    return std::nullopt;
  }
  const ports::LinkIndex link{static_cast<int>(header.ifa_index)};
  const Prefix prefix{IpAddress::from_bytes(address), header.ifa_prefixlen};
  constexpr std::uint32_t not_to_be_used = IFA_F_TENTATIVE | IFA_F_DADFAILED;
  const bool usable = (flags_of(attributes) & not_to_be_used) == 0;
  if (message.nlmsg_type == RTM_DELADDR || (!usable && unusable == Unusable::as_gone)) {
    return ports::KernelAddressGone{link, prefix};
  }
  const auto protocol = attributes.bytes(IFA_PROTO);
  const bool ours = protocol.size() == 1 && protocol[0] == std::byte{address_protocol};
  return ports::KernelAddress{link, prefix, ours};
}

}  // namespace

std::optional<ports::KernelEvent> parse(const nlmsghdr& message, Unusable unusable) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return parse_link(message);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return parse_address(message, unusable);
    default:
      return std::nullopt;
  }
}

}  // namespace havip::netlink
