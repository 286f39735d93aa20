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

const ports::Link* Links::named(const std::string& interface) const {
  const auto found = std::ranges::find_if(
      links_, [&](const auto& entry) { return entry.second.name == interface; });
  return found == links_.end() ? nullptr : &found->second;
}

ports::LinkStatus Links::state_of(const std::string& interface) const {
  const auto* const link = named(interface);
  if (link == nullptr) {
    return {.name = interface};
  }
  return {.name = interface, .exists = true, .up = link->up, .carrier = link->carrier};
}

Attachment Links::find(const std::string& interface,
                       Family family,
                       const std::set<IpAddress>& virtual_addresses) const {
  Attachment attachment;
  const auto* const link = named(interface);
  if (link == nullptr) {
    return attachment;
  }
  attachment.link = *link;
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
