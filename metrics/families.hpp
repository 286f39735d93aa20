#pragma once
// SPDX-License-Identifier: Apache-2.0
//
// The families of GET /metrics, one row each: the exposition, and the reference in README.md, are
// made from this table. A family that a later part of havip fills (reload, routes, conflicts,
// checks, failover times, peers' probes, ...) gets its row together with that part, so that no
// family is ever there without meaning something.
#include "metrics/collectors.hpp"

#include <prometheus/metric_type.h>

#include <span>
#include <string_view>

namespace havip::metrics {

struct Family {
  std::string_view name;
  prometheus::MetricType type;
  Labels labels;
  std::string_view unit;  ///< base unit, or empty for a plain number
  std::string_view help;
  /// All series of the family, each with exactly `labels` in their order.
  Samples (*collect)(const Source& source, Labels labels);
};

std::span<const Family> families();

}  // namespace havip::metrics
