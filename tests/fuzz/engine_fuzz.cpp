// SPDX-License-Identifier: Apache-2.0
//
// Any sequence of events for a node with three virtual routers: two of a group (IPv4 in version 3
// with signatures permitted, IPv6) and one in version 2 by unicast. Nothing crashes, and after each
// event the kernel has what the states say: an Active router's addresses or, of a backup, none.
// Input: events, a byte of kind each, then what that kind takes.
#include "sidecar/base/check.hpp"
#include "sidecar/engine/engine.hpp"
#include "sidecar/engine/interpreter.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/fake_address_table.hpp"
#include "tests/support/fake_advert_transport.hpp"
#include "tests/support/fake_neighbour_socket.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace havip::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr ports::LinkIndex link_index{2};
constexpr int most_events = 400;

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

Prefix prefix(const char* text) {
  return *Prefix::parse(text);
}

vrrp::HmacKey key() {
  return {.id = 1, .secret = Secret{std::vector<std::byte>(32, std::byte{7})}};
}

engine::VirtualRouterSettings router(const char* name, int vrid, std::vector<Prefix> addresses) {
  engine::VirtualRouterSettings settings;
  settings.name = name;
  settings.interface = "eth0";
  settings.vrid = {static_cast<std::uint8_t>(vrid)};
  settings.family = addresses.front().address.family();
  settings.addresses = std::move(addresses);
  settings.priority = {150};
  settings.advert_interval = 100ms;
  settings.peers_relieve = true;
  settings.succession.of_anyone = true;
  return settings;
}

engine::Settings node_settings() {
  engine::Settings settings;
  settings.node_names = {{ip("10.0.0.11"), "lb1"}, {ip("10.0.0.12"), "lb2"}};
  auto front = router("front", 51, {prefix("10.0.0.10/24")});
  front.group = "edge";
  front.auth = engine::HmacAuth{.key = key(), .mode = engine::HmacMode::permissive};
  auto front6 = router("front6", 51, {prefix("fe80::51/64"), prefix("2001:db8::51/64")});
  front6.group = "edge";
  auto old = router("old", 52, {prefix("10.0.0.20/24"), prefix("10.0.0.21/32")});
  old.version = vrrp::Version::v2;
  old.advert_interval = 1s;
  old.transport = engine::Transport::both;
  old.peers = {ip("10.0.0.12")};
  old.node_address = ip("10.0.0.11");
  settings.virtual_routers = {front, front6, old};
  return settings;
}

ports::Link link(bool up, bool carrier) {
  return {.index = link_index,
          .name = "eth0",
          .mac = {{2, 0, 0, 0, 0, 1}},
          .up = up,
          .carrier = carrier};
}

ports::KernelState first_sight() {
  return {.links = {link(true, true)},
          .addresses = {{.link = link_index, .prefix = prefix("10.0.0.11/24"), .ours = false},
                        {.link = link_index, .prefix = prefix("fe80::11/64"), .ours = false}}};
}

