#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "sidecar/config/model.hpp"
#include "sidecar/config/reader.hpp"
#include "sidecar/config/value.hpp"

#include <vector>

namespace havip::config {

/// Reads the documents, which count as one: repeated tables follow each other in the order of the
/// documents, a single table may stand in one of them only. Whatever is wrong with a single key
/// goes to the report; the Config then has that key's default.
Config decode(const std::vector<Value>& documents, Decoding& decoding);

// The readers of the larger tables. decode() calls them.
VirtualRouter decode_virtual_router(Reader reader);
Track decode_track(Reader reader);

}  // namespace havip::config
