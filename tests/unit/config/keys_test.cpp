// SPDX-License-Identifier: Apache-2.0
//
// Holds the rows of the keys against what is made of them: the decoder, the model's defaults, the
// list of what is missing, the example and the reference.
#include "sidecar/config/keys.hpp"

#include "sidecar/config/decode.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/config/reference.hpp"
#include "sidecar/config/suggest.hpp"
#include "sidecar/config/support.hpp"
#include "sidecar/config/toml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <ios>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace havip::config {
namespace {

std::string contents_of(const std::string& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string full_name(const Key& key) {
  return std::string{key.table} + "." + std::string{key.name};
}

std::set<std::string> names_of_rows() {
  std::set<std::string> names;
  for (const auto& key : keys()) {
    names.insert(full_name(key));
  }
  return names;
}

/// The problems as lines; empty for a good configuration.
std::string problems_of(const Outcome& outcome) {
  std::string lines;
  if (const auto* const problems = std::get_if<Problems>(&outcome)) {
    for (const auto& problem : *problems) {
      lines += problem.to_string() + "\n";
    }
  }
  return lines;
}

Config config_of(const std::string& text) {
  auto outcome = parse({{"x.toml", text}}, {});
  EXPECT_EQ(problems_of(outcome), "") << text;
  auto* const config = std::get_if<Config>(&outcome);
  return config == nullptr ? Config{} : *config;
}

TEST(EveryRow, IsThereOnce) {
  EXPECT_EQ(names_of_rows().size(), keys().size());
}

TEST(EveryRow, HasATableAndAHelp) {
  for (const auto& key : keys()) {
    EXPECT_EQ(table_row(key.table).path, key.table);
    EXPECT_NE(key.help, "") << full_name(key);
    EXPECT_NE(key.fallback.empty() && key.example.empty(), true)
        << full_name(key) << " has nothing to show in the example file";
    EXPECT_FALSE(key.required && !key.fallback.empty()) << full_name(key);
  }
}

TEST(EveryRow, IsReadByTheDecoderAndNothingElseIs) {
  Report report{{"contract.toml"}};
  const auto document =
      parse_toml(contents_of(HAVIP_TEST_DATA "/good/later/contract.toml"), 0, report);
  ASSERT_TRUE(document);
  Places places;
  Decoding decoding{report, places, {}};

  decode({*document}, decoding);

  // The decoder cannot ask for a key without a row: it would abort.
  EXPECT_TRUE(report.empty());
  EXPECT_EQ((std::set<std::string>{decoding.asked.begin(), decoding.asked.end()}), names_of_rows());
}

/// A table with what it must have, and then `setting`; in a configuration that is valid.
std::string configuration_with(const Key& key, const std::string& setting) {
  const std::string table{key.table};
  const auto router = [&](const std::string& more) {
    return "[[virtual_router]]\nname = \"a\"\ninterface = \"b\"\nvrid = 1\npriority = 1\n"
           "addresses = [\"10.0.0.9/24\"]\n" +
           more;
  };
  if (table == "virtual_router") {
    return router(setting + "\n");
  }
  if (table == "virtual_router.routes") {
    return router("routes = [ { to = \"10.1.0.0/16\", via = \"10.0.0.1\", " + setting + " } ]\n");
  }
  if (table == "virtual_router.rules") {
    return router("rules = [ { from = \"10.0.0.9\", table = 1, " + setting + " } ]\n");
  }
  if (table == "virtual_router.auth") {
    return router("auth = { type = \"hmac\", key_file = \"/k\", " + setting + " }\n");
  }
  if (table == "node") {
    return router("[[node]]\nname = \"lb1\"\naddress = \"10.0.0.1\"\n" + setting + "\n");
  }
  if (table == "track") {
    const auto* const what = key.name == "timeout" ? "command = [\"/c\"]\n"
                             : key.name == "fall"  ? "gateway = \"10.0.0.1\"\n"
                                                   : "backend = \"web\"\nat_least = 1\n";
    return router("[[track]]\n" + std::string{what} + setting + "\n");
  }
  return router("[" + table + "]\n" + setting + "\n");
}

/// A setting of no effect in its place: it keeps inline tables free of a trailing comma.
std::string filler_for(const Key& key) {
  if (key.table.find('.') == std::string_view::npos) {
    return {};
  }
  if (key.table == "virtual_router.routes") {
    return "table = 254";
  }
  if (key.table == "virtual_router.rules") {
    return "priority = 1000";
  }
  return key.name == "mode" ? "key_id = 1" : "mode = \"enforce\"";
}

TEST(EveryDefault, IsTheModelsDefault) {
  for (const auto& key : keys()) {
    if (!key.fallback.empty()) {
      const std::string name{key.name};
      EXPECT_EQ(config_of(configuration_with(key, name + " = " + std::string{key.fallback})),
                config_of(configuration_with(key, filler_for(key))))
          << full_name(key);
    }
  }
}

TEST(EveryLimit, IsTheLastValueThatIsAllowed) {
  for (const auto& key : keys()) {
    const bool inline_table = key.table.find('.') != std::string_view::npos;
    if (key.type != Type::integer || key.required || inline_table || key.name == "version") {
      continue;
    }
    const auto problems = [&](std::int64_t number) {
      const auto text =
          configuration_with(key, std::string{key.name} + " = " + std::to_string(number));
      return problems_of(parse({{"x.toml", text}}, {}));
    };
    EXPECT_EQ(problems(key.limits.low), "");
    EXPECT_EQ(problems(key.limits.high), "");
    EXPECT_THAT(problems(key.limits.low - 1), testing::HasSubstr(range_text(key)));
    EXPECT_THAT(problems(key.limits.high + 1), testing::HasSubstr(range_text(key)));
  }
}

TEST(EverythingThatIsMissing, IsATableOrAKey) {
  for (const auto& row : missing_features()) {
    const auto dot = row.path.rfind('.');
    if (dot == std::string_view::npos) {
      EXPECT_EQ(table_row(row.path).path, row.path);
    } else {
      EXPECT_NE(find_key(row.path.substr(0, dot), row.path.substr(dot + 1)), nullptr) << row.path;
    }
  }
}

TEST(TheExample, IsAGoodConfigurationAsItIs) {
  EXPECT_EQ(problems_of(parse({{"example.toml", example_toml()}})), "");
}

TEST(TheExample, IsAGoodConfigurationWithEverySettingActive) {
  std::string text = example_toml();
  for (auto at = text.find("\n#"); at != std::string::npos; at = text.find("\n#", at + 1)) {
    if (text[at + 2] != ' ') {
      text.erase(at + 1, 1);
    }
  }

  const auto config = config_of(text);

  EXPECT_EQ(config.tracks.size(), 5U);
  EXPECT_EQ(config.hooks.size(), 1U);
}

TEST(TheExample, ShowsEveryKey) {
  const auto example = example_toml();
  for (const auto& key : keys()) {
    EXPECT_THAT(example, testing::HasSubstr(std::string{key.name} + " = ")) << full_name(key);
  }
}

TEST(TheReadme, HasTheReferenceOfTheseRows) {
  constexpr std::string_view begin = "<!-- configuration reference: generated -->\n";
  constexpr std::string_view end = "<!-- end of configuration reference -->";
  const auto readme = contents_of(HAVIP_TEST_DATA "/../../../README.md");
  const auto expected = "\n" + reference_markdown() + "\n";
  const auto from = readme.find(begin);
  const auto to = readme.find(end);
  const bool marked = from != std::string::npos && to != std::string::npos && from < to;
  const auto found =
      marked ? readme.substr(from + begin.size(), to - from - begin.size()) : std::string{};

  EXPECT_TRUE(found == expected) << "README.md must have this section:\n"
                                 << begin << expected << end;
}

TEST(AMistypedWord, IsTakenForTheNearestOne) {
  const std::vector<std::string_view> known{"priority", "preempt", "to", "table", "preempt_delay"};
  EXPECT_EQ(nearest("prioritaet", known), "priority");
  EXPECT_EQ(nearest("premept", known), "preempt");
  EXPECT_EQ(nearest("preempt_dealy", known), "preempt_delay");
  EXPECT_EQ(nearest("tabel", known), "table");
}

TEST(AForeignWord, IsTakenForNone) {
  const std::vector<std::string_view> known{"priority", "preempt", "to", "table"};
  EXPECT_EQ(nearest("notify_master", known), std::nullopt);
  EXPECT_EQ(nearest("a", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(1000, 'p'), known), std::nullopt);
}

}  // namespace
}  // namespace havip::config
