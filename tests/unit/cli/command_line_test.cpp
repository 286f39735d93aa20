// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cli/command_line.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace havip::cli {
namespace {

/// What a command line that is refused, or asks for help, makes havip say.
Message message_of(const std::vector<std::string>& arguments) {
  const auto command = parse(arguments);
  const auto* const message = std::get_if<Message>(&command);
  return message != nullptr ? *message : Message{"it was taken", -1};
}

TEST(RunWithoutOptions, TakesTheDefaultFileAndTheHostsName) {
  EXPECT_EQ(parse({"run"}), Command{(RunCommand{"/etc/havip/havip.toml", std::nullopt})});
}

TEST(RunWithOptions, TakesThem) {
  EXPECT_EQ(parse({"run", "--config", "/a.toml", "--node", "lb2"}),
            Command{(RunCommand{"/a.toml", "lb2"})});
}

TEST(CheckWithOptions, TakesThem) {
  EXPECT_EQ(parse({"check", "--json", "--config=/a.toml"}),
            Command{(CheckCommand{"/a.toml", std::nullopt, true})});
}

TEST(ClientCommand, AsksTheUnixSocketUnlessToldOtherwise) {
  EXPECT_EQ(parse({"status"}),
            Command{(StatusCommand{{"unix:/run/havip/admin.sock", false}, false})});
  EXPECT_EQ(parse({"status", "--url", "http://127.0.0.1:8406", "--json", "--watch"}),
            Command{(StatusCommand{{"http://127.0.0.1:8406", true}, true})});
}

TEST(DrainWithOptions, TakesThem) {
  EXPECT_EQ(parse({"drain", "--wait", "60s", "--for", "2h", "--reason", "kernel 6.1", "--force"}),
            Command{(DrainCommand{{}, "60s", "2h", "kernel 6.1", true})});
}

TEST(TheOtherCommands, AreKnown) {
  EXPECT_EQ(parse({"undrain"}), Command{UndrainCommand{}});
  EXPECT_EQ(parse({"announce"}), Command{AnnounceCommand{}});
  EXPECT_EQ(parse({"version"}), Command{VersionCommand{}});
}

TEST(NoCommand, IsAUsageError) {
  EXPECT_EQ(message_of({}).status, status_usage);
}

TEST(UnknownCommand, IsAUsageErrorThatNamesIt) {
  const auto message = message_of({"darin"});

  EXPECT_EQ(message.status, status_usage);
  EXPECT_NE(message.text.find("darin"), std::string::npos) << message.text;
}

TEST(UnknownOption, IsAUsageErrorThatNamesIt) {
  const auto message = message_of({"drain", "--wiat", "3s"});

  EXPECT_EQ(message.status, status_usage);
  EXPECT_NE(message.text.find("--wiat"), std::string::npos) << message.text;
}

TEST(OptionWithoutItsValue, IsAUsageError) {
  EXPECT_EQ(message_of({"run", "--config"}).status, status_usage);
}

TEST(Help, NamesEachCommandAndIsNoError) {
  const auto message = message_of({"--help"});

  EXPECT_EQ(message.status, status_done);
  for (const std::string name :
       {"run", "check", "status", "drain", "undrain", "announce", "version"}) {
    EXPECT_NE(message.text.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace havip::cli
