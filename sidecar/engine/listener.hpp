#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/settings.hpp"
#include "sidecar/ports/kernel.hpp"
#include "sidecar/vrrp/advert.hpp"

#include <map>
#include <optional>
#include <vector>

namespace havip::engine {

/// Decides which datagrams are advertisements that this virtual router may believe: those of RFC
/// 9568 section 7.1, from where they may come, with the authentication that is asked for.
class Listener {
public:
  explicit Listener(const VirtualRouterSettings& settings);

  /// What is to be believed, or why it is discarded. `interval` is the router's own.
  boost::system::result<vrrp::DecodedAdvert, vrrp::Rejection> take(
      const ports::Datagram& datagram,
      const std::optional<IpAddress>& own_address,
      Duration interval,
      vrrp::WallTime wall);

  /// Whether this is the copy in version 2 of what its sender also says in version 3, which has
  /// the better timing (RFC 9568 section 8.4.2: such copies should be ignored).
  bool is_copy(const ports::Datagram& datagram, const vrrp::DecodedAdvert& decoded, Instant now);

private:
  static constexpr std::size_t most_senders = 32;

  [[nodiscard]] bool comes_the_right_way(const ports::Datagram& datagram) const;
  [[nodiscard]] bool is_understood(const vrrp::DecodedAdvert& decoded) const;
  [[nodiscard]] bool has_password(const vrrp::DecodedAdvert& decoded) const;
  [[nodiscard]] std::optional<vrrp::Rejection> differs(const vrrp::Advert& advert,
                                                       Duration interval) const;
  std::optional<vrrp::Rejection> verify(const ports::Datagram& datagram,
                                        const vrrp::DecodedAdvert& decoded,
                                        Duration interval,
                                        vrrp::WallTime wall);

  vrrp::Version version_;
  Transport transport_;
  IpAddress group_;
  std::vector<IpAddress> peers_;
  std::vector<IpAddress> addresses_;
  std::optional<vrrp::AuthData> password_;
  std::optional<HmacAuth> hmac_;
  bool strict_;
  // Apart, because an advertisement that is sent both ways arrives twice with a stamp for each.
  vrrp::ReplayGuard multicast_guard_;
  vrrp::ReplayGuard unicast_guard_;
  std::map<IpAddress, Instant> copies_until_;  ///< of the senders of version 3
};

}  // namespace havip::engine
