// SPDX-License-Identifier: Apache-2.0
#include "metrics/families.hpp"
#include "metrics/render.hpp"
#include "tests/support/example_status.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace havip::metrics {
namespace {

using namespace std::chrono_literals;

std::string read_file(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A status in which every counter has a value of its own.
ports::NodeStatus busy_status() {
  auto status = test::example_status();
  status.version = "1.0.0+4f2a91c";
  auto& router = status.election.virtual_routers.front();
  auto& counters = router.counters;
  counters.adverts_sent = 125;
  counters.adverts_received[*IpAddress::parse("10.0.0.12")] = 3;
  counters.adverts_received[*IpAddress::parse("10.0.0.99")] = 4;  // a router that is not ours
  counters.rejected.at(static_cast<std::size_t>(vrrp::Rejection::ttl)) = 5;
  counters.send_errors = 6;
  counters.resignations_sent = 7;
  counters.resignations_received = 8;
  counters.gratuitous_sent = 9;
  counters.announce_errors = 10;
  counters.repairs = 11;
  counters.transitions[{vrrp::State::active, "nobody better was heard"}] = 1;
  counters.lateness.observe(50us);   // in the first bucket, up to 0.1 ms
  counters.lateness.observe(300us);  // in the second, up to 0.5 ms
  counters.lateness.observe(2s);     // beyond all bounds
  status.election.rejected_unknown_vrid = 12;
  status.election.netlink_errors = 13;
  status.election.largest_lag = 250us;
  status.tracks = {{.what = "backend web", .state = ports::TrackState::well},
                   {.what = "backend web", .state = ports::TrackState::failed},  // a second demand
                   {.what = "gateway 192.0.2.1", .state = ports::TrackState::well},
                   {.what = "interface eth1", .state = ports::TrackState::waiting}};
  return status;
}

HttpCounters some_requests() {
  HttpCounters http;
  http.declare("GET", "/livez", 200);
  http.count("GET", "/metrics", 200);
  http.count("GET", "/metrics", 200);
  http.count("POST", "/drain", 409);
  return http;
}

/// Name -> type, from the TYPE lines.
std::map<std::string, std::string> rendered_families(const std::string& text) {
  std::map<std::string, std::string> families;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string hash;
    std::string keyword;
    std::string name;
    std::string type;
    words >> hash >> keyword >> name >> type;
    if (hash == "#" && keyword == "TYPE") {
      families[name] = type;
    }
  }
  return families;
}

TEST(Exposition, OfABusyNodeIsTheGoldenText) {
  const auto text = render(busy_status(), some_requests());

  EXPECT_EQ(text, read_file(HAVIP_TEST_DATA "/busy.prom")) << text;
}

TEST(Exposition, HasEverySeriesBeforeAnythingHappened) {
  const auto text = render(test::example_status(), HttpCounters{});

  for (const auto* series : {
           "havip_vrrp_state{virtual_router=\"public\",vrid=\"51\",family=\"ipv4\",state=\"init\"} "
           "0",
           "havip_vrrp_advertisements_sent_total{virtual_router=\"public\"} 0",
           "havip_vrrp_advertisements_received_total{virtual_router=\"public\",peer=\"lb2\"} 0",
           "havip_vrrp_advertisements_rejected_total{virtual_router=\"public\",reason=\"own\"} 0",
           "havip_vrrp_advertisement_lateness_seconds_count{virtual_router=\"public\"} 0",
           "havip_netlink_errors_total{operation=\"any\"} 0",
           "havip_drained{virtual_router=\"public\"} 0",
       }) {
    EXPECT_NE(text.find(series), std::string::npos) << series << " is not in\n" << text;
  }
}

TEST(Exposition, TellsTheAgeOfTheLastAdvertisementOfABackup) {
  auto status = test::after_takeover(test::example_status());
  status.election.virtual_routers.front().last_advert = status.now - 40ms;

  const auto text = render(status, HttpCounters{});

  EXPECT_NE(
      text.find("havip_vrrp_last_advertisement_age_seconds{virtual_router=\"public\"} 0.04\n"),
      std::string::npos)
      << text;
}

TEST(Exposition, HasExactlyTheFamiliesOfTheTable) {
  std::map<std::string, std::string> table;
  for (const auto& family : families()) {
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    const bool is_gauge = family.type == prometheus::MetricType::Gauge;
    table[std::string{family.name}] = is_counter ? "counter" : (is_gauge ? "gauge" : "histogram");
  }

  EXPECT_EQ(rendered_families(render(busy_status(), some_requests())), table);
  EXPECT_EQ(table.size(), families().size()) << "a name is there twice";
}

TEST(Families, FillTheLabelsOfTheirRowAndNoOthers) {
  const auto status = busy_status();
  const auto http = some_requests();
  for (const auto& family : families()) {
    const auto samples = family.collect({.status = status, .http = http}, family.labels);

    EXPECT_FALSE(samples.empty()) << family.name << " has no series on a busy node";
    std::set<std::vector<std::string>> seen;
    for (const auto& sample : samples) {
      std::vector<std::string_view> names;
      std::vector<std::string> values;
      for (const auto& label : sample.label) {
        names.emplace_back(label.name);
        values.push_back(label.value);
      }
      EXPECT_TRUE(std::ranges::equal(names, family.labels)) << family.name;
      EXPECT_TRUE(seen.insert(values).second) << family.name << " has a series twice";
    }
  }
}

TEST(Families, AreNamedAfterTheConventions) {
  for (const auto& family : families()) {
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    EXPECT_TRUE(family.name.starts_with("havip_")) << family.name;
    EXPECT_EQ(family.name.ends_with("_total"), is_counter) << family.name;
    if (!family.unit.empty()) {
      EXPECT_TRUE(family.name.ends_with("_" + std::string{family.unit})) << family.name;
    }
  }
}

TEST(Exposition, PassesPromtool) {
  const std::string file = testing::TempDir() + "havip-metrics-test.prom";
  std::ofstream{file} << render(busy_status(), some_requests());

  std::string said;
  const auto command = "promtool check metrics < '" + file + "' 2>&1";
  std::FILE* const pipe = ::popen(command.c_str(), "r");  // NOLINT(bugprone-command-processor)
  ASSERT_NE(pipe, nullptr);
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
    said += buffer.data();
  }
  const int status = ::pclose(pipe);
  std::remove(file.c_str());

  EXPECT_EQ(said, "");
  EXPECT_EQ(WEXITSTATUS(status), 0) << "127: promtool is missing (package prometheus)";
}

TEST(Reference, InTheReadmeIsTheTable) {
  const std::string begin = "<!-- metrics reference: generated -->\n";
  const std::string end = "<!-- end of metrics reference -->";
  const auto readme = read_file(HAVIP_TEST_DATA "/../../../README.md");

  const auto from = readme.find(begin);
  const auto to = readme.find(end);
  const bool has_place = from != std::string::npos && to != std::string::npos;
  const auto found =
      has_place ? readme.substr(from + begin.size(), to - from - begin.size()) : std::string{};

  EXPECT_EQ(found, reference_markdown()) << "README.md needs this, both marks included:\n"
                                         << begin << reference_markdown() << end;
}

}  // namespace
}  // namespace havip::metrics
