// SPDX-License-Identifier: Apache-2.0
// The watcher against the real HAProxy of this machine. Each test starts one of its own in a
// temporary directory; its frontends and servers are unix sockets there, so that nothing outside
// is touched and no port can be in use. Without HAProxy these tests fail: what they cover is the
// contract with it.
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
namespace {

using namespace std::chrono_literals;

constexpr auto program = "/usr/sbin/haproxy";

/// A HAProxy in the foreground, in a directory, killed with its test.
class RealHaproxy {
public:
  explicit RealHaproxy(const TemporaryDirectory& directory)
      : configuration_{directory.file("haproxy.cfg")}, log_{directory.file("log")} {
    const auto well = directory.file("well");
    std::ofstream{configuration_} << "global\n"
                                  << " stats socket " << directory.file("s")
                                  << " mode 600 level admin\n"
                                  << "defaults\n mode http\n timeout connect 1s\n"
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
    watcher_.emplace(io_.get_executor(),
                     Watcher::Settings{.socket = path_, .interval = 50ms, .timeout = timeout},
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
  std::optional<Watcher> watcher_;
};

TEST_F(RealHaproxyTest, ThatRunsIsUpOnceItsServersAreChecked) {
  start_and_watch();
  EXPECT_EQ(told_.back().pid, haproxy_.pid());
  EXPECT_TRUE(told_.back().version.starts_with('2') || told_.back().version.starts_with('3'));
  EXPECT_EQ(told_.back().backends, backends(true, 2, 1.0));
}

TEST_F(RealHaproxyTest, WithAServerInMaintenanceHasHalfItsShare) {
  start_and_watch();
  command("set server web/w1 state maint");
  EXPECT_TRUE(wait_for([](const Facts& f) { return f.backends == backends(true, 1, 0.5); }));
  command("set server web/w2 state maint");
  EXPECT_TRUE(wait_for([](const Facts& f) { return f.backends == backends(false, 0, 0.0); }));
  command("set server web/w1 state ready");
  command("set server web/w2 state ready");
  EXPECT_TRUE(wait_for([](const Facts& f) { return f.backends == backends(true, 2, 1.0); }));
}

TEST_F(RealHaproxyTest, ThatIsKilledIsDownFastAndUpAgainAfterARestart) {
  start_and_watch();
  const auto killed = std::chrono::steady_clock::now();
  haproxy_.stop();
  ASSERT_TRUE(wait_for(ProcessState::down));
  // Measured: some milliseconds. The bound is below `timeout`: this was felt and not waited out.
  EXPECT_LT(std::chrono::steady_clock::now() - killed, 1s);
  EXPECT_EQ(told_.back().detail, "nobody listens on " + path_);

  haproxy_.start();

  ASSERT_TRUE(wait_for(ProcessState::up));
  EXPECT_EQ(told_.back().pid, haproxy_.pid());
}

TEST_F(RealHaproxyTest, ThatIsStoppedIsHungAndUpAgainWhenItGoesOn) {
  start_and_watch("-db", 500ms);
  haproxy_.send(SIGSTOP);
  ASSERT_TRUE(wait_for(ProcessState::hung));
  haproxy_.send(SIGCONT);
  EXPECT_TRUE(wait_for(ProcessState::up));
}

TEST_F(RealHaproxyTest, ThatWasStoppedBeforeWeCameIsHungTooAndKilledItIsDown) {
  haproxy_.start();
  // A second watcher's connection is not the point: it only says when HAProxy is there.
  watch();
  ASSERT_TRUE(wait_for(ProcessState::up));
  haproxy_.send(SIGSTOP);
  told_.clear();
  Watcher late{io_.get_executor(),
               Watcher::Settings{.socket = path_, .interval = 50ms, .timeout = 300ms},
               [this](const Facts& facts) {
                 told_.push_back(facts);
               }};
  group_.spawn("late watcher", [&late] { return late.run(); });
  ASSERT_TRUE(run_until(io_, [&] { return late.latest().state == ProcessState::hung; }));
  EXPECT_EQ(late.latest().pid, 0);
  haproxy_.stop();
  EXPECT_TRUE(run_until(io_, [&] { return late.latest().state == ProcessState::down; }));
  group_.cancel();
  EXPECT_TRUE(run_until(io_, [this] { return group_.running().empty(); }));
}

TEST_F(RealHaproxyTest, ThatReloadsIsNeverAnythingButUp) {
  start_and_watch("-W");
  told_.erase(told_.begin(), told_.end() - 1);
  for (int reload = 0; reload < 3; ++reload) {
    ASSERT_TRUE(replaced_by_reload(told_.back().pid));
  }
  EXPECT_TRUE(std::ranges::all_of(told_, [](const Facts& facts) {
    return facts.state == ProcessState::up && facts.backends == backends(true, 2, 1.0);
  }));
  EXPECT_GE(told_.size(), 4U);
}

TEST_F(RealHaproxyTest, ThatStopsGracefullyIsDown) {
  start_and_watch();
  haproxy_.send(SIGUSR1);
  EXPECT_TRUE(wait_for(ProcessState::down));
}

}  // namespace
}  // namespace havip::haproxy