/// The node, and a kernel that tells at once what was done to it.
class Subject {
public:
  Subject()
      : engine_{settings_}, interpreter_{engine_, ports(), [](const engine::Tell&) {
                                         }} {
    addresses_.add_link(link_index);
    addresses_.now = now_;
    addresses_.tell = [this](const ports::KernelEvent& event) {
      waiting_.push_back(event);
    };
    engine_.see_wall_clock(vrrp::WallTime{std::chrono::seconds{1'800'000'000}}, now_);
  }

  void handle(const engine::Event& event) {
    interpreter_.handle(event, now_);
    settle();
  }

  void pass(Duration time) {
    now_ += time;
    addresses_.now = now_;
    addresses_.expire();
    settle();
  }

  /// All there is, as at the start of the daemon or after events were lost.
  void look_around() {
    auto state = first_sight();
    std::ranges::copy(addresses_.list(), std::back_inserter(state.addresses));
    handle(ports::KernelEvent{state});
  }

  /// The link is deleted, its addresses with it.
  void lose_link() {
    take_off_everything();
    handle(ports::KernelEvent{ports::LinkGone{link_index}});
    take_off_everything();
  }

  void take_off_everything() {
    const auto there = addresses_.entries();
    for (const auto& [place, entry] : there) {
      addresses_.take_off(place);
    }
    settle();
  }

  void refuse(int error) {
    if (addresses_.refusal != 0) {
      refused_until_ = now_;
    }
    addresses_.refusal = transport_.send_refusal = error;
  }

  /// What must hold whenever the daemon waits for the next event.
  void check() const {
    CHECK(!engine_.deadline() || *engine_.deadline() > now_);
    // What was refused is tried again after a pause.
    if (addresses_.refusal != 0 || now_ - refused_until_ <= engine::AddressKeeper::retry_pause) {
      return;
    }
    const auto status = engine_.status(now_);
    for (const auto& each : status.virtual_routers) {
      for (const auto& address : each.addresses) {
        const bool there = addresses_.entries().contains({link_index, address.address});
        const bool settled = each.state != vrrp::State::init && each.problems.empty();
        CHECK(!settled || there == (each.state == vrrp::State::active));
      }
    }
    CHECK((status.virtual_routers[0].state == vrrp::State::active) ==
          (status.virtual_routers[1].state == vrrp::State::active));
  }

private:
  engine::Interpreter::Ports ports() {
    return {.addresses = &addresses_, .adverts = &transport_, .neighbours = &neighbours_};
  }

  void settle() {
    constexpr int most_rounds = 50;
    for (int round = 0; round < most_rounds; ++round) {
      for (const auto& event : std::exchange(waiting_, {})) {
        interpreter_.handle(event, now_);
      }
      interpreter_.expire(now_);
      if (waiting_.empty()) {
        return;
      }
    }
    check_failed("the node and its kernel come to rest", __FILE__, __LINE__);
  }

  engine::Settings settings_ = node_settings();
  Instant now_ = Instant{} + 1h;
  Instant refused_until_;
  test::FakeAddressTable addresses_;
  test::FakeAdvertTransport transport_;
  test::FakeNeighbourSocket neighbours_;
  engine::Engine engine_;
  engine::Interpreter interpreter_;
  std::vector<ports::KernelEvent> waiting_;
};

IpAddress sender(std::uint8_t which, bool ipv6) {
  constexpr std::array v4{"10.0.0.11", "10.0.0.12", "10.0.0.13", "192.0.2.1"};
  constexpr std::array v6{"fe80::11", "fe80::12", "fe80::13", "2001:db8::1"};
  return ip(ipv6 ? v6.at(which % v6.size()) : v4.at(which % v4.size()));
}

/// Bytes as they come.
ports::Datagram raw_datagram(Input& input) {
  const auto bits = input.u8();
  const bool ipv6 = (bits & 1U) != 0;
  const auto payload = input.take(input.u8());
  return {.link = link_index,
          .source = sender(bits >> 4U, ipv6),
          .destination = (bits & 2U) != 0 ? sender(0, ipv6)
                                          : vrrp::vrrp_group(ipv6 ? Family::ipv6 : Family::ipv4),
          .ttl = (bits & 4U) != 0 ? std::uint8_t{254} : std::uint8_t{255},
          .payload = {payload.begin(), payload.end()}};
}

/// An advertisement that is understood.
ports::Datagram good_datagram(Input& input) {
  const auto bits = input.u8();
  const bool ipv6 = (bits & 1U) != 0;
  const bool version_2 = !ipv6 && (bits & 2U) != 0;
  const auto source = sender(bits >> 4U, ipv6);
  const auto group = vrrp::vrrp_group(ipv6 ? Family::ipv6 : Family::ipv4);
  const auto destination = (bits & 4U) != 0 ? sender(0, ipv6) : group;
  const auto interval = 1 + input.u8();
  const vrrp::Advert advert{
      .version = version_2 ? vrrp::Version::v2 : vrrp::Version::v3,
      .vrid = {static_cast<std::uint8_t>((bits & 8U) != 0 ? 52 : 51)},
      .priority = {input.u8()},
      .interval = Centiseconds{version_2 ? 100 * (1 + interval % 255) : interval},
      .addresses = {ipv6 ? ip("fe80::51") : ip("10.0.0.10")}};
  const auto form = static_cast<vrrp::ChecksumForm>(input.u8() % 3);
  return {.link = link_index,
          .source = source,
          .destination = destination,
          .ttl = 255,
          .payload = vrrp::encode(advert, form, source, destination)};
}

engine::Fitness fitness(std::uint8_t bits) {
  constexpr std::array verdicts{engine::Verdict::undecided,
                                engine::Verdict::fit,
                                engine::Verdict::yield,
                                engine::Verdict::fault};
  engine::Fitness result{
      .verdict = verdicts.at(bits % verdicts.size()), .why = "fuzz", .scales = {}, .lowers = {}};
  if ((bits & 4U) != 0) {
    result.scales.push_back({.what = "backend web", .share = (bits >> 4U) / 16.0});
  }
  if ((bits & 8U) != 0) {
    result.lowers.push_back({.what = "check", .amount = bits >> 4U});
  }
  return result;
}

void change_kernel(Subject& subject, std::uint8_t bits) {
  switch (bits % 5) {
    case 0:
      subject.handle(ports::KernelEvent{link((bits & 8U) != 0, (bits & 16U) != 0)});
      break;
    case 1:
      subject.lose_link();
      break;
    case 2:
      subject.look_around();
      break;
    case 3:
      subject.take_off_everything();
      break;
    default:
      subject.handle(ports::KernelEvent{
          ports::KernelAddressGone{.link = link_index, .prefix = prefix("fe80::11/64")}});
      break;
  }
}

void step(Subject& subject, Input& input) {
  const auto kind = input.u8();
  switch (kind % 8) {
    case 0:
      subject.handle(raw_datagram(input));
      break;
    case 1:
    case 2:
      subject.handle(good_datagram(input));
      break;
    case 3:
      subject.pass(std::chrono::milliseconds{1 + input.u16() % 5000});
      break;
    case 4:
      subject.handle(fitness(input.u8()));
      break;
    case 5:
      subject.handle(engine::DrainChanged{(input.u8() & 1U) != 0});
      break;
    case 6:
      change_kernel(subject, input.u8());
      break;
    default:
      subject.refuse((kind & 16U) != 0 ? 1 : 0);
      break;
  }
}

}  // namespace
}  // namespace havip::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  havip::fuzz::Input input{data, size};
  havip::fuzz::Subject subject;
  subject.look_around();
  subject.handle(havip::fuzz::fitness(1));
  for (int i = 0; i < havip::fuzz::most_events && !input.is_empty(); ++i) {
    havip::fuzz::step(subject, input);
    subject.check();
  }
  subject.handle(havip::engine::StopRequested{});
  return 0;
}
