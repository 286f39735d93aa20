// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/links.hpp"

#include <algorithm>

namespace havip::engine {

void Links::observe(const ports::KernelState& state) {
  links_.clear();
  for (const auto& link : state.links) {
    links_.emplace(link.index, link);
  }
  addresses_ = state.addresses;
}

void Links::observe(const ports::LinkGone& gone) {
  links_.erase(gone.index);
  std::erase_if(addresses_, [&](const auto& address) { return address.link == gone.index; });
}

void Links::observe(const ports::KernelAddress& address) {
  const auto same = std::ranges::find_if(addresses_, [&](const auto& known) {
    return known.link == address.link && known.prefix == address.prefix;
  });
  if (same != addresses_.end()) {
    *same = address;
  } else {
    addresses_.push_back(address);
  }
}

void Links::observe(const ports::KernelAddressGone& gone) {
  std::erase_if(addresses_, [&](const auto& known) {
    return known.link == gone.link && known.prefix == gone.prefix;
  });
}

Attachment Links::find(const std::string& interface,
                       Family family,
                       const std::set<IpAddress>& virtual_addresses) const {
  Attachment attachment;
  for (const auto& [index, link] : links_) {
    if (link.name == interface) {
      attachment.link = link;
    }
  }
  if (!attachment.link) {
    return attachment;
  }
  for (const auto& known : addresses_) {
    const auto& address = known.prefix.address;
    const bool usable = known.link == attachment.link->index && address.family() == family &&
                        !known.ours && (family == Family::ipv4 || address.is_link_local());
    if (!usable) {
      continue;
    }
    if (!virtual_addresses.contains(address)) {
      attachment.own_address = address;
      break;
    }
    // The addresses' owner may have no other one (RFC 9568 section 6.4.1).
    attachment.own_address = attachment.own_address.value_or(address);
  }
  return attachment;
}

}  // namespace havip::engine
