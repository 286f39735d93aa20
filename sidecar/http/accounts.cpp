// SPDX-License-Identifier: Apache-2.0
#include "sidecar/http/accounts.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace havip::http {

std::optional<std::uint32_t> group_id(const std::string& name) {
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer(1U << 16U);  // a group with thousands of members needs as much
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::nullopt : std::optional{found->gr_gid};
}

bool is_member(std::uint32_t uid, std::uint32_t group) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(1U << 14U);
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return false;
  }
  std::array<gid_t, 1024> groups{};
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(found->pw_name, found->pw_gid, groups.data(), &count) < 0) {
    return false;
  }
  return std::ranges::count(std::span{groups}.first(static_cast<std::size_t>(count)), group) != 0;
}

}  // namespace havip::http
