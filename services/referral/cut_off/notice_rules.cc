#include "services/referral/cut_off/notice_rules.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"

namespace xxt::referral {
namespace {

// Of a body's cut-off: until then, and what if not.
absl::string_view After(const RecordedCutOff& cut_off) { return cut_off.irrevocable ? "，过期不再补办" : ""; }

bool IsSafeDayOver(const RecordedCutOff& cut_off, absl::Time now) {
  return calendar::ToCivilDay(now) > cut_off.cut_off.last_safe_day;
}

}  // namespace

std::string CutOffSummary(absl::string_view body_title, const RecordedCutOff& cut_off, absl::Time now) {
  if (HasLapsed(cut_off.cut_off, now)) {
    return absl::StrCat(body_title, "的办理期限（", calendar::DayInWords(cut_off.cut_off.last_day), "）已过");
  }
  const std::string safe_day = calendar::DayInWords(cut_off.cut_off.last_safe_day);
  if (!IsSafeDayOver(cut_off, now)) return absl::StrCat(body_title, "最晚办理日：", safe_day);
  return absl::StrCat(body_title, "最晚办理日（", safe_day, "）已过，规定的期限到",
                      calendar::DayInWords(cut_off.cut_off.last_day), "为止");
}

std::string CutOffNotice(absl::string_view body_title, const RecordedCutOff& cut_off, bool corrected, absl::Time now) {
  const std::string line = absl::StrCat(corrected ? "更正：" : "", CutOffSummary(body_title, cut_off, now));
  if (HasLapsed(cut_off.cut_off, now)) {
    return absl::StrCat(line, cut_off.irrevocable ? "，不再补办" : "", "，请联系当事人，商量别的办法");
  }
  return absl::StrCat(line, After(cut_off), IsSafeDayOver(cut_off, now) ? "，请马上联系当事人" : "，请确认当事人已办");
}

std::string LastDayOnSheet(const RecordedCutOff& cut_off, absl::Time now) {
  const std::string last = calendar::DayInWords(cut_off.cut_off.last_safe_day);
  if (HasLapsed(cut_off.cut_off, now)) {
    return absl::StrCat("办理期限（", calendar::DayInWords(cut_off.cut_off.last_day), "）已过，\n去之前请先问窗口。");
  }
  if (IsSafeDayOver(cut_off, now)) {
    return absl::StrCat("最晚办理日（", last, "）已过，\n去之前请先问窗口。");
  }
  return absl::StrCat("最晚办理日：", last, cut_off.irrevocable ? "\n过期不再补办！" : "\n请在这一天或之前办理。",
                      cut_off.cut_off.provisional ? "\n（放假安排公布后可能提前，请尽早办理）" : "");
}

}  // namespace xxt::referral
