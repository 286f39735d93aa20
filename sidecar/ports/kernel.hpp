#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// What the engine needs from the kernel, as narrow classes. The adapters in sidecar/net and
// sidecar/netlink implement them; tests/support has a fake of each. All of them are used on the
// election thread only, none of them blocks, and each call is one or two system calls.
#include "sidecar/base/ip.hpp"
#include "sidecar/base/result.hpp"
#include "sidecar/vrrp/arp.hpp"
#include "sidecar/vrrp/neighbour_advert.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace havip::ports {

/// The kernel's number of a network interface.
struct LinkIndex {
  int value = 0;

  friend auto operator<=>(const LinkIndex&, const LinkIndex&) = default;
};

/// A network interface as it is now.
struct Link {
  LinkIndex index;
  std::string name;
  MacAddress mac;
  bool up = false;       ///< IFF_UP: the administrator wants it to work
  bool carrier = false;  ///< IFF_LOWER_UP: a cable is in it

  friend bool operator==(const Link&, const Link&) = default;
};

struct LinkGone {
  LinkIndex index;

  friend bool operator==(const LinkGone&, const LinkGone&) = default;
};

/// An address on an interface that can be used: an IPv6 address whose duplicate address detection
/// has not ended well is none. `ours` when it carries havip's protocol number (IFA_PROTO).
struct KernelAddress {
  LinkIndex link;
  Prefix prefix;
  bool ours = false;

  friend bool operator==(const KernelAddress&, const KernelAddress&) = default;
};

struct KernelAddressGone {
  LinkIndex link;
  Prefix prefix;

  friend bool operator==(const KernelAddressGone&, const KernelAddressGone&) = default;
};

/// Everything there is, replacing all that was known: at the start, and after events were lost.
struct KernelState {
  std::vector<Link> links;
  std::vector<KernelAddress> addresses;

  friend bool operator==(const KernelState&, const KernelState&) = default;
};

using KernelEvent = std::variant<KernelState, Link, LinkGone, KernelAddress, KernelAddressGone>;

/// Tells what changes in the kernel, in order.
class KernelWatch {
public:
  KernelWatch() = default;
  KernelWatch(const KernelWatch&) = delete;
  KernelWatch& operator=(const KernelWatch&) = delete;
  virtual ~KernelWatch() = default;

  /// Readable when read() has something to tell. Stays owned by the watch.
  [[nodiscard]] virtual int descriptor() const = 0;

  /// All events since the last call, without waiting; the first call starts with a KernelState.
  /// When the kernel dropped events (ENOBUFS) the answer is a fresh KernelState. An error means
  /// that the state could not be read; calling again tries again.
  virtual Result<std::vector<KernelEvent>> read() = 0;
};

/// Puts virtual addresses on a link and takes them off. Both calls describe the wished state:
/// adding what is there (it renews the lease) and removing what is not succeed.
class AddressTable {
public:
  AddressTable() = default;
  AddressTable(const AddressTable&) = delete;
  AddressTable& operator=(const AddressTable&) = delete;
  virtual ~AddressTable() = default;

  /// Tags the address with havip's protocol number. With a `lease` the kernel takes the address
  /// off by itself when it was not added again in time (IFA_CACHEINFO, whole seconds).
  virtual Result<> add(LinkIndex link,
                       const Prefix& address,
                       std::optional<std::chrono::seconds> lease) = 0;

  virtual Result<> remove(LinkIndex link, const Prefix& address) = 0;
};

/// An IP datagram of protocol 112 as it was received.
struct Datagram {
  LinkIndex link;
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 0;
  std::vector<std::byte> payload;  ///< behind the IP header

  friend bool operator==(const Datagram&, const Datagram&) = default;
};

/// Sends and receives VRRP's datagrams (IP protocol 112, TTL 255) on one link and family.
class AdvertSocket {
public:
  AdvertSocket() = default;
  AdvertSocket(const AdvertSocket&) = delete;
  AdvertSocket& operator=(const AdvertSocket&) = delete;
  virtual ~AdvertSocket() = default;

  /// Readable when receive() has something.
  [[nodiscard]] virtual int descriptor() const = 0;

  /// The next datagram that waits, or empty when none does.
  virtual Result<std::optional<Datagram>> receive() = 0;

  /// `source` must be an address of this link. A full queue is an error (EAGAIN), never a wait.
  virtual Result<> send(const IpAddress& source,
                        const IpAddress& destination,
                        std::span<const std::byte> payload) = 0;
};

/// Tells the neighbours of a link where an address is: by ARP for IPv4, by a neighbour
/// advertisement for IPv6.
class NeighbourSocket {
public:
  NeighbourSocket() = default;
  NeighbourSocket(const NeighbourSocket&) = delete;
  NeighbourSocket& operator=(const NeighbourSocket&) = delete;
  virtual ~NeighbourSocket() = default;

  virtual Result<> send(LinkIndex link, const vrrp::ArpMessage& message) = 0;
  virtual Result<> send(LinkIndex link, const vrrp::NeighbourAdvert& advert) = 0;
};

}  // namespace havip::ports
