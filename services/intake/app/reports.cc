#include "services/intake/app/reports.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/shanghai_time.h"
#include "common/fault/crash_point.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/intake/app/case_change.h"
#include "services/intake/app/case_tasks.h"
#include "services/intake/app/tell_tasks.h"
#include "services/intake/cases/root.h"
#include "services/intake/hall/hall.h"

namespace xxt::intake::app {
namespace {

using Kind = ReferralReport::Kind;
using contact::v1::Contact;

constexpr char kTellOtherwise[] = "电话未能联系上当事人，另想办法告知";

const char* EventType(Kind kind) {
  switch (kind) {
    case Kind::kOpened:
      return "case.referral_opened.v1";
    case Kind::kProgress:
      return "case.referral_progressed.v1";
    case Kind::kAnswered:
      return "case.referral_answered.v1";
    case Kind::kEnded:
      return "case.referral_ended.v1";
    case Kind::kRouteSheet:
      return "case.route_sheet_ready.v1";
    case Kind::kCutOffNear:
      return "case.cut_off_near.v1";
    case Kind::kCutOffPassed:
      return "case.cut_off_passed.v1";
  }
  return "case.referral_progressed.v1";
}

// Whether the last safe day is over.
bool IsPast(const ReferralReport& report, absl::Time now) {
  return report.last_safe_day.has_value() && *report.last_safe_day < calendar::ToCivilDay(now);
}

std::string IdOf(absl::string_view referral) { return std::string(absl::StripPrefix(referral, "referrals/")); }

// The body's name, for the words of a message.
std::string BodyOf(const ReferralReport& report) { return report.body_title.empty() ? "外部单位" : report.body_title; }

// What the owner does about it; empty: what was planned. It is read whenever
// they look, so it names a day by its date.
std::string ActionAfter(const ReferralReport& report, absl::Time now) {
  switch (report.kind) {
    case Kind::kAnswered:
      return "外部单位已答复，告知当事人并安排下一步";
    case Kind::kEnded:
      return "协查未果，寻找下一家";
    case Kind::kRouteSheet:
      return IsPast(report, now) ? "办理路线已备好，但最晚办理日已过，请当面与当事人商量"
                                 : "办理路线已备好，告知当事人";
    case Kind::kCutOffNear:
      if (IsPast(report, now)) return "最晚办理日已过，请马上联系当事人";
      return absl::StrCat(BodyOf(report), "最晚办理日 ", absl::FormatCivilTime(*report.last_safe_day),
                          "，尽快联系当事人，确认是否已办");
    case Kind::kCutOffPassed:
      return "办理期限已过，请联系当事人，商量别的办法";
    case Kind::kOpened:
    case Kind::kProgress:
      break;
  }
  return "";
}

// Sets the owner's next action for the next moment the hall is open.
absl::Status ActNext(pg::Session& session, Case& open, absl::string_view summary, absl::Time now) {
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(session, open.hall));
  SetNextAction(session, open, {std::string(summary), hours.NextOpen(now)});
  return absl::OkStatus();
}

// How often the last day of the report's referral was named otherwise.
std::int64_t DaysNamed(const ReferralReport& report, const Case& found) {
  const auto known = found.referrals.find(report.referral);
  return known == found.referrals.end() ? 0 : known->second.last_day_revision;
}

void TellOfRouteSheet(pg::Session& session, const Case& found, const ReferralReport& report, absl::Time now) {
  const std::string event = absl::StrCat("route-sheet.", IdOf(report.referral), ".", report.route_sheet_version);
  Message message{"route-sheet-plain", event, {{"body", BodyOf(report)}}};
  const std::optional<absl::CivilDay> last_day = found.referrals.at(report.referral).last_day;
  if (report.last_safe_day.has_value() && *last_day >= calendar::ToCivilDay(now)) {
    message.template_id = "route-sheet-ready";
    message.referral = report.referral;
    message.parameters["last_day"] = *last_day;
  }
  TellApplicant(session, found, message);
}

// `event`: what of the referral is told.
void TellOfLastDay(pg::Session& session, const Case& found, const ReferralReport& report, const char* template_id,
                   absl::string_view event) {
  TellApplicant(session, found,
                {template_id,
                 absl::StrCat(event, ".", DaysNamed(report, found)),
                 {{"body", BodyOf(report)}, {"last_day", *report.last_safe_day}},
                 report.referral});
}

// What the person is told is true when it is told, or a person speaks with them
// (ActionAfter). Each event names what it tells, so that another day, the same
// one again after another, or another sheet is told as well. `corrected`: the
// person may have been told another last day, so this one is told even when it
// is past: somebody calls.
void TellOf(pg::Session& session, const Case& found, const ReferralReport& report, bool corrected, absl::Time now) {
  const std::string id = IdOf(report.referral);
  const bool closed = found.state == CaseState::kClosed;
  const bool past = IsPast(report, now);
  if (report.kind == Kind::kAnswered) {
    TellApplicant(session, found,
                  {"referral-answered", absl::StrCat("referral-answered.", id), {{"body", BodyOf(report)}}});
  }
  if (report.kind == Kind::kRouteSheet) TellOfRouteSheet(session, found, report, now);
  if (corrected && !closed && (report.kind != Kind::kRouteSheet || past)) {
    TellOfLastDay(session, found, report, "last-day-corrected", absl::StrCat("last-day.", id));
  } else if (report.kind == Kind::kCutOffNear && !closed && !past) {
    const std::int64_t days = *report.last_safe_day - calendar::ToCivilDay(now);
    TellOfLastDay(session, found, report, "cut-off-near",
                  absl::StrCat("cut-off.", id, ".", absl::FormatCivilTime(*report.last_safe_day), ".", days));
  }
}

struct Fate {
  Contact::Result result;
  const char* words;
};

// `doubted`: a text message before it may have arrived.
Fate FateOf(MessageReport::Kind kind, bool doubted) {
  switch (kind) {
    case MessageReport::Kind::kDelivered:
      return {Contact::RESULT_REACHED, "通知已送达"};
    case MessageReport::Kind::kHandedToStaff:
      if (doubted) return {Contact::RESULT_IN_DOUBT, "短信是否送达不明，已转人工联系"};
      return {Contact::RESULT_NOT_REACHED, "通知未送达，已转人工联系"};
    case MessageReport::Kind::kNotReached:
      if (doubted) return {Contact::RESULT_IN_DOUBT, "短信是否送达不明，多次拨打未联系上"};
      return {Contact::RESULT_NOT_REACHED, "通知未送达，多次拨打未联系上"};
    case MessageReport::Kind::kInDoubt:
      break;
  }
  return {Contact::RESULT_IN_DOUBT, "通知是否送达不明，待人工确认"};
}

// The owner's next action after news of a message.
absl::Status ActOnFate(pg::Session& session, Case& open, MessageReport::Kind kind, absl::Time now) {
  if (kind == MessageReport::Kind::kNotReached) return ActNext(session, open, kTellOtherwise, now);
  const bool was_asked_to = open.next_action.has_value() && open.next_action->summary == kTellOtherwise;
  if (kind != MessageReport::Kind::kDelivered || !was_asked_to) return absl::OkStatus();
  return ActNext(session, open, "当事人后来收到了通知，安排下一步", now);
}

Contact ToContact(const MessageReport& report, const Fate& fate, absl::Time now) {
  Contact made;
  made.set_channel(report.channel);
  made.set_counterpart(Contact::COUNTERPART_APPLICANT);
  made.set_direction(Contact::DIRECTION_OUTBOUND);
  made.set_result(fate.result);
  const std::string prefix = fate.result == Contact::RESULT_REACHED ? "" : absl::StrCat("（", fate.words, "）");
  made.set_summary(absl::StrCat(prefix, report.text.empty() ? "通知" : report.text));
  rpc::ToProto(std::min(report.occur_time, now), made.mutable_occur_time());
  return made;
}

}  // namespace

