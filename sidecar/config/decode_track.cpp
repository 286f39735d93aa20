// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/decode.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace havip::config {
namespace {

/// What can be tracked, by the key that says so, and the keys that go with it.
struct Kind {
  std::string_view key;
  std::array<std::string_view, 4> others;
};

constexpr std::array kinds{
    Kind{"backend", {"at_least", "otherwise", "recover_after"}},
    Kind{"interface", {"otherwise", "recover_after"}},
    Kind{"gateway", {"interval", "fall", "otherwise", "recover_after"}},
    Kind{"command", {"interval", "timeout", "otherwise", "recover_after"}},
};

constexpr std::string_view choice = "one of backend, interface, gateway and command";

/// The kind of this track; null, with a report, when it says none or several.
const Kind* kind_of(const Reader& reader) {
  const Kind* found = nullptr;
  for (const auto& kind : kinds) {
    if (!reader.has(kind.key)) {
      continue;
    }
    if (found != nullptr) {
      reader.decoding().report.add(reader.key_place(kind.key),
                                   "[[track]] has " + std::string{found->key} + " and " +
                                       std::string{kind.key} + "; " + std::string{choice} +
                                       " is allowed");
      return nullptr;
    }
    found = &kind;
  }
  if (found == nullptr) {
    reader.decoding().report.add(
        reader.header(), "[[track]] does not say what; " + std::string{choice} + " is required");
  }
  return found;
}

/// Keys of [[track]] that mean nothing for this kind.
void refuse_foreign_keys(const Reader& reader, const Kind& kind) {
  for (const auto& key : keys()) {
    const bool belongs =
        key.name == kind.key || std::ranges::find(kind.others, key.name) != kind.others.end();
    if (key.table != "track" || belongs || !reader.has(key.name)) {
      continue;
    }
    std::string homes;
    for (const auto& other : kinds) {
      if (std::ranges::find(other.others, key.name) != other.others.end()) {
        homes += (homes.empty() ? "" : " or ") + std::string{other.key};
      }
    }
    reader.decoding().report.add(reader.key_place(key.name),
                                 std::string{key.name} + " does not go with " +
                                     std::string{kind.key} + "; it is allowed with " + homes);
  }
}

Otherwise decode_otherwise(Reader& reader) {
  const auto* const value = reader.find("otherwise");
  if (value == nullptr) {
    return Yield{};
  }
  const auto cell = reader.cell("otherwise", *value);
  if (value->as<Table>() != nullptr) {
    Reader inner{reader.decoding(), "track.otherwise", *value, cell.path};
    Lower lower;
    inner.read("lower", lower.by);
    return lower;
  }
  const auto* const text = value->as<std::string>();
  if (text != nullptr && *text == "fault") {
    return Fault{};
  }
  if (text == nullptr) {
    cell.refuse_kind();
  } else if (*text != "yield") {
    cell.refuse();
  }
  return Yield{};
}

TrackBackend decode_backend(Reader& reader) {
  TrackBackend track;
  reader.read("backend", track.backend);
  reader.read("at_least", track.at_least);
  track.otherwise = decode_otherwise(reader);
  if (reader.has("otherwise") && !reader.has("at_least")) {
    reader.decoding().report.add(
        reader.key_place("otherwise"),
        "otherwise has no effect on a backend that scales the priority; it is allowed with "
        "at_least");
  }
  return track;
}

TrackInterface decode_interface(Reader& reader) {
  TrackInterface track;
  reader.read("interface", track.interface);
  track.otherwise = decode_otherwise(reader);
  return track;
}

TrackGateway decode_gateway(Reader& reader) {
  TrackGateway track;
  reader.read("gateway", track.gateway);
  reader.read("interval", track.interval);
  reader.read("fall", track.fall);
  track.otherwise = decode_otherwise(reader);
  return track;
}

TrackCommand decode_command(Reader& reader) {
  TrackCommand track;
  reader.read("command", track.command);
  reader.read("interval", track.interval);
  reader.read("timeout", track.timeout);
  track.otherwise = decode_otherwise(reader);
  return track;
}

}  // namespace

Track decode_track(Reader reader) {
  Track track;
  reader.read("recover_after", track.recover_after);
  const auto* const kind = kind_of(reader);
  if (kind == nullptr) {
    return track;
  }
  refuse_foreign_keys(reader, *kind);
  if (kind->key == "backend") {
    track.what = decode_backend(reader);
  } else if (kind->key == "interface") {
    track.what = decode_interface(reader);
  } else if (kind->key == "gateway") {
    track.what = decode_gateway(reader);
  } else {
    track.what = decode_command(reader);
  }
  return track;
}

}  // namespace havip::config
