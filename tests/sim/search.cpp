// SPDX-License-Identifier: Apache-2.0
//
//   search [DEPTH OF TWO] [DEPTH OF THREE]
//
// Looks at every state that two or three routers can come to within so many moves. A move delivers,
// drops or doubles any of the messages in flight, lets the earliest timer fire however late the
// messages are, or does to a router what the engine may do to it: start, resume, stop, fail, drain,
// undrain, cede, a gap, the claim of a group.
//
// In each state a router has the addresses exactly if it is Active, and nobody waits without a
// timer. From each state on which the network rests, so that all is delivered and timers fire in
// time, exactly one router is Active soon, the best of those that take part.
//
// At the end each row of the transition table that can be taken was taken.
#include "sidecar/vrrp/router.hpp"
#include "tests/sim/random.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace havip::vrrp {
namespace {

constexpr Duration interval = std::chrono::seconds{1};
constexpr Instant t0 = Instant{} + std::chrono::hours{1};
constexpr std::size_t most_in_flight = 4;

using Row = std::pair<State, Stimulus>;

struct Message {
  int to = 0;
  Heard heard;
  bool doubled = false;

  friend bool operator==(const Message&, const Message&) = default;
};

struct Member {
  Router router;
  bool holds = false;
  bool yields = false;

  friend bool operator==(const Member&, const Member&) = default;
};

struct Cluster {
  std::vector<Member> members;
  std::vector<Message> flight;
  Instant now = t0;

  friend bool operator==(const Cluster&, const Cluster&) = default;
};

struct Hash {
  std::size_t operator()(const Cluster& cluster) const {
    std::uint64_t hash = static_cast<std::uint64_t>(cluster.now.time_since_epoch().count());
    for (const auto& member : cluster.members) {
      const auto& router = member.router;
      const auto due = router.deadline().value_or(Instant{}).time_since_epoch().count();
      hash = sim::mix(hash ^ static_cast<std::uint64_t>(due));
      hash = sim::mix(hash ^ static_cast<std::uint64_t>(router.state()) ^
                      std::uint64_t{router.priority().value} << 8U ^
                      static_cast<std::uint64_t>(router.last_stimulus()) << 16U);
    }
    for (const auto& message : cluster.flight) {
      hash = sim::mix(hash ^ static_cast<std::uint64_t>(message.to) ^
                      std::uint64_t{message.heard.priority.value} << 8U ^
                      std::uint64_t{message.heard.sender.v4_number()} << 16U);
    }
    return hash;
  }
};

struct Plan {
  std::string name;
  std::vector<RouterSettings> routers;
  int depth = 0;
};

class Search {
public:
  Search(Plan plan, std::set<Row>& rows) : plan_{std::move(plan)}, rows_{rows} {}

  bool run() {
    Cluster first;
    for (const auto& settings : plan_.routers) {
      first.members.push_back({.router = Router{settings}});
    }
    std::vector<Cluster> frontier{first};
    seen_.insert(first);
    for (int depth = 0; depth < plan_.depth && ok_; ++depth) {
      next_.clear();
      for (const auto& cluster : frontier) {
        spread(cluster);
      }
      frontier = std::move(next_);
    }
    std::printf("%s: %zu states within %d moves%s\n",
                plan_.name.c_str(),
                seen_.size(),
                plan_.depth,
                ok_ ? "" : ", and one that is wrong");
    return ok_;
  }

private:
  using Move = std::function<RouterActions(Router&)>;

  void reach(Cluster&& cluster) {
    if (!ok_ || cluster.flight.size() > most_in_flight || !seen_.insert(cluster).second) {
      return;
    }
    check(cluster);
    next_.push_back(std::move(cluster));
  }

  /// Lets the router do something, notes the row, and does what it asks for.
  void let(Cluster& cluster, std::size_t index, const Move& move) {
    auto& member = cluster.members[index];
    const auto before = member.router.state();
    for (const auto& action : move(member.router)) {
      if (const auto* const send = std::get_if<SendAdvert>(&action)) {
        post(cluster, index, send->priority);
      } else if (std::holds_alternative<ClaimAddresses>(action)) {
        member.holds = true;
      } else if (std::holds_alternative<ReleaseAddresses>(action)) {
        member.holds = false;
      }
    }
    rows_.insert({before, member.router.last_stimulus()});
  }

  void post(Cluster& cluster, std::size_t from, Priority priority) const {
    for (std::size_t to = 0; to < cluster.members.size(); ++to) {
      if (to != from) {
        cluster.flight.push_back({.to = static_cast<int>(to),
                                  .heard = {.sender = plan_.routers[from].own_address,
                                            .priority = priority,
                                            .interval = interval}});
      }
    }
  }