absl::Status ReportReferral(pg::Session& session, const identity::Caller& caller, absl::string_view case_name,
                            const ReferralReport& report, absl::Time now) {
  if (report.kind == Kind::kCutOffNear && !report.last_safe_day.has_value()) {
    return errors::FieldInvalid("last_safe_day", "不能为空", "is required for CUT_OFF_NEAR");
  }
  XXT_ASSIGN_OR_RETURN(Case found, LoadForChange(session, caller, case_name, ""));
  // It was open when the body was to be asked: nobody is asked for it now.
  if (found.state == CaseState::kClosed && Opens(report, found)) {
    return errors::StateForbids(found.name(), "事项已办结", "the case is closed");
  }
  const bool overtaken = IsOvertaken(report, found);
  const bool late = IsLateForAction(report, found);
  const std::int64_t days_named = DaysNamed(report, found);
  Apply(report, found);
  const bool corrected = days_named > 0 && DaysNamed(report, found) > days_named;
  XXT_CRASH_POINT("intake.report_applied");
  const std::string action = ActionAfter(report, now);
  if (found.state != CaseState::kClosed && !action.empty() && !late) {
    XXT_RETURN_IF_ERROR(ActNext(session, found, action, now));
  }
  if (!overtaken) TellOf(session, found, report, corrected, now);
  Save(session, caller, found, EventType(report.kind), report.summary, now);
  return absl::OkStatus();
}

absl::Status ReportMessage(Tx& tx, absl::string_view case_name, const MessageReport& report) {
  XXT_ASSIGN_OR_RETURN(Case found, LoadForChange(tx.session, tx.caller, case_name, ""));
  const bool is_news = IsNews(report.message, report.version, found);
  bool& in_doubt = found.messages[report.message].in_doubt;
  in_doubt = in_doubt || report.kind == MessageReport::Kind::kInDoubt;
  const Fate fate = FateOf(report.kind, in_doubt);
  Contact made = ToContact(report, fate, tx.now);
  XXT_CRASH_POINT("intake.before_contact");
  contact::Write(tx, found, made);
  if (is_news && found.state != CaseState::kClosed) {
    XXT_RETURN_IF_ERROR(ActOnFate(tx.session, found, report.kind, tx.now));
  }
  cases::Save(tx, found, "case.message_reported.v1", absl::StrCat(is_news ? "" : "（迟到的回报）", fate.words));
  return absl::OkStatus();
}

}  // namespace xxt::intake::app
