#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/settings.hpp"
#include "sidecar/ports/kernel.hpp"
#include "sidecar/vrrp/advert.hpp"

#include <map>
#include <optional>
#include <vector>

namespace havip::engine {

/// Says one virtual router's advertisements in the dialects that the others understand.
///
/// The checksum of version 3 over IPv4 has had several readings, and most routers discard all but
/// their own: what is said follows who was heard last, for each peer by itself where there are
/// several destinations. A version 3 router that heard version 2 says both (RFC 9568 section
/// 8.4.2), so that a pair can be moved from one to the other a node at a time.
class Speaker {
public:
  Speaker(const VirtualRouterSettings& settings, vrrp::ChecksumForm first_form);

  /// Another router was understood.
  void follow(const ports::Datagram& datagram, const vrrp::DecodedAdvert& decoded);

  struct Speech {
    IpAddress destination;
    std::vector<std::byte> payload;
  };

  /// The advertisement for everybody it must go to.
  std::vector<Speech> say(vrrp::Priority priority,
                          Duration interval,
                          const IpAddress& source,
                          vrrp::WallTime wall);

private:
  /// A router that understands nothing but version 2, and what it says of itself.
  struct Elder {
    IpAddress address;
    Centiseconds interval{};
    std::optional<vrrp::AuthData> password;
  };

  [[nodiscard]] vrrp::ChecksumForm form_for(const IpAddress& destination) const;
  [[nodiscard]] bool is_for_elder(const IpAddress& destination) const;
  void sign(std::vector<std::byte>& message, const IpAddress& source, vrrp::WallTime wall);

  vrrp::Advert advert_;
  std::vector<IpAddress> destinations_;
  std::optional<vrrp::AuthData> password_;
  std::optional<vrrp::HmacKey> key_;
  vrrp::ChecksumForm form_;
  std::map<IpAddress, vrrp::ChecksumForm> peer_forms_;  ///< of unicast destinations
  std::optional<Elder> elder_;
  vrrp::StampMaker stamps_;
};

}  // namespace havip::engine
