// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/key_file.hpp"

#include "sidecar/config/load.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace havip::config {
namespace {

namespace fs = std::filesystem;

constexpr mode_t for_owner_and_group = 0640;

vrrp::AuthData padded(std::string_view text) {
  vrrp::AuthData data{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    data.at(i) = static_cast<std::byte>(text[i]);
  }
  return data;
}

template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

/// "0001..", two digits for each of `count` bytes.
std::string digits_of(std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += digits.at(i / digits.size());
    text += digits.at(i % digits.size());
  }
  return text;
}

/// The bytes 0, 1, ...
Secret key_of(std::size_t count) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes.push_back(static_cast<std::byte>(i));
  }
  return Secret{bytes};
}

TEST(APassword, HasOneToEightPrintableCharacters) {
  EXPECT_EQ(*password_from("a"), padded("a"));
  EXPECT_EQ(*password_from(" ~secret"), padded(" ~secret"));
}

TEST(APasswordOfAnotherLength, IsRefusedWithItsLength) {
  EXPECT_EQ(message_of(password_from("")), "holds a password of 0 characters; 1 to 8 are allowed");
  EXPECT_EQ(message_of(password_from("too-long!")),
            "holds a password of 9 characters; 1 to 8 are allowed (keepalived takes the first 8 of "
            "a longer one)");
}

TEST(APasswordThatCannotBePrinted, IsRefusedAndNotShown) {
  for (const std::string_view text : {"tab\t", "two\nlines", "\xc3\xa4", "cr\r", "\x7f"}) {
    EXPECT_EQ(message_of(password_from(text)),
              "holds something else than one line of printable ASCII characters; 1 to 8 are "
              "allowed");
  }
}

TEST(AKey, Has32To64BytesInHexDigits) {
  EXPECT_EQ(*hmac_key_from(digits_of(32)), key_of(32));
  EXPECT_EQ(*hmac_key_from(digits_of(64)), key_of(64));
  EXPECT_EQ(*hmac_key_from(std::string(64, 'A')), *hmac_key_from(std::string(64, 'a')));
}

TEST(AKeyOfAnotherLength, IsRefusedWithItsLength) {
  constexpr auto allowed =
      " hex digits; 64 to 128 of them, in pairs, are allowed (`openssl rand -hex 32` makes 64)";
  for (const std::size_t count : {0U, 62U, 63U, 65U, 130U}) {
    EXPECT_EQ(message_of(hmac_key_from(std::string(count, '0'))),
              "holds " + std::to_string(count) + allowed);
  }
}

TEST(AKeyOfOtherCharacters, IsRefusedAndNotShown) {
  auto text = digits_of(32);
  for (const char wrong : {'g', 'G', ' ', '\n', '\0', '/', ':', '@', '`'}) {
    for (const std::size_t at : {std::size_t{0}, text.size() - 1}) {
      text = digits_of(32);
      text[at] = wrong;
      EXPECT_EQ(message_of(hmac_key_from(text)),
                "holds something else than one line of hex digits; 64 to 128 of them, in pairs, "
                "are allowed (`openssl rand -hex 32` makes 64)");
    }
  }
}

/// A folder with a key file that is gone afterwards.
class AKeyFile : public testing::Test {
protected:
  AKeyFile() {
    std::string name = (fs::temp_directory_path() / "havip-key-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    file_ = (folder_ / "key").string();
  }

  AKeyFile(const AKeyFile&) = delete;
  AKeyFile& operator=(const AKeyFile&) = delete;

  ~AKeyFile() override { fs::remove_all(folder_); }

  void write(std::string_view text, mode_t mode = for_owner_and_group) const {
    std::ofstream{file_, std::ios::binary} << text;
    ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
  }

  [[nodiscard]] const std::string& file() const { return file_; }

private:
  fs::path folder_;
  std::string file_;
};

TEST_F(AKeyFile, IsItsTextWithoutTheLastNewline) {
  write("secret\n");
  EXPECT_EQ(*read_key_file(file()), "secret");

  write("secret\n\n");
  EXPECT_EQ(*read_key_file(file()), "secret\n");

  write("secret");
  EXPECT_EQ(*read_key_file(file()), "secret");

  write("");
  EXPECT_EQ(*read_key_file(file()), "");
}

TEST_F(AKeyFile, ThatOthersMayOpenIsRefusedWithTheCure) {
  for (const auto& [mode, text] :
       {std::pair{0644U, "0644"}, std::pair{0602U, "0602"}, std::pair{0601U, "0601"}}) {
    write("secret\n", mode);
    EXPECT_EQ(message_of(read_key_file(file())),
              "is open to every user of this host (mode " + std::string{text} +
                  "); after `chmod o-rwx " + file() + "` it is allowed");
  }
}

TEST_F(AKeyFile, WithASpaceInItsNameIsNotPutIntoACommand) {
  const auto name = file() + " $(x)";
  write("secret\n", 0644);
  fs::rename(file(), name);

  EXPECT_EQ(message_of(read_key_file(name)),
            "is open to every user of this host (mode 0644); after `chmod o-rwx FILE` it is "
            "allowed");
}

TEST_F(AKeyFile, ThatIsNotThereIsRefused) {
  EXPECT_EQ(message_of(read_key_file(file())),
            "cannot be read: No such file or directory; a file that havip may read is required");
}

TEST_F(AKeyFile, ThatIsNoFileIsRefusedWithoutWaiting) {
  fs::create_directory(file());
  EXPECT_EQ(message_of(read_key_file(file())), "is a directory; a file is allowed");

  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_EQ(message_of(read_key_file(file())), "is no regular file; a regular file is allowed");
}

TEST_F(AKeyFile, OfMoreThanFourKibibytesIsRefused) {
  write(std::string(largest_key_file, '0'));
  EXPECT_TRUE(read_key_file(file()));

  write(std::string(largest_key_file + 1, '0'));
  EXPECT_EQ(message_of(read_key_file(file())),
            "is larger than 4 KiB; a file of one line is allowed");
}

TEST_F(AKeyFile, ThatThisUserMayNotReadSaysWhoMay) {
  write("secret\n", 0);
  const auto nobody = uid_t{65534};
  // root may read everything, so it is somebody else for a moment.
  const bool root = ::geteuid() == 0;
  ASSERT_TRUE(!root || ::seteuid(nobody) == 0);
  const auto message = message_of(read_key_file(file()));
  ASSERT_TRUE(!root || ::seteuid(0) == 0);

  EXPECT_EQ(message,
            "may not be read by this user; root is allowed, and the daemon by `chown root:_havip` "
            "and `chmod 640`");
}

}  // namespace
}  // namespace havip::config
