// SPDX-License-Identifier: Apache-2.0
//
//   sim --seeds FROM COUNT   runs so many scenarios; prints what it found, shrunk
//   sim --mutants COUNT      plants each bug in turn; each must be found within so many seeds
#include "tests/sim/shrink.hpp"
#include "tests/sim/world.hpp"

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using havip::sim::generate;
using havip::sim::mix;
using havip::sim::Mutant;
using havip::sim::mutant_count;
using havip::sim::mutant_names;
using havip::sim::World;

void print(const std::string& text) {
  static_cast<void>(std::puts(text.c_str()));
}

std::string seconds(havip::Duration time) {
  return std::to_string(time / std::chrono::seconds{1}) + " s";
}

int run_seeds(std::uint64_t from, std::uint64_t count) {
  std::set<std::string> found;
  std::uint64_t digest = 0;
  std::uint64_t failures = 0;
  havip::Duration simulated{};
  for (auto seed = from; seed < from + count; ++seed) {
    const auto scenario = generate(seed);
    World world{scenario, Mutant::none};
    const auto failure = world.run();
    digest = mix(digest ^ world.digest());
    simulated += world.simulated();
    failures += failure ? 1U : 0U;
    if (failure && found.insert(failure->what).second) {
      const auto simpler = shrink(scenario, Mutant::none, failure->what);
      const auto at = World{simpler, Mutant::none}.run()->at - havip::Instant{};
      print("seed " + std::to_string(seed) + ": " + failure->what + ", at " +
            std::to_string((at - std::chrono::hours{1}) / std::chrono::milliseconds{1}) +
            " ms of " + describe(simpler));
    }
  }
  print(std::to_string(count) + " scenarios, " + std::to_string(failures) + " failed, " +
        seconds(simulated) + " simulated, digest " + std::to_string(digest));
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool find(Mutant mutant, std::uint64_t count) {
  const std::string name = mutant_names.at(static_cast<std::size_t>(mutant));
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const auto scenario = generate(seed);
    if (const auto failure = World{scenario, mutant}.run()) {
      print(name + ": found by seed " + std::to_string(seed) + ": " + failure->what);
      return true;
    }
  }
  print(name + ": NOT found in " + std::to_string(count) + " seeds");
  return false;
}

int run_mutants(std::uint64_t count) {
  bool all = true;
  for (int i = 1; i < mutant_count; ++i) {
    all = find(static_cast<Mutant>(i), count) && all;
  }
  return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

std::uint64_t number(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<const char*> arguments{argv + 1, argv + argc};
  if (arguments.size() == 3 && std::string_view{arguments[0]} == "--seeds") {
    return run_seeds(number(arguments[1]), number(arguments[2]));
  }
  if (arguments.size() == 2 && std::string_view{arguments[0]} == "--mutants") {
    return run_mutants(number(arguments[1]));
  }
  print("usage: sim --seeds FROM COUNT | --mutants COUNT");
  return 2;
}
