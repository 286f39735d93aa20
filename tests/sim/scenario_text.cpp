// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/scenario.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <type_traits>

namespace havip::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::array<const char*, 3> kind_names{"faults", "migration", "year"};
constexpr std::array<const char*, 3> transport_names{"multicast", "unicast", "both"};
constexpr std::array<const char*, 2> family_names{"ipv4", "ipv6"};
constexpr std::array<const char*, fault_count> fault_names{
    "cut",          "heal",       "crash",   "boot",         "stop",           "pause",
    "haproxy_down", "haproxy_up", "unplug",  "plug",         "remove_address", "drain",
    "undrain",      "refuse",     "permit",  "backend_down", "backend_up",     "gateway_lost",
    "gateway_back", "silence",    "suspend", "delete_link",  "create_link",    "give_away",
    "power_cycle",  "set_wall",   "look"};

template <class Names>
std::size_t find(const Names& names, const std::string& name) {
  const auto found = std::ranges::find(names, std::string_view{name});
  if (found == names.end()) {
    throw std::runtime_error{"unknown word " + name};
  }
  return static_cast<std::size_t>(found - names.begin());
}

template <class Names, class Value>
std::string name(const Names& names, Value value) {
  return names.at(static_cast<std::size_t>(value));
}

std::int64_t in_ms(Duration duration) {
  return duration / milliseconds{1};
}

template <class Value>
Value read(std::istream& in) {
  Value value{};
  if (!(in >> value)) {
    throw std::runtime_error{"a value is missing"};
  }
  return value;
}

Duration read_ms(std::istream& in) {
  return milliseconds{read<std::int64_t>(in)};
}

void read_router(std::istream& in, Scenario& scenario) {
  RouterPlan plan;
  plan.wire = read<int>(in);
  plan.family = static_cast<Family>(find(family_names, read<std::string>(in)));
  for (int priority = 0; in >> priority;) {
    plan.priorities.push_back(priority);
  }
  scenario.routers.push_back(std::move(plan));
}

void read_clock(std::istream& in, Scenario& scenario) {
  ClockPlan plan;
  plan.ppm = read<int>(in);
  plan.uptime = read_ms(in);
  plan.wall_error = read_ms(in);
  scenario.clocks.push_back(plan);
}

void read_op(std::istream& in, Scenario& scenario) {
  Op op;
  op.at = read_ms(in);
  op.fault = static_cast<Fault>(find(fault_names, read<std::string>(in)));
  op.node = read<int>(in);
  op.other = read<int>(in);
  op.wire = read<int>(in);
  scenario.ops.push_back(op);
}

using Reader = std::function<void(std::istream&, Scenario&)>;

template <class Value>
Reader value(Value Scenario::*member) {
  return [member](std::istream& in, Scenario& scenario) {
    if constexpr (std::is_same_v<Value, Duration>) {
      scenario.*member = read_ms(in);
    } else {
      scenario.*member = read<Value>(in);
    }
  };
}

template <class Value, class Names>
Reader word(Value Scenario::*member, const Names& names) {
  return [member, &names](std::istream& in, Scenario& scenario) {
    scenario.*member = static_cast<Value>(find(names, read<std::string>(in)));
  };
}

std::map<std::string, Reader> readers() {
  return {{"kind", word(&Scenario::kind, kind_names)},
          {"seed", value(&Scenario::seed)},
          {"grouped", value(&Scenario::grouped)},
          {"interval", value(&Scenario::interval)},
          {"preempt", value(&Scenario::preempt)},
          {"preempt_delay", value(&Scenario::preempt_delay)},
          {"addresses", value(&Scenario::addresses)},
          {"version", value(&Scenario::version)},
          {"transport", word(&Scenario::transport, transport_names)},
          {"signed", value(&Scenario::is_signed)},
          {"attacked", value(&Scenario::attacked)},
          {"loss", value(&Scenario::loss_permille)},
          {"loss_back", value(&Scenario::loss_back_permille)},
          {"duplicates", value(&Scenario::duplicate_permille)},
          {"longest_delay", value(&Scenario::longest_delay)},
          {"length", value(&Scenario::length)},
          {"router", read_router},
          {"clock", read_clock},
          {"op", read_op}};
}

}  // namespace

std::string to_text(const Scenario& scenario) {
  std::ostringstream out;
  out << "kind " << name(kind_names, scenario.kind) << "\nseed " << scenario.seed << "\ngrouped "
      << scenario.grouped << "\ninterval " << in_ms(scenario.interval) << "\npreempt "
      << scenario.preempt << "\npreempt_delay " << in_ms(scenario.preempt_delay) << "\naddresses "
      << scenario.addresses << "\nversion " << scenario.version << "\ntransport "
      << name(transport_names, scenario.transport) << "\nsigned " << scenario.is_signed
      << "\nattacked " << scenario.attacked << "\nloss " << scenario.loss_permille << "\nloss_back "
      << scenario.loss_back_permille << "\nduplicates " << scenario.duplicate_permille
      << "\nlongest_delay " << in_ms(scenario.longest_delay) << "\nlength "
      << in_ms(scenario.length) << "\n# router: wire, family, priority of each node\n";
  for (const auto& router : scenario.routers) {
    out << "router " << router.wire << " " << name(family_names, router.family);
    for (const int priority : router.priorities) {
      out << " " << priority;
    }
    out << "\n";
  }
  out << "# clock of each node: ppm, uptime, error of the wall clock\n";
  for (const auto& clock : scenario.clocks) {
    out << "clock " << clock.ppm << " " << in_ms(clock.uptime) << " " << in_ms(clock.wall_error)
        << "\n";
  }
  out << "# op: when, what, node, other (or tenths of a second), wire\n";
  for (const auto& op : scenario.ops) {
    out << "op " << in_ms(op.at) << " " << name(fault_names, op.fault) << " " << op.node << " "
        << op.other << " " << op.wire << "\n";
  }
  return out.str();
}

Scenario from_text(const std::string& text) {
  static const auto known = readers();
  Scenario scenario;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string word;
    if (!(words >> word) || word.starts_with('#')) {
      continue;
    }
    try {
      known.at(word)(words, scenario);
    } catch (const std::exception& failure) {
      throw std::runtime_error{"line \"" + line + "\": " + failure.what()};
    }
  }
  return scenario;
}

}  // namespace havip::sim
