#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "haproxy/client.hpp"
#include "haproxy/watcher.hpp"
#include "sidecar/async/task_group.hpp"
#include "tests/unit/haproxy/fake_haproxy.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace havip::haproxy {

using namespace std::chrono_literals;

inline constexpr auto program = "/usr/sbin/haproxy";

/// A HAProxy in the foreground, in a directory, killed with its test.
class RealHaproxy {
public:
  explicit RealHaproxy(const TemporaryDirectory& directory)
      : configuration_{directory.file("haproxy.cfg")}, log_{directory.file("log")} {
    configure(directory, "");
  }

  /// `more` stands in the section `global`, which it may end.
  void configure(const TemporaryDirectory& directory, const std::string& more) {
    const auto well = directory.file("well");
    std::ofstream{configuration_} << "global\n"
                                  << " stats socket " << directory.file("s")
                                  << " mode 600 level admin\n"
                                  << more
                                  << "defaults\n log global\n mode http\n timeout connect 1s\n"
                                  << " timeout client 1s\n timeout server 1s\n"
                                  << "frontend well\n bind unix@" << well << "\n"
                                  << " http-request return status 200\n"
                                  << "backend web\n option httpchk\n"
                                  << " default-server check inter 100ms\n"
                                  << " server w1 unix@" << well << "\n"
                                  << " server w2 unix@" << well << "\n"
                                  << "backend moved\n http-request redirect location /\n";
  }

  RealHaproxy(const RealHaproxy&) = delete;
  RealHaproxy& operator=(const RealHaproxy&) = delete;

  ~RealHaproxy() { stop(); }

  /// `mode`: "-db" for one process, "-W" for a master with a worker.
  void start(const char* mode = "-db") {
    const ::pid_t parent = ::getpid();
    pid_ = ::fork();
    ASSERT_GE(pid_, 0);
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) {
        ::_exit(1);
      }
      const int log = ::open(log_.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
      ::dup2(log, 1);
      ::dup2(log, 2);
      ::execl(program, program, mode, "-f", configuration_.c_str(), nullptr);
      ::_exit(127);
    }
  }

  void send(int signal_number) const {
    ASSERT_EQ(::kill(pid_, signal_number), 0);
    if (signal_number == SIGSTOP) {  // takes a moment until it has reached every thread
      ASSERT_EQ(::waitpid(pid_, nullptr, WUNTRACED), pid_);
    }
  }

  /// SIGKILL also ends a stopped process; a worker ends by itself without its master.
  void stop() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      pid_ = 0;
    }
  }

  [[nodiscard]] int pid() const { return pid_; }

  [[nodiscard]] std::string log() const {
    std::ifstream file{log_};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

private:
  std::string configuration_;
  std::string log_;
  ::pid_t pid_ = 0;
};

class RealHaproxyTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(::access(program, X_OK), 0)
        << program << " is not there: install the package haproxy (2.6 or later) for this test";
  }

  void TearDown() override {
    group_.cancel();
    EXPECT_TRUE(run_until(io_, [this] { return group_.running().empty(); }));
    if (HasFailure()) {
      std::string states;
      for (const auto& facts : told_) {
        states += std::to_string(static_cast<int>(facts.state)) + " pid " +
                  std::to_string(facts.pid) + " " + facts.detail + "\n";
      }
      ADD_FAILURE() << "told:\n" << states << "HAProxy said:\n" << haproxy_.log();
    }
  }

  /// With a timeout that a loaded machine keeps, unless the test is about it.
  void watch(Duration timeout = 3s) {
    watcher_.emplace(
        io_.get_executor(),
        Watcher::Settings{.socket = path_, .interval = 50ms, .timeout = timeout, .ring = ring_},
        [this](const Facts& facts) { told_.push_back(facts); });
    group_.spawn("watcher", [this] { return watcher_->run(); });
  }

  [[nodiscard]] bool wait_for(const std::function<bool(const Facts&)>& wanted) {
    return run_until(io_, [&] { return !told_.empty() && wanted(told_.back()); });
  }

  [[nodiscard]] bool wait_for(ProcessState state) {
    return wait_for([state](const Facts& facts) { return facts.state == state; });
  }

  /// Waits until it is up, with both servers checked.
  void start_and_watch(const char* mode = "-db", Duration timeout = 3s) {
    haproxy_.start(mode);
    watch(timeout);
    ASSERT_TRUE(wait_for(ProcessState::up));
  }

  /// A master that is still starting ignores the signal, although its worker answers already.
  [[nodiscard]] bool replaced_by_reload(int old_worker) {
    for (int attempt = 0; attempt < 10; ++attempt) {
      haproxy_.send(SIGUSR2);
      if (run_until(
              io_, [&] { return told_.back().pid != old_worker; }, 700ms)) {
        return true;
      }
    }
    return false;
  }

  /// What HAProxy says to an operator on a connection of his own.
  void command(const std::string& text) {
    std::optional<Result<std::string>> answer;
    group_.spawn("operator", [&]() -> async::Task<> {
      co_await boost::asio::this_coro::throw_if_cancelled(false);
      Client client{io_.get_executor(), Client::Settings{.timeout = 10s}};
      EXPECT_TRUE(client.connect(path_));
      const auto ready = co_await client.ask("prompt");
      EXPECT_TRUE(ready);
      answer = co_await client.ask(text);
    });
    ASSERT_TRUE(run_until(io_, [&] { return answer.has_value(); }));
    EXPECT_EQ(answer->value(), "") << text;
  }

  [[nodiscard]] static std::vector<Backend> backends(bool up, int servers_up, double share) {
    return {{"web", up, servers_up, 2, share}, {"moved", true, 0, 0, 1.0}};
  }

  boost::asio::io_context io_{1};
  TemporaryDirectory directory_;
  std::string path_ = directory_.file("s");
  RealHaproxy haproxy_{directory_};
  async::TaskGroup group_{io_.get_executor()};
  std::vector<Facts> told_;
  std::string ring_;  ///< that the watcher watches
  std::optional<Watcher> watcher_;
};

}  // namespace havip::haproxy
