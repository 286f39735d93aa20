// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/peer.hpp"

#include "sidecar/http/accounts.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <span>
#include <utility>

namespace havip::http {
namespace {

using Endpoint = StreamProtocol::endpoint;

std::pair<IpAddress, std::uint16_t> address_of(const Endpoint& endpoint) {
  if (endpoint.size() >= sizeof(sockaddr_in6) && endpoint.data()->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, endpoint.data(), sizeof in);
    return {IpAddress::from_bytes(std::as_bytes(std::span{in.sin6_addr.s6_addr})),
            ntohs(in.sin6_port)};
  }
  if (endpoint.size() >= sizeof(sockaddr_in) && endpoint.data()->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, endpoint.data(), sizeof in);
    return {IpAddress::v4(ntohl(in.sin_addr.s_addr)), ntohs(in.sin_port)};
  }
  return {};
}

}  // namespace

Peer peer_of(StreamSocket& socket, const Listen& where) {
  Peer peer;
  if (where.unix_path) {
    peer.way = Way::unix_socket;
    peer.socket_path = where.unix_path;
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0) {
      peer.uid = credentials.uid;
      peer.gid = credentials.gid;
    }
    return peer;
  }
  boost::system::error_code local_failure;
  boost::system::error_code remote_failure;
  const auto local = socket.local_endpoint(local_failure);
  const auto remote = socket.remote_endpoint(remote_failure);
  if (local_failure || remote_failure) {
    return peer;  // gone already; nothing is trusted to it
  }
  std::tie(peer.tcp.local_address, peer.tcp.local_port) = address_of(local);
  std::tie(peer.tcp.remote_address, peer.tcp.remote_port) = address_of(remote);
  const bool loopback =
      peer.tcp.local_address.is_loopback() && peer.tcp.remote_address.is_loopback();
  peer.way = loopback ? Way::loopback : Way::elsewhere;
  return peer;
}

Caller identify(const Peer& peer, ports::CallerIdentity& identity, const std::string& group) {
  Caller caller;
  caller.way = peer.way;
  switch (peer.way) {
    case Way::unix_socket:
      caller.uid = peer.uid;
      break;
    case Way::loopback:
      caller.uid = identity.uid_of(peer.tcp);
      break;
    case Way::elsewhere:
      return caller;
  }
  const auto gid = group_id(group);
  caller.in_group =
      gid && ((peer.gid && *peer.gid == *gid) || (caller.uid && is_member(*caller.uid, *gid)));
  return caller;
}

}  // namespace havip::http
