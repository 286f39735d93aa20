// SPDX-License-Identifier: Apache-2.0
#include "sidecar/process/launch.hpp"

#include "sidecar/base/result.hpp"
#include "sidecar/process/spawn.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <string_view>

namespace havip::process {
namespace {

constexpr int status_not_run = 126;
constexpr std::array<const char*, 2> humble_users{"_havip", "nobody"};
/// What the kernel gives to everybody (Documentation: RLIMIT_MEMLOCK since Linux 5.16).
constexpr rlim_t ordinary_memlock = rlim_t{8} << 20U;

void limit(__rlimit_resource resource, rlim_t most) {
  rlimit now{};
  if (::getrlimit(resource, &now) == 0) {
    now.rlim_cur = std::min(now.rlim_cur, most);
    now.rlim_max = std::min(now.rlim_max, most);
    ::setrlimit(resource, &now);
  }
}

/// What the unit grants to the election is not for others: real time, locked memory, and to be
/// spared when memory runs out. To give these up needs no rights.
void become_ordinary() {
  limit(RLIMIT_RTPRIO, 0);
  limit(RLIMIT_MEMLOCK, ordinary_memlock);
  const Descriptor score{::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)};
  if (score.is_open()) {
    static_cast<void>(::write(score.number(), "0", 1) == 1);
  }
}

const passwd* humble_user() {
  for (const auto* const name : humble_users) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread.
    if (const auto* const user = ::getpwnam(name); user != nullptr && user->pw_uid != 0) {
      return user;
    }
  }
  return nullptr;
}

Result<> leave_root() {
  if (::geteuid() != 0) {
    return {};
  }
  const auto* const user = humble_user();
  if (user == nullptr) {
    return Error{std::make_error_code(std::errc::operation_not_permitted),
                 "havip runs as root, and there is no user _havip or nobody to run it as"};
  }
  if (::initgroups(user->pw_name, user->pw_gid) != 0 ||
      ::setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
      ::setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0) {
    return errno_error(errno, std::string{"havip runs as root, and cannot be "} + user->pw_name);
  }
  // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread.
  ::setenv("HOME", user->pw_dir, 1);
  ::setenv("USER", user->pw_name, 1);
  ::setenv("LOGNAME", user->pw_name, 1);
  // NOLINTEND(concurrency-mt-unsafe)
  return {};
}

/// Ambient capabilities are what survives execve(2) of a user that is not root. The sets that
/// capset(2) would clear do not, so it may be refused: the packaged unit's filter does that.
Result<> drop_capabilities() {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return errno_error(errno, "ambient capabilities cannot be dropped");
  }
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  static_cast<void>(::syscall(SYS_capset, &header, none.data()));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return errno_error(errno, "new privileges cannot be ruled out");
  }
  return {};
}

/// After the change of the user, which forgets it. A daemon that ended before is noticed by the
/// parent, which is another one then.
Result<> die_with(const std::string& parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || std::to_string(::getppid()) != parent) {
    return Error{std::make_error_code(std::errc::no_such_process), "havip is gone"};
  }
  return {};
}

int complain(int where, const std::string& why) {
  static_cast<void>(::write(where, why.data(), why.size()) == 0);
  return status_not_run;
}

}  // namespace

std::vector<std::string> launch_arguments(const std::vector<std::string>& command, pid_t parent) {
  std::vector<std::string> arguments{"havip", launch_word, std::to_string(parent), "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  return arguments;
}

int launch(std::span<const std::string> arguments) {
  constexpr std::size_t leading = 2;  // PARENT --
  const bool has_complaint = ::fcntl(complaint_descriptor, F_SETFD, FD_CLOEXEC) == 0;
  const int where = has_complaint ? complaint_descriptor : STDERR_FILENO;
  if (arguments.size() <= leading || arguments[1] != "--") {
    return complain(where, "havip exec is how havip run starts programs; nothing else may\n");
  }
  // Its signals, scheduling and descriptors are in order already, see spawn().
  become_ordinary();
  if (::chdir("/") != 0) {
    return complain(where, errno_error(errno, "/").message);
  }
  if (const auto left = leave_root(); !left) {
    return complain(where, left.error().message);
  }
  if (const auto dropped = drop_capabilities(); !dropped) {
    return complain(where, dropped.error().message);
  }
  if (const auto bound = die_with(arguments.front()); !bound) {
    return complain(where, bound.error().message);
  }
  std::vector<std::string> command(arguments.begin() + leading, arguments.end());
  std::vector<char*> argv;
  std::ranges::transform(
      command, std::back_inserter(argv), [](std::string& word) { return word.data(); });
  argv.push_back(nullptr);
  ::execv(argv.front(), argv.data());
  return complain(where, explain_exec(command.front(), errno));
}

}  // namespace havip::process
