#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The keys of havip.toml, as tables of rows: one row for each TOML table, one for each key. From
// them come the ranges that are checked, the words of the error messages, the search for the key
// that was meant, the reference in README.md and the example file. A row's key is read by exactly
// one call in decode*.cpp; a test holds the two against each other in both directions.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace havip::config {

/// How a table stands in the file.
enum class Shape : std::uint8_t {
  single,      ///< [name], at most once
  repeated,    ///< [[name]], any number of times
  nested,      ///< name = { ... }
  nested_list  ///< name = [ { ... }, ... ]
};

struct TableRow {
  std::string_view path;  ///< "virtual_router", "virtual_router.routes"
  Shape shape;
  std::string_view help;
  /// Text for the example file that replaces the one made from the keys' rows. For tables of
  /// which not all keys go together.
  std::string_view example;
};

/// What a value is.
enum class Type : std::uint8_t {
  boolean,
  integer,    ///< within the row's limits
  duration,   ///< a string with a unit, within the row's limits, which are nanoseconds
  word,       ///< one of the words in the row's `allowed`, separated by "|"
  name,       ///< of a thing of ours
  host,       ///< the name of a node
  path,       ///< absolute
  interface,  ///< one name, or one for each node
  priority,   ///< one number, or one for each node
  glob,       ///< matches names of HAProxy's backends
  label,      ///< a name of HAProxy's
  address,    ///< IPv4 or IPv6
  prefix,     ///< an address and the length of its network
  prefixes,   ///< a list of them, not empty
  endpoint,   ///< IP:PORT
  listeners,  ///< a list of unix:/PATH and IP:PORT, not empty
  command,    ///< a list: an absolute path and its arguments
  at_least,   ///< a number of servers or a percentage
  otherwise,  ///< "yield", "fault" or { lower = N }
  table,      ///< has its own rows
  tables,     ///< a list of tables that have their own rows
};

struct Limits {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct Key {
  std::string_view table;
  std::string_view name;
  Type type;
  bool required;
  std::string_view fallback;  ///< TOML text of the default; empty when there is none
  Limits limits;
  std::string_view allowed;  ///< instead of what type and limits say about it
  std::string_view example;  ///< TOML text where there is no default
  std::string_view help;
};

std::span<const TableRow> tables();
std::span<const Key> keys();

/// The row of a table; asking for one that is not there is a bug.
const TableRow& table_row(std::string_view path);

/// The row of a key; null when the table has no such key.
const Key* find_key(std::string_view table, std::string_view name);

/// "[haproxy]", "[[node]]", "auth".
std::string header_of(const TableRow& table);

/// What the key may be, as a noun for messages: "1..255", "an absolute path".
std::string allowed_for(const Key& key);

/// What to write instead of a value of another kind; like allowed_for(), with an example where
/// the kind is not obvious.
std::string kind_for(const Key& key);

/// The type's name for the reference.
std::string_view type_name(Type type);

/// "1..255"; durations with their units.
std::string range_text(const Key& key);

}  // namespace havip::config
