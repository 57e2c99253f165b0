#include "tools/xxt/values.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/status/macros.h"
#include "tools/xxt/text_time.h"

namespace xxt::cli {
namespace {

bool IsDay(const Json& value) { return value.is_object() && value.contains("year") && value.contains("month"); }

absl::CivilDay ToDay(const Json& value) {
  return absl::CivilDay(value.value("year", 0), value.value("month", 1), value.value("day", 1));
}

Json FromDay(absl::CivilDay day) { return Json{{"year", day.year()}, {"month", day.month()}, {"day", day.day()}}; }

// The moment of `day` at which it is "09:05".
absl::StatusOr<Json> MomentOf(absl::CivilDay day, const std::string& at) {
  XXT_ASSIGN_OR_RETURN(const absl::Time moment,
                       NextAt(at, /*workday=*/false, calendar::StartOfDay(day) - absl::Seconds(1)));
  return Json(ToRfc3339(moment));
}

// ".iso" and ".zh" of days and times; null for anything else.
Json Spelled(const Json& value, const std::string& how) {
  if (IsDay(value)) {
    const absl::CivilDay day = ToDay(value);
    if (how == "zh") return ToChinese(day);
    if (how == "iso") return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
  }
  absl::Time time;
  std::string error;
  if (how == "zh" && value.is_string() &&
      absl::ParseTime(absl::RFC3339_full, value.get<std::string>(), &time, &error)) {
    return ToChinese(time);
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Json> Values::Lookup(const std::string& path) const {
  const std::size_t end = path.find_first_of(".[");
  const auto found = values_.find(path.substr(0, end));
  if (found == values_.end()) return absl::InvalidArgumentError(absl::StrCat("there is no ${", path, "}"));
  if (end == std::string::npos) return found->second;
  const std::string rest = path.substr(path[end] == '.' ? end + 1 : end);
  if (Json value = ValueAt(found->second, rest); !value.is_null()) return value;
  const std::size_t dot = rest.rfind('.');
  const Json parent = dot == std::string::npos ? found->second : ValueAt(found->second, rest.substr(0, dot));
  if (Json spelled = Spelled(parent, rest.substr(dot == std::string::npos ? 0 : dot + 1)); !spelled.is_null()) {
    return spelled;
  }
  return absl::InvalidArgumentError(absl::StrCat("there is no ${", path, "}"));
}

absl::StatusOr<Json> Values::FillString(const std::string& text) const {
  std::string filled;
  std::size_t at = 0;
  for (std::size_t begin = text.find("${"); begin != std::string::npos; begin = text.find("${", at)) {
    const std::size_t end = text.find('}', begin);
    if (end == std::string::npos) return absl::InvalidArgumentError(absl::StrCat("no } in '", text, "'"));
    XXT_ASSIGN_OR_RETURN(Json value, Lookup(text.substr(begin + 2, end - begin - 2)));
    if (begin == 0 && end + 1 == text.size()) return value;
    absl::StrAppend(&filled, text.substr(at, begin - at), value.is_string() ? value.get<std::string>() : value.dump());
    at = end + 1;
  }
  return Json(filled + text.substr(at));
}

absl::StatusOr<Json> Values::Compute(const Json& value) const {
  const bool day = value.contains("today_plus");
  XXT_ASSIGN_OR_RETURN(const std::string text, FillText(value[day ? "today_plus" : "now_plus"].get<std::string>()));
  XXT_ASSIGN_OR_RETURN(const CalendarStep step, ParseStep(text));
  const absl::Time then = Add(now_(), step);
  if (day) return FromDay(Add(calendar::ToCivilDay(now_()), step));
  if (!value.contains("at")) return Json(ToRfc3339(then));
  return MomentOf(calendar::ToCivilDay(then), value["at"].get<std::string>());
}

absl::StatusOr<Json> Values::ComputeFromDay(const Json& value) const {
  XXT_ASSIGN_OR_RETURN(const Json from, Fill(value["day"]));
  XXT_ASSIGN_OR_RETURN(const CalendarStep step, ParseStep(value["plus"].get<std::string>()));
  if (!IsDay(from)) return absl::InvalidArgumentError(absl::StrCat(value.dump(), ": day is no day"));
  const absl::CivilDay day = Add(ToDay(from), step);
  if (!value.contains("at")) return FromDay(day);
  return MomentOf(day, value["at"].get<std::string>());
}

absl::StatusOr<Json> Values::Fill(const Json& value) const {
  if (value.is_string()) return FillString(value.get<std::string>());
  if (value.is_object() && (value.contains("today_plus") || value.contains("now_plus"))) return Compute(value);
  if (value.is_object() && value.contains("day") && value.contains("plus")) return ComputeFromDay(value);
  Json filled = value;
  for (auto& item : filled) {
    if (!value.is_structured()) break;
    XXT_ASSIGN_OR_RETURN(item, Fill(item));
  }
  return filled;
}

absl::StatusOr<std::string> Values::FillText(const std::string& text) const {
  XXT_ASSIGN_OR_RETURN(const Json filled, FillString(text));
  return filled.is_string() ? filled.get<std::string>() : filled.dump();
}

}  // namespace xxt::cli
