// SPDX-License-Identifier: Apache-2.0
#include "sidecar/engine/interpreter.hpp"

#include "sidecar/base/check.hpp"

#include <utility>

namespace havip::engine {
namespace {

/// One action may lead to the next at the same moment (add an address, then announce it), but a
/// chain this long is a bug.
constexpr int longest_chain = 16;

}  // namespace

Interpreter::Interpreter(Engine& engine, const Ports& ports, std::function<void(const Tell&)> tell)
    : engine_{&engine}, ports_{ports}, tell_{std::move(tell)} {}

void Interpreter::handle(const Event& event, Instant now) {
  for (const auto& action : engine_->handle(event, now)) {
    perform(action, now);
  }
}

void Interpreter::expire(Instant now) {
  int steps = 0;
  for (auto due = engine_->deadline(); due && *due <= now; due = engine_->deadline()) {
    CHECK(++steps <= longest_chain);
    handle(Tick{}, now);
  }
}

void Interpreter::perform(const Action& action, Instant now) {
  if (const auto* const tell = std::get_if<Tell>(&action)) {
    tell_(*tell);
    return;
  }
  const auto result = run(action);
  const auto failure = result ? Error{} : result.error();
  if (const auto tell = engine_->performed(action, result ? nullptr : &failure, now)) {
    tell_(*tell);
  }
}

Result<> Interpreter::run(const Action& action) const {
  if (const auto* const open = std::get_if<OpenTransport>(&action)) {
    return ports_.adverts->open(open->link, open->family);
  }
  if (const auto* const close = std::get_if<CloseTransport>(&action)) {
    ports_.adverts->close(close->link, close->family);
  } else if (const auto* const send = std::get_if<SendDatagram>(&action)) {
    return ports_.adverts->send(send->link, send->source, send->destination, send->payload);
  } else if (const auto* const arp = std::get_if<SendArp>(&action)) {
    return ports_.neighbours->send(arp->link, arp->message);
  } else if (const auto* const advert = std::get_if<SendNeighbourAdvert>(&action)) {
    return ports_.neighbours->send(advert->link, advert->message);
  } else if (const auto* const add = std::get_if<AddAddress>(&action)) {
    return ports_.addresses->add(add->link, add->prefix, add->lease);
  } else if (const auto* const remove = std::get_if<RemoveAddress>(&action)) {
    return ports_.addresses->remove(remove->link, remove->prefix);
  }
  return {};
}

}  // namespace havip::engine
