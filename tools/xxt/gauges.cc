#include "tools/xxt/gauges.h"

#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace xxt::cli {
namespace {

// Takes `kind="case.tell",state="dead"}` off the front of `line`; false if it is not there.
bool TakeLabels(absl::string_view* line, GaugeLabels* labels) {
  while (!absl::ConsumePrefix(line, "}")) {
    const std::size_t equals = line->find("=\"");
    if (equals == absl::string_view::npos) return false;
    const std::string name(line->substr(0, equals));
    line->remove_prefix(equals + 2);
    std::string value;
    while (!line->empty() && line->front() != '"') {
      const bool escaped = line->front() == '\\' && line->size() > 1;
      if (escaped) line->remove_prefix(1);
      value.push_back(escaped && line->front() == 'n' ? '\n' : line->front());
      line->remove_prefix(1);
    }
    if (!absl::ConsumePrefix(line, "\"")) return false;
    absl::ConsumePrefix(line, ",");
    (*labels)[name] = std::move(value);
  }
  return true;
}

std::optional<Gauge> ReadGauge(absl::string_view line) {
  const std::size_t end = line.find_first_of("{ ");
  if (line.empty() || line.front() == '#' || end == absl::string_view::npos) return std::nullopt;
  Gauge gauge;
  gauge.name = std::string(line.substr(0, end));
  line.remove_prefix(end);
  if (absl::ConsumePrefix(&line, "{") && !TakeLabels(&line, &gauge.labels)) return std::nullopt;
  if (!absl::ConsumePrefix(&line, " ")) return std::nullopt;
  // A time may follow.
  if (!absl::SimpleAtod(line.substr(0, line.find(' ')), &gauge.value) || std::isnan(gauge.value)) return std::nullopt;
  return gauge;
}

}  // namespace

std::vector<Gauge> ReadGauges(absl::string_view page) {
  std::vector<Gauge> gauges;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    if (std::optional<Gauge> gauge = ReadGauge(line)) gauges.push_back(*std::move(gauge));
  }
  return gauges;
}

}  // namespace xxt::cli
