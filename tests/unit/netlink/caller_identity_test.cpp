// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/caller_identity.hpp"

#include "tests/support/netns.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace havip::netlink {
namespace {

using ports::TcpConnection;

constexpr uid_t nobody = 65534;

using Uid = std::optional<std::uint32_t>;

/// An IPv4 or IPv6 address and port, as the socket calls want it.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }

  static Endpoint of(const std::string& address, std::uint16_t port) {
    Endpoint endpoint;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      std::memcpy(&endpoint.storage, &v4, sizeof v4);
      endpoint.size = sizeof v4;
    } else if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      std::memcpy(&endpoint.storage, &v6, sizeof v6);
      endpoint.size = sizeof v6;
    }
    return endpoint;
  }

  [[nodiscard]] IpAddress address() const {
    const auto bytes = std::as_bytes(std::span{&storage, 1});
    return storage.ss_family == AF_INET
               ? IpAddress::from_bytes(bytes.subspan(offsetof(sockaddr_in, sin_addr), 4))
               : IpAddress::from_bytes(bytes.subspan(offsetof(sockaddr_in6, sin6_addr), 16));
  }

  [[nodiscard]] std::uint16_t port() const {
    in_port_t number = 0;  // at the same place in both families
    std::memcpy(&number, std::as_bytes(std::span{&storage, 1}).subspan(2).data(), sizeof number);
    return ntohs(number);
  }
};

class Tcp {
public:
  explicit Tcp(int number) : number_{number} {
    if (number < 0) {
      throw std::system_error{errno, std::system_category(), "socket"};
    }
  }

  Tcp(Tcp&& other) noexcept : number_{std::exchange(other.number_, -1)} {}

  Tcp(const Tcp&) = delete;
  Tcp& operator=(const Tcp&) = delete;

  ~Tcp() { close(); }

  void close() {
    if (number_ >= 0) {
      ::close(std::exchange(number_, -1));
    }
  }

  [[nodiscard]] int number() const { return number_; }

  [[nodiscard]] Endpoint local() const {
    Endpoint endpoint;
    ::getsockname(number_, endpoint.raw(), &endpoint.size);
    return endpoint;
  }

  [[nodiscard]] Endpoint remote() const {
    Endpoint endpoint;
    ::getpeername(number_, endpoint.raw(), &endpoint.size);
    return endpoint;
  }

private:
  int number_;
};

Tcp listen_on(const std::string& address) {
  auto endpoint = Endpoint::of(address, 0);
  Tcp listener{::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (::bind(listener.number(), endpoint.raw(), endpoint.size) != 0 ||
      ::listen(listener.number(), 8) != 0) {
    throw std::runtime_error{"cannot listen on " + address};
  }
  return listener;
}

/// A socket belongs to the effective user that made it.
Tcp connect_as(uid_t user, const std::string& address, std::uint16_t port) {
  auto endpoint = Endpoint::of(address, port);
  if (::seteuid(user) != 0) {
    throw std::runtime_error{"this test needs root: seteuid"};
  }
  const int number = ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::seteuid(0) != 0) {
    throw std::runtime_error{"cannot become root again"};
  }
  Tcp client{number};
  if (::connect(client.number(), endpoint.raw(), endpoint.size) != 0) {
    throw std::runtime_error{"cannot connect to " + address};
  }
  return client;
}

Tcp accept_from(const Tcp& listener) {
  return Tcp{::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC)};
}

TcpConnection ends_of(const Tcp& accepted) {
  return {.local_address = accepted.local().address(),
          .local_port = accepted.local().port(),
          .remote_address = accepted.remote().address(),
          .remote_port = accepted.remote().port()};
}

class CallerIdentity : public ::testing::Test {
protected:
  CallerIdentity() { test::ip("link set lo up"); }

  test::NetworkNamespace network;
  std::unique_ptr<ports::CallerIdentity> identity = open_caller_identity().value();
};

