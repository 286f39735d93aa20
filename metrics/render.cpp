// SPDX-License-Identifier: Apache-2.0
#include "metrics/render.hpp"

#include "metrics/families.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace havip::metrics {
namespace {

std::string_view to_string(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    case prometheus::MetricType::Summary:
      return "summary";
    case prometheus::MetricType::Untyped:
      return "untyped";
  }
  return {};
}

}  // namespace

std::string render(const ports::NodeStatus& status, const HttpCounters& http) {
  const Source source{.status = status, .http = http};
  std::vector<prometheus::MetricFamily> out;
  for (const auto& family : families()) {
    out.push_back({.name = std::string{family.name},
                   .help = std::string{family.help},
                   .type = family.type,
                   .metric = family.collect(source, family.labels)});
  }
  std::ostringstream text;
  prometheus::TextSerializer{}.Serialize(text, out);
  return text.str();
}

std::string reference_markdown() {
  std::string text = "| metric | type | labels | unit | help |\n|---|---|---|---|---|\n";
  for (const auto& family : families()) {
    std::string labels;
    for (const auto label : family.labels) {
      labels += (labels.empty() ? "" : ", ") + std::string{label};
    }
    text += "| `" + std::string{family.name} + "` | " + std::string{to_string(family.type)} +
            " | " + (labels.empty() ? "-" : labels) + " | " +
            (family.unit.empty() ? "-" : std::string{family.unit}) + " | " +
            std::string{family.help} + " |\n";
  }
  return text;
}

}  // namespace havip::metrics
