// SPDX-License-Identifier: Apache-2.0
//
//   sim --seeds FROM COUNT    runs so many scenarios; prints what it found, shrunk, as --replay
//                             takes it
//   sim --mutants COUNT       plants each bug in turn; each must be found within so many seeds
//   sim --replay FILE...      runs scenarios that are written down
//   sim --digest FROM COUNT   what so many scenarios came to, as one number
//   sim --year SEED [DAYS [PARTS]]
//                             a pair for a year, faults some hours apart; its parts run on all
//                             cores
//   sim --show SEED           a scenario, written down
#include "tests/sim/random.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/world.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace havip::sim {
namespace {

void print(const std::string& text) {
  static_cast<void>(std::puts(text.c_str()));
  static_cast<void>(std::fflush(stdout));
}

std::string seconds(havip::Duration time) {
  return std::to_string(time / std::chrono::seconds{1}) + " s";
}

void print_failure(const Scenario& scenario, const Failure& failure) {
  const auto simpler = shrink(scenario, Mutant::none, failure.what);
  const auto at = play(simpler, Mutant::none).failure.value_or(failure).at;
  print("# seed " + std::to_string(scenario.seed) + ": " + failure.what + ", at " +
        std::to_string(at / std::chrono::milliseconds{1}) + " ms of\n" + to_text(simpler));
}

int run_seeds(std::uint64_t from, std::uint64_t count) {
  std::set<std::string> found;
  std::uint64_t digest = 0;
  std::uint64_t failures = 0;
  havip::Duration simulated{};
  for (auto seed = from; seed < from + count; ++seed) {
    const auto scenario = generate(seed);
    const auto outcome = play(scenario, Mutant::none);
    digest = mix(digest ^ outcome.digest);
    simulated += outcome.simulated;
    failures += outcome.failure ? 1U : 0U;
    if (outcome.failure && found.insert(outcome.failure->what).second) {
      print_failure(scenario, *outcome.failure);
    }
  }
  print(std::to_string(count) + " scenarios, " + std::to_string(failures) + " failed, " +
        seconds(simulated) + " simulated, digest " + std::to_string(digest));
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run_digest(std::uint64_t from, std::uint64_t count) {
  std::uint64_t digest = 0;
  for (auto seed = from; seed < from + count; ++seed) {
    digest = mix(digest ^ play(generate(seed), Mutant::none).digest);
  }
  print(std::to_string(digest));
  return EXIT_SUCCESS;
}

bool find(Mutant mutant, std::uint64_t count) {
  const std::string name = mutant_names.at(static_cast<std::size_t>(mutant));
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    if (const auto failure = play(generate(seed), mutant).failure) {
      print(name + ": found by seed " + std::to_string(seed) + ": " + failure->what);
      return true;
    }
  }
  print(name + ": NOT found in " + std::to_string(count) + " seeds");
  return false;
}

int run_mutants(std::uint64_t count) {
  int found = 0;
  for (int i = 1; i < mutant_count; ++i) {
    found += find(static_cast<Mutant>(i), count) ? 1 : 0;
  }
  print(std::to_string(found) + " of " + std::to_string(mutant_count - 1) + " mutants found");
  return found == mutant_count - 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool replay(const std::string& path) {
  std::ifstream file{path};
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    throw std::runtime_error{"cannot be read"};
  }
  const auto outcome = play(from_text(text.str()), Mutant::none);
  const auto at = outcome.failure ? outcome.failure->at : outcome.simulated;
  print(path + ": " + (outcome.failure ? outcome.failure->what : "as it should be") + ", at " +
        std::to_string(at / std::chrono::milliseconds{1}) + " ms");
  return !outcome.failure;
}

int run_replays(const std::vector<std::string>& paths) {
  bool all = true;
  for (const auto& path : paths) {
    try {
      all = replay(path) && all;
    } catch (const std::exception& failure) {
      print(path + ": " + failure.what());
      all = false;
    }
  }
  return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

/// A part of a pair's year, and what came of it.
struct Part {
  Scenario scenario;
  Outcome outcome;
};

/// Plays the parts on all cores; what comes of each does not depend on their number.
void play_all(std::vector<Part>& parts) {
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> workers(std::max(1U, std::thread::hardware_concurrency()));
  for (auto& worker : workers) {
    worker = std::jthread{[&] {
      for (auto i = next++; i < parts.size(); i = next++) {
        parts[i].outcome = play(parts[i].scenario, Mutant::none);
      }
    }};
  }
}

int run_year(std::uint64_t seed, int days, int count) {
  std::vector<Part> parts;
  for (int i = 0; i < count; ++i) {
    const int length = days * (i + 1) / count - days * i / count;
    parts.push_back({.scenario = generate_year(mix(seed) + static_cast<std::uint64_t>(i), length),
                     .outcome = {}});
  }
  const auto begin = std::chrono::steady_clock::now();
  play_all(parts);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  Duration simulated{};
  std::size_t faults = 0;
  std::uint64_t digest = 0;
  for (const auto& [scenario, outcome] : parts) {
    if (outcome.failure) {
      print("# " + outcome.failure->what + ", at " +
            std::to_string(outcome.failure->at / std::chrono::milliseconds{1}) + " ms of");
      print(to_text(scenario));
      return EXIT_FAILURE;
    }
    simulated += outcome.simulated;
    faults += scenario.ops.size() / 3;
    digest = mix(digest ^ outcome.digest);
  }
  constexpr std::chrono::duration<double> year = std::chrono::hours{24} * 365;
  print(std::to_string(days) + " days of a pair in " + std::to_string(count) + " parts and " +
        std::to_string(took.count()) + " s, " + std::to_string(faults) +
        " faults: " + std::to_string(60.0 * (simulated / year) / took.count()) +
        " years a minute, digest " + std::to_string(digest));
  return EXIT_SUCCESS;
}

std::uint64_t number(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10);
}

int usage() {
  print(
      "usage: sim --seeds FROM COUNT | --mutants COUNT | --replay FILE... | --digest FROM COUNT |"
      " --year SEED [DAYS [PARTS]] | --show SEED");
  return 2;
}

/// SEED [DAYS [PARTS]]
int run_year(const std::vector<std::string>& arguments) {
  constexpr int days_of_a_year = 365;
  constexpr int months = 12;
  const auto given = [&](std::size_t index, int otherwise) {
    return index < arguments.size() ? static_cast<int>(number(arguments[index])) : otherwise;
  };
  const int days = given(1, days_of_a_year);
  const int parts = given(2, std::min(months, days));
  return parts < 1 || parts > days ? usage() : run_year(number(arguments[0]), days, parts);
}

int run(const std::string& command, const std::vector<std::string>& arguments) {
  const auto count = arguments.size();
  if (command == "--replay" && count > 0) {
    return run_replays(arguments);
  }
  if (command == "--seeds" && count == 2) {
    return run_seeds(number(arguments[0]), number(arguments[1]));
  }
  if (command == "--digest" && count == 2) {
    return run_digest(number(arguments[0]), number(arguments[1]));
  }
  if (command == "--year" && count >= 1 && count <= 3) {
    return run_year(arguments);
  }
  if (command == "--mutants" && count == 1) {
    return run_mutants(number(arguments[0]));
  }
  if (command == "--show" && count == 1) {
    print(to_text(generate(number(arguments[0]))));
    return EXIT_SUCCESS;
  }
  return usage();
}

}  // namespace
}  // namespace havip::sim

int main(int argc, char** argv) {
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  return arguments.empty()
             ? havip::sim::usage()
             : havip::sim::run(arguments.front(), {arguments.begin() + 1, arguments.end()});
}
