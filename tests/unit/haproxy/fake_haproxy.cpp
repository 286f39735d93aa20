// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/haproxy/fake_haproxy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <stdlib.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace havip::haproxy {

namespace asio = boost::asio;
using asio::local::stream_protocol;

TemporaryDirectory::TemporaryDirectory() {
  auto pattern = (std::filesystem::temp_directory_path() / "havip-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error{"no temporary directory"};
  }
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool run_until(asio::io_context& io,
               const std::function<bool()>& happened,
               std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!happened() && std::chrono::steady_clock::now() < end) {
    io.restart();
    io.run_one_until(end);
  }
  return happened();
}

struct FakeHaproxy::Connection {
  explicit Connection(stream_protocol::socket accepted) : socket{std::move(accepted)} {}

  stream_protocol::socket socket;
  std::string received;
  std::string to_send;
  bool watching = false;
};

namespace {

constexpr std::string_view watch_command = "set timeout cli 1d;show info;show events havip -w";

}  // namespace

FakeHaproxy::FakeHaproxy(asio::io_context& io, std::string path) : io_{io}, path_{std::move(path)} {
  start();
}

FakeHaproxy::~FakeHaproxy() {
  stop();
}

void FakeHaproxy::start() {
  std::filesystem::remove(path_);
  acceptor_.emplace(io_, stream_protocol::endpoint{path_});
  accept();
}

void FakeHaproxy::stop() {
  acceptor_.reset();
  drop_connections();
}

void FakeHaproxy::drop_connections() {
  for (const auto& weak : std::exchange(open_, {})) {
    if (const auto connection = weak.lock()) {
      connection->socket.close();
    }
  }
}

void FakeHaproxy::say(const std::string& text) {
  for (const auto& weak : open_) {
    if (const auto connection = weak.lock()) {
      connection->socket.send(asio::buffer(text));
    }
  }
}

void FakeHaproxy::tell_ring(const std::string& line) {
  for (const auto& weak : open_) {
    const auto connection = weak.lock();
    if (connection && connection->watching) {
      connection->socket.send(asio::buffer(line));
    }
  }
}

int FakeHaproxy::watchers() const {
  return static_cast<int>(std::ranges::count_if(open_, [](const auto& weak) {
    const auto connection = weak.lock();
    return connection && connection->watching;
  }));
}

std::string FakeHaproxy::well_behaved(const std::string& command) const {
  const std::string header =
      "# pxname,svname,status,weight,act,bck,iid,type,check_status,last_chk,-,\n";
  const auto number = std::to_string(usable);
  const std::string server = ",UP,1,1,0,4,2," + check + ",,-,\n";
  if (command == "show info") {
    return "Name: HAProxy\nVersion: 2.6.12\nPid: " + std::to_string(pid) +
           "\nUptime_sec: 1\nStopping: " + (stopping ? "1" : "0") + "\nStart_time_sec: 1\n\n> ";
  }
  if (command == "show stat -1 2 -1") {
    return header + "web,BACKEND," + (usable > 0 ? "UP" : "DOWN") + "," + number + "," + number +
           ",0,4,1,,,-,\n\n> ";
  }
  if (command == "show stat -1 4 -1" || command == "show stat 4 4 -1") {
    return header + "web,w1" + server + "web,w2" + server + "\n> ";
  }
  if (command == watch_command) {
    const auto info = well_behaved("show info");
    return "\n" + info.substr(0, info.size() - 2) +
           (has_ring ? ring_history : "No such event sink\n");
  }
  if (command == "prompt" || command == "set timeout cli 1d") {
    return "\n> ";
  }
  return "Unknown command.\n\n> ";
}

void FakeHaproxy::accept() {
  acceptor_->async_accept([this](boost::system::error_code error, stream_protocol::socket peer) {
    if (error) {
      return;
    }
    ++connections;
    const auto connection = std::make_shared<Connection>(std::move(peer));
    open_.push_back(connection);
    read(connection);
    accept();
  });
}

void FakeHaproxy::read(const std::shared_ptr<Connection>& connection) {
  asio::async_read_until(connection->socket,
                         asio::dynamic_buffer(connection->received),
                         '\n',
                         [this, connection](boost::system::error_code error, std::size_t length) {
                           if (error) {
                             return;
                           }
                           const auto command = connection->received.substr(0, length - 1);
                           connection->received.erase(0, length);
                           commands.push_back(command);
                           answer(connection, command);
                         });
}

void FakeHaproxy::answer(const std::shared_ptr<Connection>& connection,
                         const std::string& command) {
  const auto text = reply ? reply(command) : well_behaved(command);
  if (!text) {
    read(connection);
    return;
  }
  connection->to_send = *text;
  connection->watching = command == watch_command;
  asio::async_write(connection->socket,
                    asio::buffer(connection->to_send),
                    [this, connection](boost::system::error_code error, std::size_t) {
                      if (hang_up || connection->to_send.ends_with("such event sink\n")) {
                        connection->socket.close();
                      } else if (!error) {
                        read(connection);
                      }
                    });
}

}  // namespace havip::haproxy
