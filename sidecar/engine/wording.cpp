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
      return "superior";
    case vrrp::Stimulus::inferior:
    case vrrp::Stimulus::yielding:
      return "preempt";
  }
  return {};
}

std::string explain(vrrp::Rejection why, const ports::Datagram& datagram) {
  const auto ttl = std::to_string(datagram.ttl);
  switch (why) {
    case vrrp::Rejection::ttl:
      return "its TTL is " + ttl + ", only 255 is allowed";
    case vrrp::Rejection::checksum:
      return "its checksum is wrong";
    case vrrp::Rejection::version:
      return "its VRRP version is not 3";
    case vrrp::Rejection::length:
      return "its length does not fit its address count";
    case vrrp::Rejection::type:
      return "its type is not ADVERTISEMENT";
    case vrrp::Rejection::own:
      return "its source is this node's own address";
    case vrrp::Rejection::unknown_peer:
      return "it was sent to " + datagram.destination.to_string() + ", not to the group";
    case vrrp::Rejection::vrid:
    case vrrp::Rejection::address_list:
    case vrrp::Rejection::interval:
    case vrrp::Rejection::auth:
    case vrrp::Rejection::replay:
      return std::string{to_string(why)};
  }
  return {};
}

}  // namespace havip::engine
