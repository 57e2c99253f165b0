#include "services/intake/plan/plan_rules.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/calendar/working_days.h"

namespace xxt::intake {
namespace {

// Places of steps, for each of them.
using Edges = std::vector<std::vector<std::size_t>>;

std::map<absl::string_view, std::size_t> PlacesOf(const std::vector<PlanStep>& steps) {
  std::map<absl::string_view, std::size_t> places;
  for (std::size_t i = 0; i < steps.size(); ++i) places.emplace(steps[i].key, i);
  return places;
}

// What each comes after.
Edges BeforeEach(const std::vector<PlanStep>& steps) {
  const std::map<absl::string_view, std::size_t> places = PlacesOf(steps);
  Edges before(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const std::string& key : steps[i].after) before[i].push_back(places.at(key));
  }
  return before;
}

Edges AfterEach(const Edges& before) {
  Edges after(before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    for (const std::size_t other : before[i]) after[other].push_back(i);
  }
  return after;
}

// Each behind all that it comes after; without those on a circle or behind one.
std::vector<std::size_t> InOrder(const Edges& before) {
  const Edges after = AfterEach(before);
  std::vector<std::size_t> waits(before.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < before.size(); ++i) {
    waits[i] = before[i].size();
    if (waits[i] == 0) order.push_back(i);
  }
  for (std::size_t at = 0; at < order.size(); ++at) {
    for (const std::size_t next : after[order[at]]) {
      if (--waits[next] == 0) order.push_back(next);
    }
  }
  return order;
}

// A step on a circle; nothing if there is none.
std::optional<std::size_t> FindOnCircle(const Edges& before) {
  const std::vector<std::size_t> order = InOrder(before);
  std::vector<bool> reached(before.size());
  for (const std::size_t i : order) reached[i] = true;
  const auto stuck = std::find(reached.begin(), reached.end(), false);
  if (stuck == reached.end()) return std::nullopt;
  // What is stuck waits for something that is: whoever walks back long enough walks in the circle.
  auto at = static_cast<std::size_t>(stuck - reached.begin());
  for (std::size_t i = 0; i < before.size(); ++i) {
    at = *std::find_if(before[at].begin(), before[at].end(), [&reached](std::size_t other) { return !reached[other]; });
  }
  return at;
}

bool IsSettled(const PlanStep& step) { return step.state == StepState::kDone || step.state == StepState::kSkipped; }

// For each step, which one that is not done it waits for longest.
using Deciding = std::vector<std::optional<std::size_t>>;

std::optional<std::size_t> LongestOf(const std::vector<PlanStep>& steps, const std::vector<std::size_t>& before,
                                     const Deciding& decides, const std::vector<absl::CivilDay>& finish) {
  std::optional<std::size_t> longest;
  for (const std::size_t other : before) {
    const std::optional<std::size_t> one = IsSettled(steps[other]) ? decides[other] : std::optional<std::size_t>(other);
    if (one.has_value() && (!longest.has_value() || finish[*one] > finish[*longest])) longest = one;
  }
  return longest;
}

}  // namespace

std::optional<errors::Violation> FindGraphFault(const std::vector<PlanStep>& steps, absl::string_view field) {
  const std::map<absl::string_view, std::size_t> places = PlacesOf(steps);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (places.at(steps[i].key) == i) continue;
    return errors::Violation{absl::StrCat(field, "[", i, "].key"), "代号重复", "is another step's"};
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (std::size_t j = 0; j < steps[i].after.size(); ++j) {
      if (places.count(steps[i].after[j]) > 0) continue;
      return errors::Violation{absl::StrCat(field, "[", i, "].after[", j, "]"), "计划里没有这一步",
                               "names no step of the plan"};
    }
  }
  if (const std::optional<std::size_t> at = FindOnCircle(BeforeEach(steps))) {
    return errors::Violation{absl::StrCat(field, "[", *at, "].after"), "步骤互相等待，永远办不完",
                             "waits in a circle for itself"};
  }
  return std::nullopt;
}

std::vector<StepState> StatesOf(const std::vector<PlanStep>& steps) {
  const Edges before = BeforeEach(steps);
  std::vector<StepState> states(steps.size());
  std::vector<bool> cleared(steps.size());  // nothing that comes after it waits
  for (const std::size_t i : InOrder(before)) {
    const bool may = std::all_of(before[i].begin(), before[i].end(), [&](std::size_t j) { return cleared[j]; });
    states[i] = may ? StepState::kOpen : StepState::kWaiting;
    if (IsSettled(steps[i])) states[i] = steps[i].state;
    cleared[i] = states[i] == StepState::kDone || (states[i] == StepState::kSkipped && may);
  }
  return states;
}

std::vector<std::size_t> StandingOn(const std::vector<PlanStep>& steps, std::size_t step) {
  const Edges after = AfterEach(BeforeEach(steps));
  std::vector<bool> found(steps.size());
  std::vector<std::size_t> standing = after[step];
  for (std::size_t at = 0; at < standing.size(); ++at) {
    const std::size_t one = standing[at];
    if (found[one]) continue;
    found[one] = true;
    standing.insert(standing.end(), after[one].begin(), after[one].end());
  }
  std::sort(standing.begin(), standing.end());
  standing.erase(std::unique(standing.begin(), standing.end()), standing.end());
  return standing;
}

Forecast ForecastOf(const std::vector<PlanStep>& steps, absl::CivilDay today) {
  const Edges before = BeforeEach(steps);
  Forecast forecast;
  forecast.finish.resize(steps.size());
  Deciding decides(steps.size());
  std::optional<std::size_t> last;
  for (const std::size_t i : InOrder(before)) {
    const PlanStep& step = steps[i];
    if (step.state != StepState::kDone) decides[i] = LongestOf(steps, before[i], decides, forecast.finish);
    if (IsSettled(step)) {
      forecast.finish[i] = step.day;
      continue;
    }
    const absl::CivilDay begin = decides[i].has_value() ? forecast.finish[*decides[i]] : today;
    const calendar::DayResult end =
        calendar::WorkingDays::China().AddWorkdays(step.state == StepState::kOpen ? step.day : begin, step.workdays);
    forecast.finish[i] = std::max(end.day, today);
    forecast.provisional = forecast.provisional || end.provisional;
    if (!last.has_value() || forecast.finish[i] > forecast.finish[*last]) last = i;
  }
  for (std::optional<std::size_t> at = last; at.has_value(); at = decides[*at]) forecast.critical.push_back(*at);
  std::reverse(forecast.critical.begin(), forecast.critical.end());
  if (last.has_value()) forecast.last = forecast.finish[*last];
  for (std::size_t i = 0; i < steps.size() && !last.has_value(); ++i) {
    if (steps[i].state == StepState::kDone)
      forecast.last = std::max(forecast.last.value_or(steps[i].day), steps[i].day);
  }
  return forecast;
}

}  // namespace xxt::intake
