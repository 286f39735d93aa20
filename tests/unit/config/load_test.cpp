// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/load.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace havip::config {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view router =
    "[[virtual_router]]\nname = \"public\"\ninterface = \"eth0\"\nvrid = 51\n"
    "addresses = [\"192.0.2.10/24\"]\npriority = 100\n";

/// A folder with configuration files that is gone afterwards. Messages name files without it.
class ConfigurationFolder : public testing::Test {
protected:
  ConfigurationFolder() {
    std::string name = (fs::temp_directory_path() / "havip-config-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directory(folder_ / "conf.d");
  }

  ConfigurationFolder(const ConfigurationFolder&) = delete;
  ConfigurationFolder& operator=(const ConfigurationFolder&) = delete;

  ~ConfigurationFolder() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    std::ofstream{folder_ / name, std::ios::binary} << text;
  }

  [[nodiscard]] fs::path path(const std::string& name) const { return folder_ / name; }

  [[nodiscard]] Outcome load_it() const { return load(path("havip.toml").string()); }

  /// All problems as lines, with the folder's name taken out.
  [[nodiscard]] std::vector<std::string> problems() const {
    std::vector<std::string> lines;
    const auto outcome = load_it();
    if (const auto* const found = std::get_if<Problems>(&outcome)) {
      for (const auto& problem : *found) {
        auto line = problem.to_string();
        const auto prefix = folder_.string() + "/";
        for (auto at = line.find(prefix); at != std::string::npos; at = line.find(prefix)) {
          line.erase(at, prefix.size());
        }
        lines.push_back(line);
      }
    }
    return lines;
  }

private:
  fs::path folder_;
};

using Lines = std::vector<std::string>;

TEST_F(ConfigurationFolder, NeedsNoConfD) {
  fs::remove(path("conf.d"));
  write("havip.toml", router);

  const auto outcome = load_it();

  ASSERT_TRUE(std::holds_alternative<Config>(outcome));
  EXPECT_EQ(std::get<Config>(outcome).virtual_routers.size(), 1U);
}

TEST_F(ConfigurationFolder, IsReadInTheOrderOfNames) {
  write("havip.toml", "[haproxy]\ntimeout = \"2s\"\n[[track]]\nbackend = \"first\"\n");
  write("conf.d/20.toml", "[[track]]\nbackend = \"third\"\n");
  write("conf.d/10.toml", std::string{router} + "[[track]]\nbackend = \"second\"\n");
  write("conf.d/.30.toml", "not TOML");
  write("conf.d/10.toml.dpkg-old", "not TOML");

  const auto outcome = load_it();

  ASSERT_TRUE(std::holds_alternative<Config>(outcome)) << problems().front();
  Config expected;
  expected.haproxy.timeout = std::chrono::seconds{2};
  VirtualRouter virtual_router;
  virtual_router.name = "public";
  virtual_router.interface.value = "eth0";
  virtual_router.vrid = vrrp::Vrid{51};
  virtual_router.addresses = {*Prefix::parse("192.0.2.10/24")};
  virtual_router.priority = PerNode<vrrp::Priority>{vrrp::Priority{100}};
  expected.virtual_routers = {virtual_router};
  expected.tracks = {Track{TrackBackend{"first", {}, {}}},
                     Track{TrackBackend{"second", {}, {}}},
                     Track{TrackBackend{"third", {}, {}}}};
  EXPECT_EQ(std::get<Config>(outcome), expected);
}

TEST_F(ConfigurationFolder, TellsTheProblemsOfAllFilesInOrder) {
  write("havip.toml", "[http]\n[daemon]\nrealtime = 1\n");
  write("conf.d/20.toml", "[[node]]\n");
  write("conf.d/10.toml", std::string{router}.append(router) + "[daemon]\n");

  EXPECT_EQ(problems(),
            (Lines{
                "havip.toml:3:12: realtime is a number; true or false is allowed",
                "conf.d/10.toml:8:8: name \"public\" is taken in conf.d/10.toml:2:8; another name "
                "is allowed",
                "conf.d/10.toml:10:8: vrid 51 is taken on eth0 in conf.d/10.toml:4:8; another vrid "
                "is allowed",
                "conf.d/10.toml:11:14: 192.0.2.10 stands in conf.d/10.toml:5:14 already; once is "
                "allowed",
                "conf.d/10.toml:13:1: [daemon] stands in havip.toml:2:1 already; one [daemon] in "
                "one file is allowed",
                "conf.d/20.toml:1:1: [[node]] has no address; an IP address such as \"192.0.2.1\" "
                "is required",
                "conf.d/20.toml:1:1: [[node]] has no name; a host name of letters, digits, \".\", "
                "\"_\" and \"-\" is required",
            }));
}

TEST_F(ConfigurationFolder, TellsEveryFileThatIsNotToml) {
  write("havip.toml", "a b\n");
  write("conf.d/10.toml", router);
  write("conf.d/20.toml", "[daemon\n");

  EXPECT_EQ(problems(),
            (Lines{
                "havip.toml:1:3: this is not TOML (key-value pair): expected '=', saw 'b'",
                "conf.d/20.toml:1:8: this is not TOML (table header): expected ']', saw '\\n'",
            }));
}

