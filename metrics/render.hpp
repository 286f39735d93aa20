#pragma once
// SPDX-License-Identifier: Apache-2.0
#include "metrics/http_counters.hpp"
#include "sidecar/ports/status.hpp"

#include <string>

namespace havip::metrics {

/// Prometheus text format 0.0.4. The same status gives the same text: families in the order of
/// the table, series in the order of the status.
std::string render(const ports::NodeStatus& status, const HttpCounters& http);

/// The table of families for README.md, in Markdown.
std::string reference_markdown();

}  // namespace havip::metrics
