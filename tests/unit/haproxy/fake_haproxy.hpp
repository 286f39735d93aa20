#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace havip::haproxy {

/// A directory of its own for each test, gone with it.
class TemporaryDirectory {
public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

/// Runs the io_context until `happened` says so; false when it does not within `limit`, which is
/// far more than anything here takes.
bool run_until(boost::asio::io_context& io,
               const std::function<bool()>& happened,
               std::chrono::milliseconds limit = std::chrono::seconds{20});

/// Speaks like HAProxy on a unix socket, on the io_context of the test: what a test does not
/// change is a process with one backend of two servers that are well.
class FakeHaproxy {
public:
  /// Everything that is sent in answer to a command, prompt included; nothing: stay silent.
  using Reply = std::function<std::optional<std::string>(const std::string& command)>;

  FakeHaproxy(boost::asio::io_context& io, std::string path);
  FakeHaproxy(const FakeHaproxy&) = delete;
  FakeHaproxy& operator=(const FakeHaproxy&) = delete;
  ~FakeHaproxy();

  /// Listens again after stop().
  void start();

  /// Like SIGKILL: all connections end and new ones are refused. The socket file stays.
  void stop();

  /// Ends the connections but goes on listening, like a worker that is replaced.
  void drop_connections();

  /// Says something nobody asked for on every connection.
  void say(const std::string& text);

  /// Says something to those who watch the ring.
  void tell_ring(const std::string& line);

  /// Who watches the ring now.
  [[nodiscard]] int watchers() const;

  /// Answers as a well-behaved HAProxy in the state that follows.
  [[nodiscard]] std::string well_behaved(const std::string& command) const;

  int pid = 100;
  bool stopping = false;
  int usable = 2;              ///< of the two servers
  std::string check = "L4OK";  ///< check_status of the servers
  Reply reply;                 ///< instead of well_behaved()

  bool has_ring = true;      ///< named "havip"
  std::string ring_history;  ///< what a new watcher is told at once

  bool hang_up = false;  ///< behind each reply

  std::vector<std::string> commands;  ///< that came, over all connections
  int connections = 0;                ///< accepted so far

private:
  struct Connection;

  void accept();
  void read(const std::shared_ptr<Connection>& connection);
  void answer(const std::shared_ptr<Connection>& connection, const std::string& command);

  boost::asio::io_context& io_;
  std::string path_;
  std::optional<boost::asio::local::stream_protocol::acceptor> acceptor_;
  std::vector<std::weak_ptr<Connection>> open_;
};

}  // namespace havip::haproxy
