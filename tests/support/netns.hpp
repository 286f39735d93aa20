#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// Network namespaces for tests that need a real kernel: interfaces and packets of their own, gone
// with the test. A namespace belongs to the thread that is in it, so these tests have one thread.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace havip::test {

/// A new, empty network namespace. It lives as long as this object, a process or a socket in it.
class NetworkNamespace {
public:
  /// Makes it and enters it. Throws where that is not permitted: such a test must not pass.
  NetworkNamespace() {
    if (::unshare(CLONE_NEWNET) != 0) {
      throw std::system_error{errno,
                              std::system_category(),
                              "this test needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN): unshare"};
    }
    descriptor_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
      throw std::system_error{errno, std::system_category(), "/proc/thread-self/ns/net"};
    }
  }

  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  ~NetworkNamespace() { ::close(descriptor_); }

  /// What this thread does from now on happens in here.
  void enter() const {
    if (::setns(descriptor_, CLONE_NEWNET) != 0) {
      throw std::system_error{errno, std::system_category(), "setns"};
    }
  }

  /// A name that ip(8) takes after `netns`.
  [[nodiscard]] std::string path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(descriptor_);
  }

private:
  int descriptor_ = -1;
};

/// Runs ip(8) in the present namespace with words separated by spaces. Throws when it fails.
inline void ip(const std::string& arguments) {
  std::istringstream text{"ip " + arguments};
  std::vector<std::string> words;
  for (std::string word; text >> word;) {
    words.push_back(word);
  }
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  pid_t child = 0;
  int status = -1;
  if (::posix_spawnp(&child, "ip", nullptr, nullptr, argv.data(), environ) != 0 ||
      ::waitpid(child, &status, 0) != child || status != 0) {
    throw std::runtime_error{"failed: ip " + arguments};
  }
}

/// The number of an interface in the present namespace.
inline int link_number(const std::string& name) {
  const auto number = ::if_nametoindex(name.c_str());
  if (number == 0) {
    throw std::runtime_error{"no interface " + name};
  }
  return static_cast<int>(number);
}

/// Waits until `descriptor` has something to read; false after `limit`.
inline bool readable_within(int descriptor, std::chrono::milliseconds limit) {
  pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, static_cast<int>(limit.count())) == 1;
}

}  // namespace havip::test
