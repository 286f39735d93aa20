// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cli/client.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>

namespace havip::cli {
namespace {

/// Answers one connection on a free loopback port with fixed bytes, and keeps what was asked.
class OneAnswer {
public:
  explicit OneAnswer(std::string bytes) : bytes_{std::move(bytes)} {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, any, size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    EXPECT_EQ(::getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread{[this] {
      serve();
    }};
  }

  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  ~OneAnswer() {
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::string asked() {
    if (thread_.joinable()) {
      thread_.join();
      thread_ = std::jthread{[] {
      }};
    }
    return asked_;
  }

private:
  void serve() {
    const int client = ::accept(listener_, nullptr, nullptr);
    std::array<char, 4096> block{};
    while (asked_.find("\r\n\r\n") == std::string::npos) {
      const auto count = ::read(client, block.data(), block.size());
      if (count <= 0) {
        break;
      }
      asked_.append(block.data(), static_cast<std::size_t>(count));
    }
    EXPECT_EQ(::write(client, bytes_.data(), bytes_.size()), std::ssize(bytes_));
    ::close(client);
  }

  std::string bytes_;
  std::string asked_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

TEST(Question, IsAskedAsHttpAndItsAnswerRead) {
  OneAnswer daemon{
      "HTTP/1.1 409 Conflict\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\n"};

  const auto answer = ask(daemon.url(), {.method = "POST", .target = "/drain?wait=1s"});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, (Answer{409, "text/plain", "no\n"}));
  EXPECT_TRUE(daemon.asked().starts_with("POST /drain?wait=1s HTTP/1.1\r\n")) << daemon.asked();
}

TEST(AnswerThatIsCutOff, IsAnErrorThatSaysSo) {
  OneAnswer daemon{"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\nhalf"};

  const auto answer = ask(daemon.url(), {});

  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("broke off its answer"), std::string::npos)
      << answer.error().message;
}

TEST(DaemonThatIsNotThere, IsSaidInOneLineWithTheCure) {
  const auto answer = ask("unix:/nowhere/admin.sock", {});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message,
            "havip is not running: nobody answers at unix:/nowhere/admin.sock (No such file or "
            "directory): systemctl start havip");
}

TEST(DaemonThatHangs, IsNotWaitedForForEver) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/tmp/havip-test-" + std::to_string(::getpid()) + ".sock";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);

  const auto answer = ask("unix:" + path, {.patience = std::chrono::seconds{1}});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message,
            "havip at unix:" + path +
                " did not answer within 1 s: it hangs or is stopped; see systemctl status havip");
  ::close(listener);
  ::unlink(path.c_str());
}

TEST(UrlOfAnUnknownKind, IsRefusedWithWhatIsAllowed) {
  const auto answer = ask("ftp://x", {});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "--url ftp://x: unix:/path or http://host:port is allowed");
}

TEST(PathOfAUnixSocketThatIsTooLong, IsRefused) {
  EXPECT_FALSE(ask("unix:/" + std::string(200, 'a'), {}));
}

TEST(QueryValue, IsPercentEncoded) {
  EXPECT_EQ(percent_encoded("kernel 6.1 & more/ü"), "kernel%206.1%20%26%20more%2F%C3%BC");
}

}  // namespace
}  // namespace havip::cli
