// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/gateway_checks.hpp"

#include "sidecar/async/wait.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <algorithm>
#include <utility>

namespace havip::app {
namespace {

namespace asio = boost::asio;

}  // namespace

struct GatewayChecks::Watch {
  Watch(const asio::any_io_executor& executor, std::size_t place, const GatewayTrack& asked)
      : index{place}, track{asked}, ready{executor} {}

  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  ~Watch() {
    if (ready.is_open()) {
      static_cast<void>(ready.release());  // The probe closes it.
    }
  }

  std::size_t index;
  GatewayTrack track;
  std::optional<net::GatewayProbe> probe;
  asio::posix::stream_descriptor ready;
  std::string problem;  ///< of the present question, or empty
  int missed = 0;       ///< questions in a row
  std::optional<bool> well;
  std::string told;  ///< the text that was told last
};

GatewayChecks::GatewayChecks(asio::any_io_executor executor,
                             std::vector<GatewayTrack> tracks,
                             std::set<IpAddress> virtual_addresses,
                             OnResult on_result)
    : executor_{std::move(executor)},
      tracks_{std::move(tracks)},
      virtual_addresses_{std::move(virtual_addresses)},
      on_result_{std::move(on_result)},
      tasks_{executor_} {}

async::Task<> GatewayChecks::run() {
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    tasks_.spawn("gateway " + tracks_[i].gateway.to_string(), [this, i] { return watch(i); });
  }
  co_await tasks_.join();
}

async::Task<> GatewayChecks::watch(std::size_t index) {
  Watch watch{executor_, index, tracks_[index]};
  for (;;) {
    const auto begin = async::monotonic_now();
    const auto heard = co_await ask(watch, begin);
    if (heard == Heard::cancelled) {
      co_return;
    }
    judge(watch, heard == Heard::answer);
    if (!co_await async::sleep_until(begin + watch.track.interval)) {
      co_return;
    }
  }
}

/// Opens what is not open yet, finds the way and asks for the first time. Answers why that could
/// not be done.
std::string GatewayChecks::begin_question(Watch& watch) {
  if (!paths_) {
    auto finder = netlink::PathFinder::open(virtual_addresses_);
    if (!finder) {
      return "cannot be asked, " + finder.error().message;
    }
    paths_ = std::move(*finder);
  }
  if (!watch.probe) {
    auto probe = net::GatewayProbe::open(watch.track.gateway);
    if (!probe) {
      return probe.error().message;
    }
    watch.probe = std::move(*probe);
    watch.ready.assign(watch.probe->descriptor());
  }
  const auto path = paths_->find(watch.track.gateway);
  if (!path) {
    return path.error().message;
  }
  if (const auto followed = watch.probe->follow(*path); !followed) {
    return followed.error().message;
  }
  const auto asked =
      watch.probe->is_neighbour() ? watch.probe->ask_neighbour() : watch.probe->ask_echo();
  return asked ? std::string{} : asked.error().message;
}

async::Task<GatewayChecks::Heard> GatewayChecks::ask(Watch& watch, Instant begin) {
  watch.problem = begin_question(watch);
  if (!watch.problem.empty()) {
    co_return Heard::silence;
  }
  const auto first = co_await listen(watch, begin + watch.track.interval / 2);
  if (first != Heard::silence) {
    co_return first;
  }
  if (const auto asked = watch.probe->ask_echo(); !asked) {
    watch.problem = asked.error().message;
    co_return Heard::silence;
  }
  co_return co_await listen(watch, begin + watch.track.interval);
}

async::Task<GatewayChecks::Heard> GatewayChecks::listen(Watch& watch, Instant until) {
  for (;;) {
    const auto wake = co_await async::wait_readable(watch.ready, until);
    if (wake == async::Wake::cancelled) {
      co_return Heard::cancelled;
    }
    if (watch.probe->receive()) {
      co_return Heard::answer;
    }
    if (wake == async::Wake::deadline) {
      co_return Heard::silence;
    }
  }
}

void GatewayChecks::judge(Watch& watch, bool answered) {
  watch.missed = answered ? 0 : watch.missed + 1;
  if (!answered && watch.missed < watch.track.fall) {
    return;
  }
  watch.missed = std::min(watch.missed, watch.track.fall);
  auto text = answered                ? std::string{"answers"}
              : watch.problem.empty() ? std::string{"does not answer"}
                                      : watch.problem;
  if (watch.well != answered || watch.told != text) {
    watch.well = answered;
    watch.told = text;
    on_result_(watch.index, answered, std::move(text));
  }
}

}  // namespace havip::app
