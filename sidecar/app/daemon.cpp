// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/daemon.hpp"

#include "sidecar/app/settings.hpp"
#include "sidecar/app/systemd.hpp"
#include "sidecar/async/wait.hpp"
#include "sidecar/netlink/caller_identity.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <csignal>
#include <exception>
#include <utility>
#include <variant>

namespace havip::app {
namespace {

namespace asio = boost::asio;

/// How long a planned end waits for another node to take the addresses before they are dropped.
constexpr Duration handover_time = std::chrono::milliseconds{500};
/// How long the election thread may take to give everything back.
constexpr Duration ending_time = std::chrono::seconds{2};
constexpr Duration glance = std::chrono::milliseconds{5};

}  // namespace

Daemon::Daemon(const config::Config& config,
               const config::Node* node,
               const std::string& name,
               LogSink log)
    : log_{std::move(log)},
      election_{engine_settings(config, node), config.daemon.realtime},
      admin_{name,
             peers(config, node),
             config.daemon.state_directory,
             [this](engine::Event event) {
               return election_.post(std::move(event));
             }},
      conditions_{conditions(config, node)},
      gate_{tracks(config), conditions_.conditions},
      watcher_{io_.get_executor(),
               watcher_settings(config),
               [this](const haproxy::Facts& facts) {
                 admin_.set_haproxy(facts);
                 gate_.observe(facts, async::monotonic_now());
                 judge_again();
               }},
      gateways_{io_.get_executor(),
                conditions_.gateways,
                virtual_addresses(config),
                [this](std::size_t track, bool well, std::string detail) {
                  see_condition(conditions_.gateway_conditions[track], well, std::move(detail));
                }},
      commands_{conditions_.commands,
                [this](std::size_t track, bool well, const std::string& detail) {
                  // How exactly it failed is not part of the reason, see HealthGate.
                  see_condition(conditions_.command_conditions[track],
                                well,
                                (well ? "is well: " : "fails: ") + detail);
                }},
      hooks_{io_.get_executor(), {.commands = hook_commands(config), .node = name}, log_},
      listen_{listeners(config)},
      news_{io_, election_.news().descriptor()},
      recovery_{io_},
      signals_{io_, SIGTERM, SIGINT, SIGHUP},
      tasks_{io_.get_executor()} {}

Result<> Daemon::open() {
  auto identity = netlink::open_caller_identity();
  if (!identity) {
    return identity.error();
  }
  identity_ = std::move(*identity);
  if (auto opened = election_.open(); !opened) {
    return opened;
  }
  // Whoever asks first finds every virtual router, in init.
  admin_.set_election(std::make_shared<const ports::ElectionStatus>(election_.first_status()));
  server_.emplace(io_.get_executor(), listen_, admin_, *identity_, log_);
  return server_->open();
}

int Daemon::run() {
  election_.start();
  tasks_.spawn("news", [this] { return receive_news(); });
  tasks_.spawn("haproxy", [this] { return watcher_.run(); });
  tasks_.spawn("gateways", [this] { return gateways_.run(); });
  tasks_.spawn("commands", [this] { return commands_.run(); });
  tasks_.spawn("hooks", [this] { return hooks_.run(); });
  tasks_.spawn("health", [this] { return recover_health(); });
  tasks_.spawn("http", [this] { return server_->run(); });
  tasks_.spawn("house", [this] { return keep_house(); });
  tasks_.spawn("signals", [this] { return await_signals(); });
  std::exception_ptr failure;
  asio::co_spawn(io_, tasks_.join(), [&](const std::exception_ptr& why) { failure = why; });
  Systemd::ready();
  io_.run();
  static_cast<void>(news_.release());  // The mailbox closes it.
  if (!failure) {
    return 0;
  }
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& bug) {
    log_(Severity::error, std::string{"bug: a task of the service thread ended: "} + bug.what());
  }
  return 1;
}

async::Task<> Daemon::receive_news() {
  while (!ended_) {
    if (co_await async::wait_readable(news_, Instant::max()) == async::Wake::cancelled) {
      co_return;
    }
    election_.news().receive([this](const News& news) { take(news); });
  }
}

