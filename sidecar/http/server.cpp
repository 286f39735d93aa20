// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/server.hpp"

#include "sidecar/async/wait.hpp"

#include <boost/asio/this_coro.hpp>

#include <unistd.h>

#include <array>
#include <exception>
#include <memory>
#include <utility>

namespace havip::http {
namespace {

std::string system_host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

/// Counts a connection for as long as its session lives.
class Slot {
public:
  explicit Slot(std::shared_ptr<std::size_t> count) : count_{std::move(count)} { ++*count_; }

  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  ~Slot() { --*count_; }

private:
  std::shared_ptr<std::size_t> count_;  ///< sessions outlive the accepting coroutine
};

}  // namespace

Server::Server(boost::asio::any_io_executor executor,
               std::vector<Listen> listen,
               ports::Admin& admin,
               ports::CallerIdentity& identity,
               LogSink log)
    : executor_{std::move(executor)},
      listen_{std::move(listen)},
      log_{std::move(log)},
      shared_{.admin = admin, .identity = identity, .log = log_, .settings = settings_} {
  settings_.host_name = system_host_name();
}

void Server::use(Settings settings) {
  if (settings.host_name.empty()) {
    settings.host_name = std::move(settings_.host_name);
  }
  settings_ = std::move(settings);
}

Result<> Server::open() {
  for (const auto& where : listen_) {
    auto listener = Listener::open(executor_, where);
    if (!listener) {
      listeners_.clear();
      return listener.error();
    }
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

std::vector<Listen> Server::listening() const {
  std::vector<Listen> where;
  for (const auto& listener : listeners_) {
    where.push_back(listener.where());
  }
  return where;
}

async::Task<> Server::run() {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  async::TaskGroup group{executor_};
  for (auto& listener : listeners_) {
    group.spawn("accept on " + listener.where().to_string(),
                [this, &listener, &group] { return accept(listener, group); });
  }
  co_await group.join();
  listeners_.clear();
}

async::Task<> Server::accept(Listener& listener, async::TaskGroup& sessions) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const auto name = listener.where().to_string();
  const auto open = std::make_shared<std::size_t>(0);
  bool complained = false;
  for (;;) {
    StreamSocket socket{executor_};
    const auto [failure] = co_await listener.acceptor().async_accept(socket, async::as_result);
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) {
      break;
    }
    if (!failure) {
      complained = false;
      take(std::move(socket), listener.where(), sessions, open);
      continue;
    }
    // Without descriptors (EMFILE) the client stays in the queue: do not spin on it.
    if (!complained && failure != boost::asio::error::connection_aborted) {
      log_(Severity::warning, "accept on " + name + ": " + failure.message());
      complained = true;
    }
    co_await async::sleep_until(async::monotonic_now() + std::chrono::milliseconds{100});
  }
}

void Server::take(StreamSocket socket,
                  const Listen& where,
                  async::TaskGroup& sessions,
                  const std::shared_ptr<std::size_t>& open) {
  if (*open >= settings_.connections) {
    turn_away(std::move(socket));
    return;
  }
  auto peer = peer_of(socket, where);
  auto body = [this,
               slot = std::make_unique<Slot>(open),
               connection = std::move(socket),
               peer = std::move(peer)]() mutable -> async::Task<> {
    try {
      co_await serve(std::move(connection), std::move(peer), shared_);
    } catch (const std::exception& failure) {
      log_(Severity::error, std::string{"HTTP session: "} + failure.what());
    }
  };
  sessions.spawn("HTTP session", std::move(body));
}

}  // namespace havip::http