  void deliver(Cluster& cluster, std::size_t message) {
    const auto [to, heard, doubled] = cluster.flight[message];
    cluster.flight.erase(cluster.flight.begin() + static_cast<std::ptrdiff_t>(message));
    let(cluster, static_cast<std::size_t>(to), [&](Router& router) {
      return router.receive(heard, cluster.now);
    });
  }

  /// Every move from here.
  void spread(const Cluster& cluster) {
    for (std::size_t i = 0; i < cluster.flight.size(); ++i) {
      auto delivered = cluster;
      deliver(delivered, i);
      reach(std::move(delivered));
      auto dropped = cluster;
      dropped.flight.erase(dropped.flight.begin() + static_cast<std::ptrdiff_t>(i));
      reach(std::move(dropped));
      if (!cluster.flight[i].doubled) {
        auto doubled = cluster;
        doubled.flight[i].doubled = true;
        doubled.flight.push_back(doubled.flight[i]);
        reach(std::move(doubled));
      }
    }
    for (std::size_t i = 0; i < cluster.members.size(); ++i) {
      spread(cluster, i);
    }
  }

  void spread(const Cluster& cluster, std::size_t index) {
    const auto make = [&](const Move& move) {
      auto next = cluster;
      let(next, index, move);
      reach(std::move(next));
    };
    const auto& router = cluster.members[index].router;
    const auto now = cluster.now;
    const auto state = router.state();
    make([&](Router& it) { return it.fail(now); });
    make([&](Router& it) { return it.stop(now); });
    make([&](Router& it) { return it.cede(now); });
    if (state == State::init || state == State::fault) {
      make([&](Router& it) { return it.start(now); });
      make([&](Router& it) { return it.resume(now); });
    } else {
      drain(cluster, index);
    }
    if (router.is_ready()) {
      make([&](Router& it) { return it.claim(now); });
    }
    if (const auto due = router.deadline()) {
      fire(cluster, index, *due);
    }
  }

  /// Or takes part again.
  void drain(const Cluster& cluster, std::size_t index) {
    auto next = cluster;
    auto& member = next.members[index];
    member.yields = !member.yields;
    const auto priority = member.yields ? yield_priority : plan_.routers[index].priority;
    // A change of priority is no row of the table: the stimulus is that of before.
    for (const auto& action : member.router.set_priority(priority, next.now)) {
      if (const auto* const send = std::get_if<SendAdvert>(&action)) {
        post(next, index, send->priority);
      }
    }
    reach(std::move(next));
  }

  /// Its timer fires, if no other one is earlier; or the process was away.
  void fire(const Cluster& cluster, std::size_t index, Instant due) {
    const bool earliest = std::ranges::all_of(cluster.members, [&](const Member& member) {
      return !member.router.deadline() || *member.router.deadline() >= due;
    });
    if (earliest) {
      auto next = cluster;
      next.now = std::max(next.now, due);
      let(next, index, [&](Router& router) { return router.expire(next.now); });
      reach(std::move(next));
    }
    auto late = cluster;
    late.now = std::max(late.now, due + 5 * interval);
    let(late, index, [&](Router& router) { return router.pause(late.now); });
    reach(std::move(late));
  }

  void check(const Cluster& cluster) {
    for (const auto& member : cluster.members) {
      const auto& router = member.router;
      const bool active = router.state() == State::active;
      const bool waits = router.state() == State::backup && !router.is_ready();
      if (member.holds != active) {
        wrong("a router has the addresses though it is not Active, or has not though it is");
      }
      if ((active || waits) && !router.deadline()) {
        wrong("a router waits without a timer");
      }
    }
    check_rest(cluster);
  }

  /// From here on the network is well.
  void check_rest(Cluster cluster) {
    const auto end = cluster.now + 20 * interval;
    while (cluster.now < end) {
      while (!cluster.flight.empty()) {
        deliver(cluster, 0);
      }
      for (std::size_t i = 0; i < cluster.members.size(); ++i) {
        if (cluster.members[i].router.is_ready()) {
          let(cluster, i, [&](Router& router) { return router.claim(cluster.now); });
        }
      }
      if (!cluster.flight.empty()) {
        continue;
      }
      const auto next = std::ranges::min_element(cluster.members, {}, due_of);
      cluster.now = std::max(cluster.now, std::min(end, due_of(*next)));
      if (due_of(*next) <= cluster.now) {
        let(cluster, static_cast<std::size_t>(next - cluster.members.begin()), [&](Router& router) {
          return router.expire(cluster.now);
        });
      }
    }
    judge(cluster);
  }

  static Instant due_of(const Member& member) {
    return member.router.deadline().value_or(Instant::max());
  }

