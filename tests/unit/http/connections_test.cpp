// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/http/running_server.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>

namespace havip::http {
namespace {

using namespace std::chrono_literals;

class Connections : public RunningServer {};

TEST_F(Connections, StayOpenForMoreRequests) {
  start();
  const Client client{port};

  for (int i = 0; i < 3; ++i) {
    client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(status_line(client.read_until("live\n")), "HTTP/1.1 200 OK");
  }
}

TEST_F(Connections, AnswerPipelinedRequestsInOrder) {
  start();
  const Client client{port};
  client.send(
      "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

  const auto answers = client.read_all();

  const auto live = answers.find("\r\n\r\nlive\n");
  const auto ready = answers.find("\r\n\r\nready\n");
  EXPECT_NE(live, std::string::npos) << answers;
  EXPECT_NE(ready, std::string::npos) << answers;
  EXPECT_LT(live, ready);
}

TEST_F(Connections, OfHttp10CloseAndNeedNoHost) {
  start();
  const Client client{port};
  client.send("GET /livez HTTP/1.0\r\n\r\n");

  const auto answer = client.read_all();

  EXPECT_EQ(body(answer), "live\n");
}

TEST_F(Connections, OfHttp11NeedOneHost) {
  start();
  const Client without{port};
  without.send("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
  const Client twice{port};
  twice.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: lb1\r\nConnection: close\r\n\r\n");

  EXPECT_EQ(status_line(without.read_all()), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(status_line(twice.read_all()), "HTTP/1.1 400 Bad Request");
}

TEST_F(Connections, ThatSendNoHttpAreToldAndClosed) {
  start();
  const Client client{port};
  client.send("\x16\x03\x01 this is TLS or worse\r\n\r\n");

  EXPECT_EQ(status_line(client.read_all()), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(admin.requests().back(), (test::FakeAdmin::Request{"other", "other", 400U}));
}

TEST_F(Connections, WithTooLargeAHeaderAreToldAndClosed) {
  start();

  const auto answer = ask("GET /livez", "X-Large: " + std::string(8 * 1024, 'x') + "\r\n");

  EXPECT_EQ(status_line(answer), "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_F(Connections, WithTooLargeABodyAreToldAndClosed) {
  start();
  const Client client{port};
  client.send("POST /drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n" +
              std::string(1000, 'x'));

  EXPECT_EQ(status_line(client.read_until("\r\n\r\n")), "HTTP/1.1 413 Payload Too Large");
}

TEST_F(Connections, WithABodyNobodyWantsLearnWhereParametersGo) {
  start();

  const Client client{port};
  client.send(
      "POST /drain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      "Content-Length: 6\r\n\r\nwait=0");

  EXPECT_EQ(body(client.read_all()),
            "400 bad request\nthis endpoint takes no body\nhint: write parameters behind a "
            "question mark: curl -X POST localhost/drain?KEY=VALUE\n");
}

TEST_F(Connections, ThatAreTooSlowAreCut) {
  Settings settings;
  settings.deadline = 20ms;
  start(settings);
  const Client silent{port};
  const Client half{port};
  half.send("GET /livez HTTP/1.1\r\nHo");

  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
}

TEST_F(Connections, AreLimitedForEachListener) {
  Settings settings;
  settings.connections = 200;
  start(settings);
  std::vector<Client> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(port);
    clients.back().send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_EQ(status_line(clients.back().read_until("live\n")), "HTTP/1.1 200 OK") << i;
  }

  const Client too_many{port};
  EXPECT_EQ(status_line(too_many.read_all()), "HTTP/1.1 503 Service Unavailable");

  const Client by_the_socket{path};  // strangers on TCP do not lock the operator out
  by_the_socket.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body(by_the_socket.read_all()), "live\n");
}

TEST_F(Connections, EndWhenTheServerStops) {
  start();
  const Client idle{port};
  idle.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(idle.read_until("live\n"), "");

  stop();

  EXPECT_EQ(idle.read_all(), "");
  EXPECT_FALSE(Client{port}.connected());
}

class SocketFile : public RunningServer {};

TEST_F(SocketFile, IsForEverybodyToReadByAndGoesWithTheServer) {
  start();

  struct stat file {};

  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode, static_cast<mode_t>(S_IFSOCK | 0666));

  stop();

  EXPECT_EQ(::stat(path.c_str(), &file), -1);
}

TEST_F(SocketFile, ThatNobodyListensOnIsReplaced) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(std::begin(address.sun_path), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);

  start();

  EXPECT_TRUE(Client{path}.connected());
}

class OpeningAListener : public testing::Test {
protected:
  /// The error's sentence, or "" when it opened.
  std::string open(const Listen& wanted) {
    auto opened = Listener::open(io.get_executor(), wanted);
    if (!opened) {
      return opened.error().message;
    }
    listeners.push_back(std::move(*opened));
    return {};
  }

  boost::asio::io_context io;
  std::list<Listener> listeners;
  Listen where{.unix_path = testing::TempDir() + "havip-listener-" + std::to_string(::getpid()),
               .address = {},
               .port = 0};
};

TEST_F(OpeningAListener, IsRefusedWhereAnotherOneListens) {
  ASSERT_EQ(open(where), "");

  EXPECT_EQ(open(where),
            "listen on unix:" + *where.unix_path +
                ": another process listens there: Address already in use");
}

TEST_F(OpeningAListener, IsRefusedWhereAnOrdinaryFileIs) {
  std::ofstream{*where.unix_path} << "precious";

  EXPECT_EQ(
      open(where),
      "listen on unix:" + *where.unix_path + ": there is a file that is no socket: File exists");

  EXPECT_EQ(::unlink(where.unix_path->c_str()), 0) << "it was not touched";
}

TEST_F(OpeningAListener, IsRefusedOnAPortThatIsTaken) {
  Listen tcp{.unix_path = std::nullopt, .address = IpAddress::v4(0x7f000001), .port = 0};
  ASSERT_EQ(open(tcp), "");
  tcp.port = listeners.front().where().port;

  EXPECT_EQ(open(tcp),
            "listen on 127.0.0.1:" + std::to_string(tcp.port) + ": Address already in use");
}

TEST_F(OpeningAListener, IsRefusedForATooLongPath) {
  where.unix_path = "/tmp/" + std::string(108, 'x');

  EXPECT_EQ(open(where),
            "listen on unix:" + *where.unix_path + ": the path of the socket is too long");
}

}  // namespace
}  // namespace havip::http