TEST_F(CallerIdentity, IsTheUserOfTheClientsSocket) {
  const auto listener = listen_on("127.0.0.1");
  const auto root = connect_as(0, "127.0.0.1", listener.local().port());
  const auto from_root = accept_from(listener);
  const auto somebody = connect_as(nobody, "127.0.0.1", listener.local().port());
  const auto from_somebody = accept_from(listener);

  EXPECT_EQ(identity->uid_of(ends_of(from_root)), Uid{0});
  EXPECT_EQ(identity->uid_of(ends_of(from_somebody)), Uid{nobody});
}

TEST_F(CallerIdentity, IsFoundOverIpv6) {
  const auto listener = listen_on("::1");
  const auto client = connect_as(nobody, "::1", listener.local().port());
  const auto accepted = accept_from(listener);

  EXPECT_EQ(identity->uid_of(ends_of(accepted)), Uid{nobody});
}

TEST_F(CallerIdentity, IsFoundForAnIpv4ClientOfAnIpv6Socket) {
  const auto listener = listen_on("::");
  const auto client = connect_as(nobody, "127.0.0.1", listener.local().port());
  const auto accepted = accept_from(listener);

  ASSERT_EQ(ends_of(accepted).remote_address, IpAddress::parse("::ffff:127.0.0.1"));
  EXPECT_EQ(identity->uid_of(ends_of(accepted)), Uid{nobody});
}

TEST_F(CallerIdentity, IsFoundForAnIpv6SocketThatSpeaksIpv4) {
  const auto listener = listen_on("127.0.0.1");
  const auto client = connect_as(nobody, "::ffff:127.0.0.1", listener.local().port());
  const auto accepted = accept_from(listener);

  EXPECT_EQ(identity->uid_of(ends_of(accepted)), Uid{nobody});
}

TEST_F(CallerIdentity, StaysWhenTheClientHasSaidAllItWantedTo) {
  const auto listener = listen_on("127.0.0.1");
  const auto client = connect_as(nobody, "127.0.0.1", listener.local().port());
  const auto accepted = accept_from(listener);
  ::shutdown(client.number(), SHUT_WR);  // as `nc -N` does after its request

  EXPECT_EQ(identity->uid_of(ends_of(accepted)), Uid{nobody});
}

TEST_F(CallerIdentity, IsNotRootWhenTheClientHasClosedItsSocket) {
  const auto listener = listen_on("127.0.0.1");
  auto client = connect_as(nobody, "127.0.0.1", listener.local().port());
  const auto accepted = accept_from(listener);
  client.close();

  EXPECT_EQ(identity->uid_of(ends_of(accepted)), Uid{});
}

TEST_F(CallerIdentity, IsNotRootWhenTheConnectionWaitsOutItsTime) {
  const auto listener = listen_on("127.0.0.1");
  auto client = connect_as(nobody, "127.0.0.1", listener.local().port());
  auto accepted = accept_from(listener);
  const auto ends = ends_of(accepted);
  client.close();
  accepted.close();

  EXPECT_EQ(identity->uid_of(ends), Uid{});
}

TEST_F(CallerIdentity, IsNotTheListenerOnTheClientsPort) {
  const auto listener = listen_on("127.0.0.1");
  const TcpConnection nobodys{.local_address = *IpAddress::parse("127.0.0.1"),
                              .local_port = 9,
                              .remote_address = *IpAddress::parse("127.0.0.1"),
                              .remote_port = listener.local().port()};

  EXPECT_EQ(identity->uid_of(nobodys), Uid{});
}

TEST_F(CallerIdentity, IsUnknownForAClientElsewhere) {
  const auto address = *IpAddress::parse("192.0.2.1");
  const auto address6 = *IpAddress::parse("2001:db8::1");

  EXPECT_EQ(identity->uid_of({address, 8406, *IpAddress::parse("192.0.2.9"), 40000}), Uid{});
  EXPECT_EQ(identity->uid_of({address6, 8406, *IpAddress::parse("2001:db8::9"), 40000}), Uid{});
  EXPECT_EQ(identity->uid_of({address, 8406, address6, 40000}), Uid{});
}

}  // namespace
}  // namespace havip::netlink
