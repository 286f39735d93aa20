#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/base/check.hpp"

#include <boost/lockfree/spsc_queue.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace havip::app {

/// A one-way queue of values between the two threads: one of them sends, the other receives. No
/// side ever waits for the other, and no lock is shared: the real-time thread cannot be held up by
/// a thread of normal priority that was put aside while it held one.
template <class T>
class Mailbox {
public:
  explicit Mailbox(std::size_t capacity)
      : queue_{capacity}, descriptor_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    CHECK(descriptor_ >= 0);
  }

  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  ~Mailbox() { ::close(descriptor_); }

  /// False when the receiver is so far behind that the queue is full; the value is dropped then.
  bool send(T value) {
    if (!queue_.push(std::move(value))) {
      return false;
    }
    const std::uint64_t one = 1;
    // It can only fail when the counter is full, and then the receiver is being woken anyhow.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
    return true;
  }

  /// Readable when there is something to receive.
  [[nodiscard]] int descriptor() const { return descriptor_; }

  /// Hands each waiting value to `take`, in order.
  template <class Take>
  void receive(Take take) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto emptied = ::read(descriptor_, &count, sizeof count);
    queue_.consume_all(take);
  }

private:
  boost::lockfree::spsc_queue<T> queue_;
  int descriptor_;
};

}  // namespace havip::app
