// SPDX-License-Identifier: Apache-2.0
//
// What it costs havip to understand HAProxy: the rows of `show stat` by their number, with the
// allocations each takes, and a whole reading of 100 backends. Beside it what a check script of the
// usual kind costs for one question, "fork a shell, socat, grep" against a socket that answers at
// once: without HAProxy's own time.
#include "haproxy/board.hpp"
#include "haproxy/info.hpp"
#include "haproxy/verdict.hpp"
#include "sidecar/base/check.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <benchmark/benchmark.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <string>
#include <thread>
#include <utility>

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

// The count is all that is added. Inlined, they look like a mismatched pair to g++.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) {  // NOLINT(*-no-malloc): this is operator new
    return memory;
  }
  throw std::bad_alloc{};
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);  // NOLINT(*-no-malloc)
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);  // NOLINT(*-no-malloc)
}

namespace havip::haproxy {
namespace {

using namespace std::chrono_literals;

constexpr int servers_of_a_backend = 100;

/// The columns of HAProxy 2.6; a row has some 300 bytes.
const std::string header =
    "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,"
    "wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,"
    "lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,"
    "hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,"
    "cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,"
    "rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,"
    "check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,\n";

std::string row(const std::string& names, bool up, int weight, int backend, bool server) {
  return names + ",0,0,0,0,,0,0,0,,0,,0,0,0,0," + (up ? "UP," : "DOWN,") + std::to_string(weight) +
         (server ? ",1,0" : "," + std::to_string(weight) + ",0") + ",0,0,1,0,,1," +
         std::to_string(backend) + ",1,,0,," + (server ? "2" : "1") + ",0,,0," +
         (server ? "L7OK,200,0" : ",,") + ",0,0,0,0,0,0,,,,0,0,0,,,,,-1,,,0,0,0,0,,,," +
         (server ? "Layer7 check passed" : "") + ",,2,3,4,,,,10.0.0.1:80,,http,roundrobin,\n";
}

std::string backends_table(int backends, int usable) {
  auto table = header;
  for (int i = 0; i < backends; ++i) {
    table += row("backend" + std::to_string(i) + ",BACKEND", true, usable, i + 2, false);
  }
  return table;
}

std::string servers_table(int backends) {
  auto table = header;
  for (int i = 0; i < backends * servers_of_a_backend; ++i) {
    const auto backend = i / servers_of_a_backend;
    table += row("backend" + std::to_string(backend) + ",server" + std::to_string(i),
                 true,
                 1,
                 backend + 2,
                 true);
  }
  return table;
}

void report(benchmark::State& state, std::size_t before, std::size_t rows) {
  const auto all = static_cast<double>(state.iterations()) * static_cast<double>(rows);
  state.counters["allocations/row"] = static_cast<double>(allocations - before) / all;
  state.counters["time/row"] =
      benchmark::Counter(all, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void read_rows_of_servers(benchmark::State& state) {
  const auto backends = static_cast<int>(state.range(0));
  const auto table = servers_table(backends);
  const auto before = allocations;
  for (auto _ : state) {
    auto sums = read_servers(table);
    CHECK(sums && sums->size() == static_cast<std::size_t>(backends));
  }
  report(state, before, static_cast<std::size_t>(backends * servers_of_a_backend));
}

BENCHMARK(read_rows_of_servers)->Arg(1)->Arg(100)->Unit(benchmark::kMicrosecond);

void read_rows_of_backends(benchmark::State& state) {
  const auto backends = static_cast<int>(state.range(0));
  const auto table = backends_table(backends, servers_of_a_backend);
  const auto before = allocations;
  for (auto _ : state) {
    benchmark::DoNotOptimize(read_backends(table));
  }
  report(state, before, static_cast<std::size_t>(backends));
}

BENCHMARK(read_rows_of_backends)->Arg(100)->Unit(benchmark::kMicrosecond);

/// What comes each second and more often while nothing changes: 100 backends of 100 servers.
void judge_a_reading(benchmark::State& state) {
  constexpr int backends = 100;
  const auto table = backends_table(backends, servers_of_a_backend);
  Board board;
  const Instant now{};
  CHECK(board.backends(table, now));
  CHECK(board.servers(servers_table(backends), now));
  Verdict verdict{{.socket = "S", .timeout = 1s}};
  const Info info{.process = {.pid = 1, .start_time = 1}, .version = "2.6"};
  const auto before = allocations;
  for (auto _ : state) {
    CHECK(board.backends(table, now) && !board.next_command());
    benchmark::DoNotOptimize(verdict.reading(info, board.judged(), board.unchecked(), now));
  }
  report(state, before, backends);
}

BENCHMARK(judge_a_reading)->Unit(benchmark::kMicrosecond);

/// Answers each connection with one line and ends it, as HAProxy does without `prompt`.
class Answerer {
public:
  Answerer() : path_{std::filesystem::temp_directory_path() / unique_name()} {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(&address.sun_path[0], path_.c_str(), path_.native().size() + 1);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what bind(2) wants.
    const auto* const generic = reinterpret_cast<const ::sockaddr*>(&address);
    CHECK(::bind(listener_, generic, sizeof address) == 0 && ::listen(listener_, 1) == 0);
    thread_ = std::jthread{[this] {
      serve();
    }};
  }

  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;

  ~Answerer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    std::filesystem::remove(path_);
  }

  [[nodiscard]] std::string path() const { return path_; }

private:
  static std::string unique_name() { return "havip-bench-" + std::to_string(::getpid()); }

  void serve() const {
    for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) {
      char question = 0;
      while (::recv(peer, &question, 1, 0) == 1 && question != '\n') {
      }
      const std::string answer = "Name: HAProxy\nVersion: 2.6\nPid: 1\nStopping: 0\n\n";
      ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  std::filesystem::path path_;
  int listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::jthread thread_;
};

/// What check scripts of other VRRP daemons do, once.
void ask_by_a_script(benchmark::State& state) {
  const Answerer answerer;
  const auto script =
      "echo 'show info' | socat - UNIX-CONNECT:" + answerer.path() + " | grep -q '^Stopping: 0'";
  for (auto _ : state) {
    // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): the shell is what is measured
    CHECK(std::system(script.c_str()) == 0);
  }
}

BENCHMARK(ask_by_a_script)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace havip::haproxy

BENCHMARK_MAIN();
