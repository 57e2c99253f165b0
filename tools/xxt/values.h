#ifndef XXT_TOOLS_XXT_VALUES_H_
#define XXT_TOOLS_XXT_VALUES_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/xxt/convert.h"

namespace xxt::cli {

// The variables of a scenario, put into the values of its steps.
//
// "${name}" anywhere in a text is replaced; a text that is nothing else
// becomes the variable's value, whatever its type. "${case.parties[0].name}"
// reaches into it. A day ({year, month, day}) has ".iso" and ".zh" besides, a
// text that is a time (RFC 3339) ".zh".
//
// {today_plus: "-10y+80d"} becomes a day, {now_plus: "2h"} a time; the latter
// takes {at: "10:00"} for the time of that day. Both count from business time.
// {day: DAY, plus: "-30d"} becomes another day, with {at: "09:05"} a time.
class Values {
 public:
  explicit Values(std::function<absl::Time()> now) : now_(std::move(now)) {}

  void Set(const std::string& name, Json value) { values_[name] = std::move(value); }
  bool Has(const std::string& name) const { return values_.count(name) > 0; }

  // `value` with everything filled in.
  // Errors: INVALID_ARGUMENT naming the variable that is not there.
  absl::StatusOr<Json> Fill(const Json& value) const;
  absl::StatusOr<std::string> FillText(const std::string& text) const;

 private:
  absl::StatusOr<Json> Lookup(const std::string& path) const;
  absl::StatusOr<Json> FillString(const std::string& text) const;
  absl::StatusOr<Json> Compute(const Json& value) const;
  absl::StatusOr<Json> ComputeFromDay(const Json& value) const;

  std::function<absl::Time()> now_;
  std::map<std::string, Json> values_;
};

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_VALUES_H_
