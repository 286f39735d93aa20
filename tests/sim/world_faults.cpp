// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.hpp"

namespace havip::sim {
namespace {

using std::chrono::milliseconds;
constexpr Duration tenth = milliseconds{100};

}  // namespace

/// What happens to the daemon; whether it was that.
bool World::befall_process(Node& subject, const Op& op) {
  switch (op.fault) {
    case Fault::crash:
      subject.crash();
      return true;
    case Fault::boot:
      boot(op.node);
      return true;
    case Fault::stop:
      stop(op.node);
      return true;
    case Fault::pause:
      subject.pause(now_ + tenth * op.other, false);
      return true;
    case Fault::suspend:
      subject.pause(now_ + tenth * op.other, true);
      return true;
    case Fault::drain:
      subject.set_drained(true);
      return true;
    case Fault::undrain:
      subject.set_drained(false);
      return true;
    case Fault::give_away:
      subject.give_away();
      return true;
    case Fault::power_cycle:
      subject.power_cycle(now_);
      return true;
    default:
      return false;
  }
}

/// What happens to the network and to a node's part in it; whether it was that.
bool World::befall_link(Node& subject, const Op& op) {
  const Way way{.from = op.node, .to = op.other, .wire = op.wire};
  switch (op.fault) {
    case Fault::cut:
      network_.cut(way);
      return true;
    case Fault::silence:
      network_.silence(way);
      return true;
    case Fault::heal:
      network_.heal(now_);
      return true;
    case Fault::unplug:
      subject.set_carrier(op.wire, false);
      return true;
    case Fault::plug:
      subject.set_carrier(op.wire, true);
      return true;
    case Fault::delete_link:
      subject.delete_link(op.wire);
      return true;
    case Fault::create_link:
      subject.create_link(op.wire);
      return true;
    default:
      return false;
  }
}

/// What happens to HAProxy, the kernel and the clock.
void World::befall(Node& subject, const Op& op) {
  switch (op.fault) {
    case Fault::haproxy_down:
    case Fault::haproxy_up:
      subject.set_haproxy(op.fault == Fault::haproxy_up, subject.backend_up(), now_);
      break;
    case Fault::backend_down:
    case Fault::backend_up:
      subject.set_haproxy(subject.haproxy_up(), op.fault == Fault::backend_up, now_);
      break;
    case Fault::gateway_lost:
    case Fault::gateway_back:
      subject.set_gateway(op.fault == Fault::gateway_back, now_);
      break;
    case Fault::remove_address:
      subject.remove_addresses_by_hand();
      break;
    case Fault::refuse:
    case Fault::permit:
      subject.set_refusal(op.fault == Fault::refuse);
      break;
    case Fault::set_wall:
      subject.set_wall(tenth * op.other);
      break;
    case Fault::look:
      check_converged();
      check_neighbours();
      break;
    default:
      failed("the scenario asks for something unknown");
  }
}

void World::perform(const Op& op) {
  auto& subject = node(op.node);
  if (!befall_process(subject, op) && !befall_link(subject, op)) {
    befall(subject, op);
  }
  // In good order a pair has a holder even while one of it is away; here everything goes wrong.
  after(op.node);
  wake(op.node);
  check_time();
}

/// No more faults; what is drained or ill stays so.
void World::calm() {
  network_.calm(now_);
  for (int i = 0; i < scenario_.nodes(); ++i) {
    node(i).set_refusal(false);
    node(i).set_drained(
        node(i).drained());  // one that gave its addresses away did not end after all
    for (int wire = 0; wire < scenario_.wires(); ++wire) {
      node(i).create_link(wire);
      node(i).set_carrier(wire, true);
    }
    after(i);
    boot(i);
  }
}

}  // namespace havip::sim
