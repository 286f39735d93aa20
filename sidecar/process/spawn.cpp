// SPDX-License-Identifier: Apache-2.0
#include "sidecar/process/spawn.hpp"

#include "sidecar/process/launch.hpp"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

namespace havip::process {
namespace {

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

/// Our ends have numbers that no child's standard descriptor has, so that none is put in the place
/// of one that is still needed.
Result<Descriptor> out_of_the_way(Descriptor descriptor) {
  constexpr int lowest = 16;
  Descriptor moved{::fcntl(descriptor.number(), F_DUPFD_CLOEXEC, lowest)};
  if (!moved.is_open()) {
    return errno_error(errno, "a pipe to a program");
  }
  return moved;
}

/// Only the reading end does not block: to the program its output is an ordinary one.
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return errno_error(errno, "a pipe to a program");
  }
  Descriptor first{ends[0]};
  Descriptor second{ends[1]};
  auto reading = out_of_the_way(std::move(first));
  auto writing = out_of_the_way(std::move(second));
  if (!reading || !writing) {
    return reading ? writing.error() : reading.error();
  }
  if (::fcntl(reading->number(), F_SETFL, O_NONBLOCK) != 0) {
    return errno_error(errno, "a pipe to a program");
  }
  return Pipe{.reading = std::move(*reading), .writing = std::move(*writing)};
}

/// The attributes of a new program: nothing of the daemon's signals and scheduling.
class Attributes {
public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                   POSIX_SPAWN_SETSCHEDULER);
    sigset_t signals{};
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::sigdelset(&signals, SIGKILL);
    ::sigdelset(&signals, SIGSTOP);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    const sched_param ordinary{};
    ::posix_spawnattr_setschedpolicy(&attributes_, SCHED_OTHER);
    ::posix_spawnattr_setschedparam(&attributes_, &ordinary);
  }

  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

private:
  posix_spawnattr_t attributes_{};
};

/// What becomes of the descriptors in the child.
class FileActions {
public:
  FileActions(const Pipe& output, const Pipe& complaint, bool complains) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output.writing.number(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output.writing.number(), STDERR_FILENO);
    if (complains) {
      ::posix_spawn_file_actions_adddup2(
          &actions_, complaint.writing.number(), complaint_descriptor);
    }
    ::posix_spawn_file_actions_addclosefrom_np(
        &actions_, complains ? complaint_descriptor + 1 : complaint_descriptor);
  }

  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
  posix_spawn_file_actions_t actions_{};
};

/// As execve(2) wants them. The pointers are into `texts`.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  std::ranges::transform(
      texts, std::back_inserter(result), [](std::string& text) { return text.data(); });
  result.push_back(nullptr);
  return result;
}

/// A program that had these would speak to systemd in the daemon's name, or take its sockets.
bool is_for_the_daemon_alone(std::string_view variable) {
  static constexpr std::array<std::string_view, 8> prefixes{"NOTIFY_SOCKET=",
                                                            "WATCHDOG_PID=",
                                                            "WATCHDOG_USEC=",
                                                            "LISTEN_PID=",
                                                            "LISTEN_FDS=",
                                                            "LISTEN_FDNAMES=",
                                                            "JOURNAL_STREAM=",
                                                            "CREDENTIALS_DIRECTORY="};
  return std::ranges::any_of(prefixes,
                             [&](std::string_view prefix) { return variable.starts_with(prefix); });
}

std::vector<std::string> with_own_environment(const std::vector<std::string>& added) {
  std::vector<std::string> result = added;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string variable{*each};
    const auto name = variable.substr(0, variable.find('=') + 1);
    const bool replaced = std::ranges::any_of(
        added, [&](const std::string& other) { return other.starts_with(name); });
    if (!replaced && !is_for_the_daemon_alone(variable)) {
      result.push_back(variable);
    }
  }
  return result;
}

/// A pidfd of a child that was not waited for, so that its pid is still its own.
Descriptor open_handle(pid_t pid) {
  return Descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

}  // namespace

std::string explain_exec(const std::string& path, int error) {
  const bool is_there = ::access(path.c_str(), F_OK) == 0;
  if (error == ENOENT) {
    return is_there ? path + " names an interpreter that does not exist" : path + " does not exist";
  }
  if (error == EACCES && is_there) {
    return path + " is not executable";
  }
  if (error == ENOEXEC) {
    return path + " is no program; a script begins with a line such as #!/bin/sh";
  }
  return errno_error(error, path).message;
}

Result<Child> spawn(const std::vector<std::string>& command,
                    const std::vector<std::string>& environment,
                    const std::string& launcher) {
  auto output = make_pipe();
  if (!output) {
    return output.error();
  }
  auto complaint = make_pipe();
  if (!complaint) {
    return complaint.error();
  }
  const bool launched = !launcher.empty();
  auto arguments = launched ? launch_arguments(command, ::getpid()) : command;
  auto variables = with_own_environment(environment);
  const auto argv = pointers(arguments);
  const auto envp = pointers(variables);
  const auto& program = launched ? launcher : command.front();
  const Attributes attributes;
  const FileActions actions{*output, *complaint, launched};
  pid_t pid = 0;
  const int refused = ::posix_spawn(
      &pid, program.c_str(), actions.get(), attributes.get(), argv.data(), envp.data());
  if (refused != 0) {
    return Error{{refused, std::system_category()}, explain_exec(program, refused)};
  }
  auto handle = open_handle(pid);
  if (!handle.is_open()) {
    auto error = errno_error(errno, "pidfd_open");
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return error;
  }
  return Child{.pid = pid,
               .handle = std::move(handle),
               .output = std::move(output->reading),
               .complaint = std::move(complaint->reading)};
}

}  // namespace havip::process