  void judge(const Cluster& cluster) {
    int active = 0;
    Priority best{0};
    Priority held{0};
    for (const auto& member : cluster.members) {
      const auto state = member.router.state();
      active += state == State::active ? 1 : 0;
      held = state == State::active ? member.router.priority() : held;
      const bool takes_part = state == State::active || state == State::backup;
      best = takes_part ? std::max(best, member.router.priority()) : best;
    }
    const bool preempts = plan_.routers.front().preempt;
    if (active != (best > Priority{0} ? 1 : 0)) {
      wrong("at rest there are " + std::to_string(active) + " Active routers");
    } else if (preempts ? held != best : held == yield_priority && best > yield_priority) {
      wrong("at rest the Active router is not the best");
    }
  }

  void wrong(const std::string& what) {
    if (std::exchange(ok_, false)) {
      std::printf("%s: %s\n", plan_.name.c_str(), what.c_str());
    }
  }

  Plan plan_;
  std::set<Row>& rows_;
  std::unordered_set<Cluster, Hash> seen_;
  std::vector<Cluster> next_;
  bool ok_ = true;
};

RouterSettings router(int number, int priority, const Succession& succession) {
  return {.own_address = IpAddress::v4(0x0A00000BU + static_cast<std::uint32_t>(number)),
          .priority = {static_cast<std::uint8_t>(priority)},
          .interval = interval,
          .succession = succession};
}

std::vector<RouterSettings> two(int first, int second) {
  const Succession other{.of_anyone = true, .of = {}};
  return {router(0, first, other), router(1, second, other)};
}

template <class Change>
std::vector<RouterSettings> with(std::vector<RouterSettings> routers, Change change) {
  std::ranges::for_each(routers, change);
  return routers;
}

std::vector<Plan> plans(int depth_of_two, int depth_of_three) {
  const auto none_preempts = [](auto& it) {
    it.preempt = false;
  };
  const auto grouped = [](auto& it) {
    it.grouped = true;
  };
  const auto strangers = [](auto& it) {
    it.succession = {};
  };
  const auto patient = [](auto& it) {
    it.preempt_delay = 3 * interval;
  };
  std::vector<Plan> result{
      {"two", two(200, 100), depth_of_two},
      {"two equals", two(100, 100), depth_of_two},
      {"two that do not preempt", with(two(200, 100), none_preempts), depth_of_two},
      {"two that wait to preempt", with(two(200, 100), patient), depth_of_two},
      {"two of groups", with(two(200, 100), grouped), depth_of_two},
      {"two strangers", with(two(200, 100), strangers), depth_of_two},
      {"an owner", two(255, 100), depth_of_two},
      {"two owners", two(255, 255), depth_of_two}};
  const auto address = [](int number) {
    return router(number, 0, {}).own_address;
  };
  // After the best comes the second, after each other one the best.
  result.push_back({"three",
                    {router(0, 200, {.of_anyone = false, .of = {address(1), address(2)}}),
                     router(1, 150, {.of_anyone = false, .of = {address(0)}}),
                     router(2, 100, {})},
                    depth_of_three});
  return result;
}

/// The rows that nothing can take, as the engine uses the router: who is in init or fault has no
/// timer; only a backup is held back or obeys; only an Active router is relieved; start() is for
/// those who do not take part.
bool is_out_of_reach(const Row& row) {
  using enum State;
  using enum Stimulus;
  static const std::set<Row> never{{init, timer},
                                   {init, ready},
                                   {init, gap},
                                   {init, relief},
                                   {backup, start_as_holder},
                                   {backup, start},
                                   {backup, relief},
                                   {active, start_as_holder},
                                   {active, start},
                                   {active, ready},
                                   {active, bequest},
                                   {active, yielding},
                                   {fault, timer},
                                   {fault, ready},
                                   {fault, gap},
                                   {fault, relief}};
  return never.contains(row);
}

bool check_rows(const std::set<Row>& taken) {
  bool all = true;
  for (const auto& row : transitions) {
    const Row key{row.in, row.on};
    if (taken.contains(key) == is_out_of_reach(key)) {
      std::printf("row {%s, %d} was %staken\n",
                  std::string{to_string(row.in)}.c_str(),
                  static_cast<int>(row.on),
                  taken.contains(key) ? "" : "never ");
      all = false;
    }
  }
  std::printf("%zu of %zu rows of the transition table taken\n", taken.size(), transitions.size());
  return all;
}

/// To these depths with two and three routers.
bool search(int depth_of_two, int depth_of_three) {
  std::set<Row> rows;
  bool ok = true;
  for (const auto& plan : plans(depth_of_two, depth_of_three)) {
    ok = Search{plan, rows}.run() && ok;
  }
  return check_rows(rows) && ok;
}

}  // namespace
}  // namespace havip::vrrp

int main(int argc, char** argv) {
  const auto argument = [&](int index, int otherwise) {
    return argc > index ? std::atoi(argv[index]) : otherwise;
  };
  return havip::vrrp::search(argument(1, 5), argument(2, 4)) ? EXIT_SUCCESS : EXIT_FAILURE;
}