TEST_F(ConfigurationFolder, WithoutAMainFileIsRefused) {
  EXPECT_EQ(problems(),
            (Lines{"havip.toml: cannot be read: No such file or directory; a file that havip may "
                   "read is required"}));
}

TEST_F(ConfigurationFolder, WithFoldersForFilesIsRefused) {
  fs::create_directory(path("havip.toml"));
  fs::create_directory(path("conf.d/10.toml"));

  EXPECT_EQ(problems(),
            (Lines{"havip.toml: is a directory; a file is allowed",
                   "conf.d/10.toml: is a directory; a file is allowed"}));
}

TEST_F(ConfigurationFolder, WithAFifoDoesNotWaitForIt) {
  ASSERT_EQ(::mkfifo(path("havip.toml").c_str(), 0600), 0);

  EXPECT_EQ(problems(), (Lines{"havip.toml: is no regular file; a regular file is allowed"}));
}

TEST_F(ConfigurationFolder, WithADanglingLinkIsRefused) {
  write("havip.toml", router);
  fs::create_symlink("nowhere", path("conf.d/10.toml"));

  EXPECT_EQ(problems(),
            (Lines{"conf.d/10.toml: cannot be read: No such file or directory; a file that havip "
                   "may read is required"}));
}

TEST_F(ConfigurationFolder, WithAFileForConfDIsRefused) {
  fs::remove(path("conf.d"));
  write("havip.toml", router);
  write("conf.d", "");

  EXPECT_EQ(problems(),
            (Lines{"conf.d: cannot be read: Not a directory; a folder that havip may read, or "
                   "none, is allowed"}));
}

TEST_F(ConfigurationFolder, WithAHugeFileIsRefused) {
  write("havip.toml", router);
  write("conf.d/10.toml", std::string(std::size_t{2} << 20U, '\n'));

  EXPECT_EQ(problems(), (Lines{"conf.d/10.toml: is larger than 1 MiB; a smaller file is allowed"}));
}

std::string router_with(const std::string& name, int vrid, const std::string& more) {
  const auto number = std::to_string(vrid);
  return "[[virtual_router]]\nname = \"" + name + "\"\ninterface = \"eth0\"\nvrid = " + number +
         "\naddresses = [\"192.0.2." + number + "/24\"]\npriority = 100\n" + more + "\n";
}

constexpr mode_t for_owner = 0600;

TEST_F(ConfigurationFolder, HasWhatTheKeyFilesHold) {
  const auto pass = path("pass").string();
  const auto key = path("key").string();
  write("pass", "secret\n");
  write("key", std::string(64, 'f') + "\n");
  ASSERT_EQ(::chmod(pass.c_str(), for_owner), 0);
  ASSERT_EQ(::chmod(key.c_str(), for_owner), 0);
  write("havip.toml",
        router_with(
            "old", 51, "version = 2\nauth = { type = \"pass\", key_file = \"" + pass + "\" }") +
            router_with("new", 52, "auth = { type = \"hmac\", key_file = \"" + key + "\" }"));

  const auto outcome = load_it();

  ASSERT_TRUE(std::holds_alternative<Config>(outcome)) << problems().front();
  const auto& routers = std::get<Config>(outcome).virtual_routers;
  PassAuth expected_pass{.key_file = pass};
  std::ranges::transform(std::string_view{"secret"}, expected_pass.password.begin(), [](char c) {
    return static_cast<std::byte>(c);
  });
  EXPECT_EQ(routers[0].auth, Auth{expected_pass});
  const HmacAuth expected_hmac{.key_file = key, .key = Secret{std::vector(32, std::byte{0xff})}};
  EXPECT_EQ(routers[1].auth, Auth{expected_hmac});
}

TEST_F(ConfigurationFolder, TellsWhatIsWrongWithKeyFilesWhereTheyAreNamed) {
  write("open", "secret\n");
  ASSERT_EQ(::chmod(path("open").c_str(), 0644), 0);
  write("short", "secret\n");
  ASSERT_EQ(::chmod(path("short").c_str(), for_owner), 0);
  const auto auth = [&](const std::string& file) {
    return "auth = { type = \"hmac\", key_file = \"" + path(file).string() + "\" }";
  };
  write("havip.toml",
        router_with("a", 51, auth("open")) + router_with("b", 52, auth("none")) + "typo = 1\n");
  write("conf.d/10.toml", router_with("c", 53, auth("short")));

  EXPECT_EQ(
      problems(),
      (Lines{
          "havip.toml:7:36: key_file \"open\" is open to every user of this host (mode 0644); "
          "after `chmod o-rwx open` it is allowed",
          "havip.toml:14:36: key_file \"none\" cannot be read: No such file or directory; a "
          "file that havip may read is required",
          "havip.toml:15:1: \"typo\" is no key of [[virtual_router]]; its keys are name, "
          "interface, vrid, addresses, priority, group, version, strict, advert_interval, "
          "preempt, preempt_delay, transport, virtual_mac, gateway, routes, rules, auth",
          "conf.d/10.toml:7:36: key_file \"short\" holds something else than one line of hex "
          "digits; 64 to 128 of them, in pairs, are allowed (`openssl rand -hex 32` makes 64)",
      }));
}

}  // namespace
}  // namespace havip::config
