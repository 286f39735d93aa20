// SPDX-License-Identifier: Apache-2.0
#include "sidecar/app/command_checks.hpp"

#include "sidecar/async/task_group.hpp"
#include "sidecar/async/wait.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace havip::app {

namespace asio = boost::asio;
using async::monotonic_now;

CommandChecks::CommandChecks(std::vector<CommandTrack> tracks,
                             OnResult on_result,
                             const std::string& launcher)
    : tracks_{std::move(tracks)}, on_result_{std::move(on_result)} {
  for (const auto& track : tracks_) {
    programs_.emplace_back(
        process::Program::Settings{.command = track.command, .launcher = launcher});
  }
}

async::Task<> CommandChecks::run() {
  async::TaskGroup checks{co_await asio::this_coro::executor};
  for (std::size_t index = 0; index < tracks_.size(); ++index) {
    checks.spawn("track " + programs_[index].path(), [this, index] { return repeat(index); });
  }
  co_await checks.join();
}

async::Task<> CommandChecks::repeat(std::size_t index) {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (;;) {
    const auto next = monotonic_now() + tracks_[index].interval;
    std::vector<std::string> nothing_more;
    const auto outcome =
        co_await programs_[index].run(tracks_[index].timeout, std::move(nothing_more));
    if (outcome.end == process::End::cancelled) {
      co_return;
    }
    on_result_(index, outcome.is_success(), process::describe(outcome));
    const bool slept = co_await async::sleep_until(next);
    if (!slept) {
      co_return;
    }
  }
}

}  // namespace havip::app
