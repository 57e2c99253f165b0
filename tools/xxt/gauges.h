#ifndef XXT_TOOLS_XXT_GAUGES_H_
#define XXT_TOOLS_XXT_GAUGES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace xxt::cli {

using GaugeLabels = std::map<std::string, std::string>;

// One line of a page in Prometheus' text format, of whatever type it is.
struct Gauge {
  std::string name;
  GaugeLabels labels;
  double value = 0;
};

// What is no such line, or has no number, is left out.
std::vector<Gauge> ReadGauges(absl::string_view page);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_GAUGES_H_
