#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/async/task.hpp"
#include "sidecar/process/outcome.hpp"
#include "sidecar/process/spawn.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <string>

namespace havip::process {

/// One run of a program, from its start to its end; the steps of Program::run().
class Run {
public:
  Run(const boost::asio::any_io_executor& executor, Child child);

  /// Waits until the program has ended; false when it has not at `limit`. Reads its output.
  async::Task<bool> until_ended(Instant limit);

  /// The same, but a cancelled coroutine waits no longer.
  async::Task<bool> until_ended_or_cancelled(Instant limit);

  /// To the whole group.
  void send(int signal) const;

  [[nodiscard]] bool has_ended() const;

  /// After has_ended(): ends what is left of the group, and reaps the program.
  Outcome finish();

  [[nodiscard]] pid_t pid() const { return pid_; }

  [[nodiscard]] std::string output() const { return printable(output_text_); }

private:
  bool drain();
  async::Task<> wait(Instant limit, bool pause);

  pid_t pid_;
  boost::asio::posix::stream_descriptor handle_;
  boost::asio::posix::stream_descriptor output_;
  Descriptor complaint_;
  std::string output_text_;
};

}  // namespace havip::process
