#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/server.hpp"
#include "tests/support/example_status.hpp"
#include "tests/support/fake_admin.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <exception>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace havip::http {

/// A blocking client that sends bytes and reads what comes. Gives up after 10 s.
class Client {
public:
  explicit Client(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(&address, sizeof address);
  }

  explicit Client(const std::string& path) : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(std::begin(address.sun_path), sizeof address.sun_path - 1);
    connect(&address, sizeof address);
  }

  Client(Client&& other) noexcept
      : fd_{std::exchange(other.fd_, -1)}, connected_{other.connected_} {}

  Client& operator=(Client&&) = delete;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  ~Client() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] bool connected() const { return connected_; }

  void send(const std::string& bytes) const {
    ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  /// All that comes until the server closes; empty also when it does not within the time.
  [[nodiscard]] std::string read_all() const {
    std::string out;
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto size = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (size < 0 && errno != ECONNRESET) {
        ADD_FAILURE() << "the server neither answers nor closes: " << std::strerror(errno);
      }
      if (size <= 0) {
        return out;
      }
      out.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }

  /// What comes until `mark` has.
  [[nodiscard]] std::string read_until(const std::string& mark) const {
    std::string out;
    char c = 0;
    while (out.find(mark) == std::string::npos && ::recv(fd_, &c, 1, 0) == 1) {
      out.push_back(c);
    }
    return out;
  }

private:
  template <class Address>
  void connect(const Address* address, socklen_t size) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(address), size) == 0;
  }

  int fd_;
  bool connected_ = false;
};

/// The server on 127.0.0.1 and a unix socket, in a thread of its own.
class RunningServer : public testing::Test {
protected:
  void start(Settings settings = {}) {
    if (settings.host_name.empty()) {
      settings.host_name = "lb1";
    }
    const Listen tcp{.unix_path = std::nullopt, .address = IpAddress::v4(0x7f000001), .port = 0};
    const Listen local{.unix_path = path, .address = {}, .port = 0};
    server_.emplace(io_.get_executor(),
                    std::vector<Listen>{tcp, local},
                    admin,
                    identity,
                    [](Severity, const std::string&) {});
    server_->use(std::move(settings));
    const auto opened = server_->open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    port = server_->listening().front().port;
    boost::asio::co_spawn(io_,
                          server_->run(),
                          boost::asio::bind_cancellation_slot(
                              stop_.slot(), [this](auto failure) { failure_ = failure; }));
    thread_ = std::thread{[this] {
      io_.run();
    }};
  }

  void stop() {
    if (thread_.joinable()) {
      boost::asio::post(io_, [this] { stop_.emit(boost::asio::cancellation_type::terminal); });
      thread_.join();
      EXPECT_FALSE(failure_) << "run() does not fail";
    }
  }

  void TearDown() override { stop(); }

  /// A whole exchange over TCP, with the headers a client sends.
  std::string ask(const std::string& method_and_target, const std::string& headers = {}) const {
    const Client client{port};
    client.send(method_and_target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                headers + "\r\n");
    return client.read_all();
  }

  static std::string status_line(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
  }

  static std::string body(const std::string& answer) {
    const auto end = answer.find("\r\n\r\n");
    return end == std::string::npos ? std::string{} : answer.substr(end + 4);
  }

  std::string path = testing::TempDir() + "havip-http-" + std::to_string(::getpid()) + ".sock";
  test::FakeAdmin admin{test::example_status()};
  test::FakeIdentity identity;
  std::uint16_t port = 0;

private:
  boost::asio::io_context io_{1};
  std::optional<Server> server_;
  boost::asio::cancellation_signal stop_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace havip::http
