// SPDX-License-Identifier: Apache-2.0
#include "sidecar/netlink/kernel_watch.hpp"

#include "sidecar/netlink/parse.hpp"
#include "sidecar/netlink/socket.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace havip::netlink {
namespace {

constexpr int receive_buffer = 4 * 1024 * 1024;  // some thousand notifications
constexpr int most_datagrams = 4096;             // read at once, so that a storm cannot hold us
constexpr int most_waiting = 65536;              // more than fit into the buffer
constexpr int most_dumps = 4;  // tried in a row, while the state changes under them

bool lost_events(const Error& error) {
  return error.code.value() == ENOBUFS;
}

void collect(ports::KernelState& state, ports::KernelEvent event) {
  if (auto* const link = std::get_if<ports::Link>(&event)) {
    state.links.push_back(std::move(*link));
  } else if (auto* const address = std::get_if<ports::KernelAddress>(&event)) {
    state.addresses.push_back(*address);
  }
}

/// Which addresses can be used, as far as the kernel told.
class Usability {
public:
  void forget_all() { usable_.clear(); }

  /// Notes an event that was read from a message of this type. False when it need not be told: an
  /// address that cannot be used comes, stays or goes, and was nothing before. The end of an
  /// address that was never heard of is told, since whoever put it there waits for news of it.
  bool note(const ports::KernelEvent& event, std::uint16_t type) {
    if (const auto* const address = std::get_if<ports::KernelAddress>(&event)) {
      usable_[{address->link, address->prefix}] = true;
      return true;
    }
    const auto* const gone = std::get_if<ports::KernelAddressGone>(&event);
    if (gone == nullptr) {
      return true;
    }
    const std::pair key{gone->link, gone->prefix};
    const auto known = usable_.find(key);
    if (type == RTM_NEWADDR) {  // there, but not to be used
      const bool lost = known != usable_.end() && known->second;
      usable_[key] = false;
      return lost;
    }
    const bool was_nothing = known != usable_.end() && !known->second;
    usable_.erase(key);
    return !was_nothing;
  }

private:
  std::map<std::pair<ports::LinkIndex, Prefix>, bool> usable_;
};

class Watch final : public ports::KernelWatch {
public:
  Watch(Socket events, Socket dumps, WatchScope scope)
      : events_{std::move(events)}, dumps_{std::move(dumps)}, scope_{scope} {}

  [[nodiscard]] int descriptor() const override { return events_.descriptor(); }

  Result<std::vector<ports::KernelEvent>> read() override {
    if (!synchronised_) {
      return synchronise();
    }
    std::vector<ports::KernelEvent> told;
    for (int datagram = 0; datagram < most_datagrams; ++datagram) {
      const auto messages = events_.receive();
      if (messages.has_error()) {
        // Whatever was lost, or was read before and goes unsaid now, is in the next state.
        synchronised_ = false;
        return lost_events(messages.error())
                   ? synchronise()
                   : errno_error(messages.error().code.value(), "read kernel notifications");
      }
      if (messages->empty()) {
        break;
      }
      for (const auto* const message : *messages) {
        auto event = parse(*message, unusable());
        if (event && usability_.note(*event, message->nlmsg_type)) {
          told.push_back(std::move(*event));
        }
      }
    }
    return told;
  }

private:
  [[nodiscard]] Unusable unusable() const {
    return scope_ == WatchScope::everything ? Unusable::as_gone : Unusable::as_there;
  }

  /// Reads everything anew. Older notifications are thrown away first: after an overrun the last
  /// one about an object may be missing, and the kernel adds none before the queue was empty once.
  Result<std::vector<ports::KernelEvent>> synchronise() {
    if (const auto emptied = throw_away(); emptied.has_error()) {
      return emptied.error();
    }
    for (int dump = 1;; ++dump) {
      ports::KernelState state;
      const auto read = dump_into(state);
      if (read.has_value()) {
        synchronised_ = true;
        return std::vector<ports::KernelEvent>{std::move(state)};
      }
      if (read.error().code.value() != EINTR || dump == most_dumps) {
        return errno_error(read.error().code.value(), "read the kernel's links and addresses");
      }
    }
  }

  Result<> throw_away() {
    for (int datagram = 0; datagram < most_waiting; ++datagram) {
      const auto messages = events_.receive();
      if (messages.has_error() && !lost_events(messages.error())) {
        return errno_error(messages.error().code.value(), "read kernel notifications");
      }
      if (messages.has_value() && messages->empty()) {
        return {};
      }
    }
    return errno_error(EBUSY, "read kernel notifications");
  }

  Result<> dump_into(ports::KernelState& state) {
    usability_.forget_all();
    const auto reader = [&](const nlmsghdr& message) {
      if (auto event = parse(message, unusable())) {
        usability_.note(*event, message.nlmsg_type);
        collect(state, std::move(*event));
      }
    };
    if (scope_ == WatchScope::everything) {
      Message links{RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}};
      constexpr std::uint32_t without_statistics = RTEXT_FILTER_SKIP_STATS;
      links.put_value(IFLA_EXT_MASK, without_statistics);
      if (auto read = dumps_.exchange(links, reader); read.has_error()) {
        return read;
      }
    }
    Message addresses{RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{}};
    return dumps_.exchange(addresses, reader);
  }

  Socket events_;
  Socket dumps_;
  WatchScope scope_;
  Usability usability_;
  bool synchronised_ = false;
};

}  // namespace

Result<std::unique_ptr<ports::KernelWatch>> open_kernel_watch(WatchScope scope) {
  auto events = Socket::open(NETLINK_ROUTE);
  if (events.has_error()) {
    return events.error();
  }
  auto dumps = Socket::open(NETLINK_ROUTE);
  if (dumps.has_error()) {
    return dumps.error();
  }
  events->set_receive_buffer(receive_buffer);
  std::vector<int> groups{RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR};
  if (scope == WatchScope::everything) {
    groups.push_back(RTNLGRP_LINK);
  }
  for (const int group : groups) {
    if (const auto joined = events->join(group); joined.has_error()) {
      return joined.error();
    }
  }
  return std::unique_ptr<ports::KernelWatch>{
      std::make_unique<Watch>(std::move(*events), std::move(*dumps), scope)};
}

}  // namespace havip::netlink
