#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// From text to a configuration that can be carried out, or to everything that is wrong with it:
//
//   files -> bounds -> TOML -> decode (keys.hpp) -> rules -> support -> key files -> Config
//
// Behind a file that is not TOML nothing is decoded: half of a configuration would only give
// misleading problems. Otherwise every step looks at everything and all problems are told at once.
#include "sidecar/base/result.hpp"
#include "sidecar/config/model.hpp"
#include "sidecar/config/problem.hpp"
#include "sidecar/config/support.hpp"

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace havip::config {

/// The name is only for the messages.
struct SourceFile {
  std::string name;
  std::string text;
};

using Problems = std::vector<Problem>;

/// A whole and valid configuration, or at least one problem, sorted by place.
using Outcome = std::variant<Config, Problems>;

/// The files as one configuration, without what the key files hold. Pure. `missing` is what to
/// refuse as not supported yet. `warnings` takes what of a valid configuration will not do what is
/// meant, sorted by place.
Outcome parse(const std::vector<SourceFile>& files,
              std::span<const Missing> missing = missing_features(),
              Problems* warnings = nullptr);

/// Reads the main file and every *.toml in the folder conf.d beside it, sorted by name; hidden
/// files are left out and the folder need not exist. Blocks on the disk: never call it on the
/// election thread. `warnings` as for parse().
Outcome load(const std::string& main_file, Problems* warnings = nullptr);

/// The line that a key file holds, of a regular file that is closed to others. Blocks on the disk.
/// The message goes on after the file's name and does not show what it holds.
Result<std::string> read_key_file(const std::string& name);

}  // namespace havip::config
