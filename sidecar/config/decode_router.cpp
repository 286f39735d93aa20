// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/decode.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace havip::config {
namespace {

enum class AuthType : std::uint8_t { pass, hmac };

Route decode_route(Reader reader) {
  Route route;
  reader.read("to", route.to);
  reader.read("via", route.via);
  reader.read("table", route.table);
  return route;
}

Rule decode_rule(Reader reader) {
  Rule rule;
  reader.read("from", rule.from);
  reader.read("table", rule.table);
  reader.read("priority", rule.priority);
  return rule;
}

/// A list of nested tables, `table` being the path of their row.
template <class T>
void read_tables(Reader& reader,
                 std::string_view table,
                 std::string_view name,
                 std::vector<T>& out,
                 T (*decode)(Reader)) {
  const auto* const value = reader.find(name);
  if (value == nullptr) {
    return;
  }
  const auto cell = reader.cell(name, *value);
  const auto* const array = value->as<Array>();
  if (array == nullptr) {
    cell.refuse_kind();
    return;
  }
  for (const auto& element : *array) {
    if (element.as<Table>() == nullptr) {
      Cell{cell.key, element, cell.path, cell.report, cell.places, cell.label, true}.refuse_kind();
      continue;
    }
    out.push_back(
        decode(Reader{reader.decoding(), table, element, path_of(cell.path, out.size())}));
  }
}

HmacAuth decode_hmac(Reader& reader) {
  HmacAuth hmac;
  reader.read("key_file", hmac.key_file);
  reader.read("key_id", hmac.key_id);
  reader.read("mode", hmac.mode);
  return hmac;
}

PassAuth decode_pass(Reader& reader) {
  PassAuth pass;
  reader.read("key_file", pass.key_file);
  for (const std::string_view name : {"key_id", "mode"}) {
    if (reader.has(name)) {
      reader.decoding().report.add(
          reader.key_place(name),
          std::string{name} + R"( does not go with type "pass"; it is allowed with "hmac")");
    }
  }
  return pass;
}

std::optional<Auth> decode_auth(Reader& reader) {
  const auto* const value = reader.find("auth");
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto cell = reader.cell("auth", *value);
  if (value->as<Table>() == nullptr) {
    cell.refuse_kind();
    return std::nullopt;
  }
  Reader inner{reader.decoding(), "virtual_router.auth", *value, cell.path};
  AuthType type{};
  if (!inner.read("type", type)) {
    return std::nullopt;
  }
  return type == AuthType::pass ? Auth{decode_pass(inner)} : Auth{decode_hmac(inner)};
}

}  // namespace

VirtualRouter decode_virtual_router(Reader reader) {
  VirtualRouter router;
  reader.read("name", router.name);
  reader.read("interface", router.interface);
  reader.read("vrid", router.vrid);
  reader.read("addresses", router.addresses);
  reader.read("priority", router.priority);
  reader.read("group", router.group);
  reader.read("version", router.version);
  reader.read("strict", router.strict);
  if (!reader.read("advert_interval", router.advert_interval) && router.version == 2) {
    router.advert_interval = std::chrono::seconds{1};
  }
  reader.read("preempt", router.preempt);
  reader.read("preempt_delay", router.preempt_delay);
  reader.read("transport", router.transport);
  reader.read("virtual_mac", router.virtual_mac);
  reader.read("gateway", router.gateway);
  read_tables(reader, "virtual_router.routes", "routes", router.routes, decode_route);
  read_tables(reader, "virtual_router.rules", "rules", router.rules, decode_rule);
  router.auth = decode_auth(reader);
  return router;
}

}  // namespace havip::config
