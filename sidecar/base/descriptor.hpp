#pragma once
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <utility>

namespace havip {

/// A file descriptor that is closed with its owner.
class Descriptor {
public:
  /// Takes over `number`; a negative one is the failure of the call that should have made it.
  explicit Descriptor(int number) : number_{number} {}

  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }

  [[nodiscard]] int number() const { return number_; }

  [[nodiscard]] bool is_open() const { return number_ >= 0; }

  /// Gives the descriptor away; whoever gets it closes it.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

private:
  int number_;
};

}  // namespace havip
