// SPDX-License-Identifier: Apache-2.0
//
// Answers to `show info` and `show stat`: whatever they are, what is made of them is within its
// bounds, and is an error with a short, printable sentence otherwise. Input: one byte that chooses,
// then the answer; for a whole reading the answers one after the other, parted by NUL.
#include "haproxy/board.hpp"
#include "haproxy/csv.hpp"
#include "haproxy/error.hpp"
#include "haproxy/info.hpp"
#include "haproxy/verdict.hpp"
#include "sidecar/base/check.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace havip::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_message = 300;
constexpr int most_questions = 8;

std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const auto byte : bytes) {
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

void check_error(const Error& error) {
  CHECK(error.code);
  CHECK(!error.message.empty() && error.message.size() <= longest_message);
  CHECK(std::ranges::all_of(error.message, [](char c) { return c >= ' ' && c <= '~'; }));
}

void check_facts(const haproxy::Facts& facts) {
  for (const auto& backend : facts.backends) {
    CHECK(haproxy::is_plain(backend.name));
    CHECK(backend.healthy_share >= 0.0 && backend.healthy_share <= 1.0);
    CHECK(backend.servers_up >= 0 && backend.servers_total >= 0);
  }
}

void read_info(const std::string& text) {
  const auto info = haproxy::read_info(text);
  if (!info) {
    check_error(info.error());
    return;
  }
  CHECK(info->process.pid > 0 && info->process.start_time >= 0);
  CHECK(haproxy::is_plain(info->version));
  CHECK(info->uptime >= 0s);
}

void read_csv(const std::string& text) {
  constexpr std::array<std::string_view, 2> columns{"pxname", "last_chk"};
  const auto rows = haproxy::read_csv(text, columns);
  if (!rows) {
    check_error(rows.error());
    return;
  }
  for (const auto& row : *rows) {
    CHECK(row.size() == columns.size());
  }
}

/// One answer of those that are left.
std::string next(std::string& answers) {
  const auto end = std::min(answers.find('\0'), answers.size());
  auto answer = answers.substr(0, end);
  answers.erase(0, end + 1);
  return answer;
}

/// Several readings of one process, as the watcher does them.
void read_states(std::string answers) {
  haproxy::Board board;
  haproxy::Verdict verdict{{.socket = "S", .timeout = 1s}};
  const haproxy::Info info{.process = {.pid = 1, .start_time = 1}, .version = "2.6"};
  for (Instant now{}; !answers.empty(); now += 1s) {
    auto taken = board.backends(next(answers), now);
    for (int i = 0; taken && board.next_command() && i < most_questions; ++i) {
      taken = board.servers(next(answers), now);
    }
    if (!taken) {
      check_error(taken.error());
      verdict.failure(taken.error(), now);
    } else if (!board.next_command()) {
      CHECK(board.unchecked() >= 0);
      verdict.reading(info, board.judged(), board.unchecked(), now);
    }
    check_facts(verdict.latest());
  }
}

}  // namespace
}  // namespace havip::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  havip::fuzz::Input input{data, size};
  const auto choice = input.u8() % 3;
  const auto text = havip::fuzz::text_of(input.rest());
  if (choice == 0) {
    havip::fuzz::read_info(text);
  } else if (choice == 1) {
    havip::fuzz::read_csv(text);
  } else {
    havip::fuzz::read_states(text);
  }
  return 0;
}
