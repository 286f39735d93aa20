// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/keys.hpp"

#include "sidecar/base/check.hpp"
#include "sidecar/config/duration.hpp"
#include "sidecar/config/text.hpp"

#include <algorithm>

namespace havip::config {
namespace {

/// multicast|unicast|both as "multicast", "unicast" or "both".
std::string alternatives(std::string_view words) {
  const auto list = split(words, '|');
  std::string text;
  for (std::size_t i = 0; i < list.size(); ++i) {
    text += i == 0 ? "" : i + 1 == list.size() ? " or " : ", ";
    text += '"' + std::string{list[i]} + '"';
  }
  return text;
}

}  // namespace

const TableRow& table_row(std::string_view path) {
  const auto found = std::ranges::find(tables(), path, &TableRow::path);
  CHECK(found != tables().end());
  return *found;
}

const Key* find_key(std::string_view table, std::string_view name) {
  const auto found = std::ranges::find_if(
      keys(), [&](const Key& key) { return key.table == table && key.name == name; });
  return found == keys().end() ? nullptr : &*found;
}

std::string header_of(const TableRow& table) {
  std::string name{table.path.substr(table.path.rfind('.') + 1)};
  switch (table.shape) {
    case Shape::single:
      return "[" + name + "]";
    case Shape::repeated:
      return "[[" + name + "]]";
    case Shape::nested:
    case Shape::nested_list:
      return name;
  }
  return name;
}

std::string range_text(const Key& key) {
  const auto text = [&](std::int64_t number) {
    return key.type == Type::duration ? to_string(Duration{number}) : std::to_string(number);
  };
  const auto* const between = key.limits.high - key.limits.low == 1 ? " or " : "..";
  return text(key.limits.low) + between + text(key.limits.high);
}

std::string allowed_for(const Key& key) {
  switch (key.type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
    case Type::duration:
      return range_text(key);
    case Type::word:
      return alternatives(key.allowed);
    case Type::name:
      return R"(up to 63 characters of a-z, 0-9, "_" and "-")";
    case Type::host:
      return R"(a host name of letters, digits, ".", "_" and "-")";
    case Type::path:
      return "an absolute path";
    case Type::interface:
      return R"(the name of a network interface, up to 15 characters without "/", ":" or space,)";
    case Type::priority:
      return range_text(key);
    case Type::glob:
      return R"(a name of a HAProxy backend, with "*", "?" or "[...]" for several,)";
    case Type::label:
      return R"(a name of letters, digits, ".", ":", "_" and "-")";
    case Type::address:
      return R"(an IP address such as "192.0.2.1")";
    case Type::prefix:
      return R"(a network such as "10.9.0.0/16")";
    case Type::prefixes:
      return R"(an address with its prefix length such as "192.0.2.10/24")";
    case Type::endpoint:
      return R"("IP:PORT" or "[IPV6]:PORT", port 1..65535,)";
    case Type::listeners:
      return R"("unix:/PATH", "IP:PORT" or "[IPV6]:PORT", port 1..65535,)";
    case Type::command:
      return "a string without NUL";
    case Type::at_least:
      return R"(a number of servers from 1 or a share of "1%" to "100%")";
    case Type::otherwise:
      return R"("yield", "fault" or { lower = 1..254 })";
    case Type::table:
      return "a table { ... }";
    case Type::tables:
      return "a list of tables { ... }";
  }
  return {};
}

std::string kind_for(const Key& key) {
  switch (key.type) {
    case Type::integer:
      return "a number of " + range_text(key);
    case Type::duration:
      return R"(a duration such as "100ms")";
    case Type::interface:
      return R"(a name such as "eth0", or { NODE = "eth0", ... },)";
    case Type::priority:
      return "a number of " + range_text(key) + ", or { NODE = NUMBER, ... },";
    case Type::prefixes:
      return R"(a list such as ["192.0.2.10/24"])";
    case Type::listeners:
      return R"(a list such as ["unix:/run/havip/admin.sock"])";
    case Type::command:
      return R"(a list such as ["/usr/local/bin/check", "--quick"])";
    default:
      return allowed_for(key);
  }
}

std::string_view type_name(Type type) {
  switch (type) {
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "number";
    case Type::duration:
      return "duration";
    case Type::word:
    case Type::name:
    case Type::host:
    case Type::path:
    case Type::glob:
    case Type::label:
      return "string";
    case Type::interface:
      return "string, or by node";
    case Type::priority:
      return "number, or by node";
    case Type::address:
      return "address";
    case Type::prefix:
      return "network";
    case Type::prefixes:
      return "list of addresses";
    case Type::endpoint:
      return "socket address";
    case Type::listeners:
      return "list of sockets";
    case Type::command:
      return "list of strings";
    case Type::at_least:
      return "number or share";
    case Type::otherwise:
      return "string or table";
    case Type::table:
      return "table";
    case Type::tables:
      return "list of tables";
  }
  return {};
}

}  // namespace havip::config