void Daemon::take(const News& news) {
  if (const auto* const tell = std::get_if<engine::Tell>(&news)) {
    log_(tell->severity, (tell->router.empty() ? "" : tell->router + ": ") + tell->text);
  } else if (const auto* const status =
                 std::get_if<std::shared_ptr<const ports::ElectionStatus>>(&news)) {
    admin_.set_election(*status);
    see_links(**status);
    hooks_.observe(**status);
  } else {
    ended_ = true;
  }
}

/// The election thread knows the links; what it tells of them is published at once.
void Daemon::see_links(const ports::ElectionStatus& status) {
  if (status.links == links_) {
    return;
  }
  links_ = status.links;
  for (std::size_t i = 0; i < links_.size(); ++i) {
    see_condition(
        conditions_.interface_conditions[i], ports::works(links_[i]), ports::describe(links_[i]));
  }
}

void Daemon::see_condition(std::size_t index, bool holds, std::string detail) {
  gate_.observe_condition(index, holds, std::move(detail), async::monotonic_now());
  judge_again();
}

/// There are news: what was waited for may have changed too.
void Daemon::judge_again() {
  judge_health();
  recovery_.cancel();
}

void Daemon::judge_health() {
  auto fitness = gate_.judge(async::monotonic_now());
  admin_.set_tracks(gate_.tracks());
  if (told_ != fitness && election_.post(fitness)) {
    told_ = std::move(fitness);
  }
}

/// A recovery counts only after a while; this task waits for it.
async::Task<> Daemon::recover_health() {
  for (;;) {
    const auto due = gate_.deadline();
    recovery_.expires_at(due ? async::steady(*due) : asio::steady_timer::time_point::max());
    co_await recovery_.async_wait(async::as_result);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      co_return;
    }
    judge_health();
  }
}

async::Task<> Daemon::keep_house() {
  const auto pause = std::min<Duration>(
      Systemd::watchdog_interval().value_or(std::chrono::seconds{1}), std::chrono::seconds{1});
  std::string last_summary;
  for (;;) {
    const auto now = async::monotonic_now();
    if (watcher_.latest().state == haproxy::ProcessState::up) {
      admin_.set_haproxy(watcher_.latest());  // Its uptime goes on without being told.
    }
    judge_health();  // Again, in case the election could not take it before.
    if (!admin_.stuck_because()) {
      Systemd::feed_watchdog();
    }
    auto line = summary(*admin_.status());
    if (line != last_summary) {
      Systemd::status(line);
      last_summary = std::move(line);
    }
    const auto drain_due = admin_.expire_drain(now);
    if (!co_await async::sleep_until(std::min(drain_due, now + pause))) {
      co_return;
    }
  }
}

async::Task<> Daemon::await_signals() {
  for (;;) {
    const auto [failure, number] = co_await signals_.async_wait(async::as_result);
    if (failure) {
      co_return;
    }
    if (number == SIGHUP) {
      log_(Severity::warning, "SIGHUP: this version cannot reload; nothing was changed");
      continue;
    }
    log_(Severity::notice, std::string{"ending on "} + (number == SIGINT ? "SIGINT" : "SIGTERM"));
    co_await end();
    tasks_.cancel();
    co_return;
  }
}

bool Daemon::holds_something() const {
  const auto status = admin_.status();
  return std::ranges::any_of(status->election.virtual_routers, [](const auto& router) {
    return router.state == vrrp::State::active;
  });
}

/// Make before break: the node yields, and drops its addresses when another node has them or when
/// that took too long. Not remembered: the next start takes part again.
async::Task<> Daemon::end() {
  Systemd::stopping();
  if (holds_something()) {
    election_.post(engine::DrainChanged{true});
    const auto limit = async::monotonic_now() + handover_time;
    while (holds_something() && async::monotonic_now() < limit) {
      co_await async::sleep_until(async::monotonic_now() + glance);
    }
  }
  election_.post(engine::StopRequested{});
  const auto limit = async::monotonic_now() + ending_time;
  while (!ended_ && async::monotonic_now() < limit) {
    co_await async::sleep_until(async::monotonic_now() + glance);
  }
}

}  // namespace havip::app
