// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/wording.hpp"

namespace havip::engine {

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
         " ms";
}

std::string cause_of(vrrp::Stimulus stimulus) {
  switch (stimulus) {
    case vrrp::Stimulus::start_as_holder:
      return "resumed";
    case vrrp::Stimulus::start:
      return "start";
    case vrrp::Stimulus::stop:
      return "stop";
    case vrrp::Stimulus::fail:
      return "fault";
    case vrrp::Stimulus::cede:
      return "drain";
    case vrrp::Stimulus::timer:
      return "silence";
    case vrrp::Stimulus::resignation:
    case vrrp::Stimulus::bequest:
      return "resignation";
    case vrrp::Stimulus::superior:
    case vrrp::Stimulus::relief:
      return "superior";
    case vrrp::Stimulus::gap:
      return "gap";
    case vrrp::Stimulus::inferior:
    case vrrp::Stimulus::yielding:
      return "preempt";
    case vrrp::Stimulus::ready:
    case vrrp::Stimulus::unheeded:
      return "none";
  }
  return {};
}

std::string explain(vrrp::Rejection why, const ports::Datagram& datagram, vrrp::Version version) {
  switch (why) {
    case vrrp::Rejection::ttl:
      return "its TTL is " + std::to_string(datagram.ttl) + ", only 255 is allowed";
    case vrrp::Rejection::checksum:
      return "its checksum is wrong";
    case vrrp::Rejection::version:
      return "its VRRP version is not " + std::to_string(static_cast<int>(version));
    case vrrp::Rejection::length:
      return "its length does not fit its address count";
    case vrrp::Rejection::type:
      return "its type is not ADVERTISEMENT";
    case vrrp::Rejection::own:
      return "its source is this node's own address";
    case vrrp::Rejection::unknown_peer:
      return datagram.destination.is_multicast()
                 ? "it was sent to the group, and only unicast is configured"
                 : "it was sent to " + datagram.destination.to_string() +
                       ", which is allowed only to nodes, with transport unicast or both";
    case vrrp::Rejection::address_list:
      return "its addresses are not those that are configured here, which strict version 2 asks "
             "for";
    case vrrp::Rejection::interval:
      return "its interval is not the one that is configured here, which strict version 2 asks for";
    case vrrp::Rejection::auth:
      return "it has not the authentication that is configured here";
    case vrrp::Rejection::replay:
      return "it was sent before, or its sender's clock differs from this node's";
    case vrrp::Rejection::vrid:
      return "its VRID is not configured here";
  }
  return {};
}

}  // namespace havip::engine
