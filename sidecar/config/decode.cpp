// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/decode.hpp"

#include "sidecar/config/suggest.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace havip::config {
namespace {

Daemon decode_daemon(Reader reader) {
  Daemon daemon;
  reader.read("state_directory", daemon.state_directory);
  reader.read("realtime", daemon.realtime);
  return daemon;
}

Haproxy decode_haproxy(Reader reader) {
  Haproxy haproxy;
  reader.read("socket", haproxy.socket);
  reader.read("ring", haproxy.ring);
  reader.read("log_listen", haproxy.log_listen);
  reader.read("interval", haproxy.interval);
  reader.read("timeout", haproxy.timeout);
  return haproxy;
}

Http decode_http(Reader reader) {
  Http http;
  reader.read("listen", http.listen);
  reader.read("token_file", http.token_file);
  return http;
}

PeerLink decode_peer_link(Reader reader) {
  PeerLink link;
  reader.read("port", link.port);
  reader.read("secret_file", link.secret_file);
  return link;
}

Node decode_node(Reader reader) {
  Node node;
  reader.read("name", node.name);
  reader.read("address", node.address);
  reader.read("priority", node.priority);
  return node;
}

Anycast decode_anycast(Reader reader) {
  Anycast anycast;
  reader.read("name", anycast.name);
  reader.read("addresses", anycast.addresses);
  return anycast;
}

SourceRoute decode_source_route(Reader reader) {
  SourceRoute route;
  reader.read("interface", route.interface);
  reader.read("gateway", route.gateway);
  return route;
}

Hook decode_hook(Reader reader) {
  Hook hook;
  reader.read("command", hook.command);
  return hook;
}

/// The top-level tables of all documents.
class Documents {
public:
  Documents(const std::vector<Value>& documents, Decoding& decoding) : decoding_{decoding} {
    for (const auto& document : documents) {
      for (const auto& member : *document.as<Table>()) {
        take(member);
      }
    }
  }

  template <class T>
  void read(std::string_view table, T& out, T (*decode)(Reader)) const {
    if (const auto found = tables_.find(table); found != tables_.end()) {
      out = decode(Reader{decoding_, table, *found->second.front(), std::string{table}});
    }
  }

  template <class T>
  void read(std::string_view table, std::vector<T>& out, T (*decode)(Reader)) const {
    if (const auto found = tables_.find(table); found != tables_.end()) {
      for (const auto* const value : found->second) {
        out.push_back(decode(Reader{decoding_, table, *value, path_of(table, out.size())}));
      }
    }
  }

private:
  static bool is_top_level(const TableRow& row) {
    return row.shape == Shape::single || row.shape == Shape::repeated;
  }

  void take(const Member& member) {
    for (const auto& row : tables()) {
      if (is_top_level(row) && row.path == member.key) {
        row.shape == Shape::single ? take_single(row, member) : take_repeated(row, member);
        return;
      }
    }
    refuse_unknown(member);
  }

  void take_single(const TableRow& row, const Member& member) {
    if (member.value.as<Table>() == nullptr) {
      refuse_shape(row, member.value);
      return;
    }
    auto& found = tables_[member.key];
    if (!found.empty()) {
      decoding_.report.add(member.value.place,
                           header_of(row) + " stands in " +
                               decoding_.report.where(found.front()->place) + " already; one " +
                               header_of(row) + " in one file is allowed");
      return;
    }
    found.push_back(&member.value);
  }

  void take_repeated(const TableRow& row, const Member& member) {
    const auto* const array = member.value.as<Array>();
    if (array == nullptr) {
      refuse_shape(row, member.value);
      return;
    }
    for (const auto& element : *array) {
      if (element.as<Table>() == nullptr) {
        refuse_shape(row, element);
      } else {
        tables_[member.key].push_back(&element);
      }
    }
  }

  void refuse_shape(const TableRow& row, const Value& value) const {
    const auto* const array = value.as<Array>();
    const bool repeated =
        array != nullptr && !array->empty() && array->front().as<Table>() != nullptr;
    const auto name = std::string{row.path};
    const auto what = value.as<Table>() != nullptr ? "[" + name + "] is one table"
                      : repeated                   ? "[[" + name + "]] is a list of tables"
                                                   : name + " is " + std::string{value.kind()};
    decoding_.report.add(value.place, what + "; " + header_of(row) + " is allowed");
  }

  void refuse_unknown(const Member& member) const {
    std::vector<std::string_view> names;
    std::string all;
    for (const auto& row : tables()) {
      if (is_top_level(row)) {
        names.push_back(row.path);
        all += (all.empty() ? "" : ", ") + header_of(row);
      }
    }
    const auto meant = nearest(member.key, names);
    decoding_.report.add(member.place,
                         quoted(member.key) + " is no table of havip's; " +
                             (meant ? "did you mean " + header_of(table_row(*meant)) + "?"
                                    : "the tables are " + all));
  }

  Decoding& decoding_;
  std::map<std::string, std::vector<const Value*>, std::less<>> tables_;
};

}  // namespace

Config decode(const std::vector<Value>& documents, Decoding& decoding) {
  const Documents all{documents, decoding};
  Config config;
  all.read("daemon", config.daemon, decode_daemon);
  all.read("haproxy", config.haproxy, decode_haproxy);
  all.read("http", config.http, decode_http);
  all.read("node", config.nodes, decode_node);
  all.read("peer_link", config.peer_link, decode_peer_link);
  all.read("virtual_router", config.virtual_routers, decode_virtual_router);
  all.read("anycast", config.anycasts, decode_anycast);
  all.read("source_route", config.source_routes, decode_source_route);
  all.read("track", config.tracks, decode_track);
  all.read("hook", config.hooks, decode_hook);
  return config;
}

}  // namespace havip::config
