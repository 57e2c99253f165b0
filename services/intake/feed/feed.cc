#include "services/intake/feed/feed.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "common/calendar/in_words.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "common/fault/crash_point.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/tell.h"
#include "services/intake/contact/contact.h"
#include "services/intake/feed/referral_news.h"
#include "services/intake/hall/hall.h"
#include "services/intake/paper/paper.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"

namespace xxt::intake {
namespace feed {
namespace {

using Report = v1::ReportReferralRequest;

constexpr char kTellOtherwise[] = "电话未能联系上当事人，另想办法告知";

const char* EventType(Report::Kind kind) {
  switch (kind) {
    case Report::KIND_OPENED:
      return "case.referral_opened.v1";
    case Report::KIND_ANSWERED:
      return "case.referral_answered.v1";
    case Report::KIND_ENDED:
      return "case.referral_ended.v1";
    case Report::KIND_TAKEN_BACK:
      return "case.referral_taken_back.v1";
    case Report::KIND_ROUTE_SHEET:
      return "case.route_sheet_ready.v1";
    case Report::KIND_CUT_OFF_NEAR:
      return "case.cut_off_near.v1";
    case Report::KIND_CUT_OFF_PASSED:
      return "case.cut_off_passed.v1";
    case Report::KIND_PROGRESS:
    case Report::KIND_VISIT:
    case Report::KIND_INCIDENT:
    case Report::KIND_UNSPECIFIED:
    case XXT_SENTINELS(v1::ReportReferralRequest_Kind_ReportReferralRequest_Kind):
      break;
  }
  return "case.referral_progressed.v1";
}

// Whether the last safe day is over.
bool IsPast(const Report& report, absl::Time now) {
  return report.has_last_safe_day() && rpc::FromProto(report.last_safe_day()) < calendar::ToCivilDay(now);
}

std::string IdOf(absl::string_view referral) { return std::string(absl::StripPrefix(referral, "referrals/")); }

// The body's name, for the words of a message.
std::string BodyOf(const Report& report) { return report.body_title().empty() ? "外部单位" : report.body_title(); }

// What the owner does about it; empty: what was planned. It is read whenever
// they look, so it names a day by its date.
std::string ActionAfter(const Report& report, absl::Time now) {
  switch (report.kind()) {
    case Report::KIND_ANSWERED:
      return "外部单位已答复，告知当事人并安排下一步";
    case Report::KIND_ENDED:
      return "协查未果，寻找下一家";
    case Report::KIND_TAKEN_BACK:
      return "已告知的答复有误，请联系当事人";
    case Report::KIND_ROUTE_SHEET:
      return IsPast(report, now) ? "办理路线已备好，但最晚办理日已过，请当面与当事人商量"
                                 : "办理路线已备好，告知当事人";
    case Report::KIND_CUT_OFF_NEAR:
      if (IsPast(report, now)) return "最晚办理日已过，请马上联系当事人";
      return absl::StrCat(BodyOf(report), "最晚办理日：", calendar::DayInWords(rpc::FromProto(report.last_safe_day())),
                          "，尽快联系当事人，确认是否已办");
    case Report::KIND_CUT_OFF_PASSED:
      return "办理期限已过，请联系当事人，商量别的办法";
    case Report::KIND_INCIDENT:
      return "陪同途中出了情况，请马上联系陪同人员和窗口负责人";
    case Report::KIND_OPENED:
    case Report::KIND_PROGRESS:
    case Report::KIND_VISIT:
    case Report::KIND_UNSPECIFIED:
    case XXT_SENTINELS(v1::ReportReferralRequest_Kind_ReportReferralRequest_Kind):
      break;
  }
  return "";
}

// Sets the owner's next action for the next moment the hall is open.
absl::Status ActNext(Tx& tx, v1::Case& open, absl::string_view summary) {
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, open.hall()));
  cases::SetNextAction(tx, open, summary, hours.NextOpen(tx.now));
  return absl::OkStatus();
}

void TellOfRouteSheet(Tx& tx, const v1::Case& found, const Report& report) {
  const std::string event = absl::StrCat("route-sheet.", IdOf(report.referral()), ".", report.route_sheet_version());
  const messages::Parameter body = cases::Named("body", BodyOf(report));
  if (report.has_last_safe_day()) {
    const absl::CivilDay last_day = rpc::FromProto(found.referrals().at(report.referral()).last_day());
    if (last_day >= calendar::ToCivilDay(tx.now)) {
      return cases::TellApplicant(tx, found, "route-sheet-ready", event, {body, cases::Named("last_day", last_day)},
                                  report.referral());
    }
  }
  cases::TellApplicant(tx, found, "route-sheet-plain", event, {body});
}

// `event`: what of the referral is told.
void TellOfLastDay(Tx& tx, const v1::Case& found, const Report& report, const char* template_id,
                   absl::string_view event) {
  const absl::CivilDay last_day = rpc::FromProto(report.last_safe_day());
  cases::TellApplicant(tx, found, template_id, absl::StrCat(event, ".", DaysNamed(report, found)),
                       {cases::Named("body", BodyOf(report)), cases::Named("last_day", last_day)}, report.referral());
}

// What the person is told is true when it is told, or a person speaks with them
// (ActionAfter). Each event names what it tells, so that another day, the same
// one again after another, or another sheet is told as well. `corrected`: the
// person may have been told another last day, so this one is told even when it
// is past: somebody calls.
void TellOf(Tx& tx, const v1::Case& found, const Report& report, bool corrected) {
  const std::string id = IdOf(report.referral());
  const bool open = cases::IsOpen(found);
  const bool past = IsPast(report, tx.now);
  if (report.kind() == Report::KIND_ANSWERED) {
    cases::TellApplicant(tx, found, "referral-answered", absl::StrCat("referral-answered.", id),
                         {cases::Named("body", BodyOf(report))});
  }
  if (report.kind() == Report::KIND_ROUTE_SHEET) TellOfRouteSheet(tx, found, report);
  if (corrected && open && (report.kind() != Report::KIND_ROUTE_SHEET || past)) {
    TellOfLastDay(tx, found, report, "last-day-corrected", absl::StrCat("last-day.", id));
  } else if (report.kind() == Report::KIND_CUT_OFF_NEAR && open && !past) {
    const absl::CivilDay last = rpc::FromProto(report.last_safe_day());
    const std::int64_t days = last - calendar::ToCivilDay(tx.now);
    TellOfLastDay(tx, found, report, "cut-off-near",
                  absl::StrCat("cut-off.", id, ".", absl::FormatCivilTime(last), ".", days));
  }
}

struct Fate {
  v1::Contact::Result result;
  const char* words;
};

// `doubted`: a text message before it may have arrived.
Fate FateOf(v1::ReportMessageRequest::Kind kind, bool doubted) {
  switch (kind) {
    case v1::ReportMessageRequest::KIND_DELIVERED:
      return {v1::Contact::RESULT_REACHED, "通知已送达"};
    case v1::ReportMessageRequest::KIND_HANDED_TO_STAFF:
      if (doubted) return {v1::Contact::RESULT_IN_DOUBT, "短信是否送达不明，已转人工联系"};
      return {v1::Contact::RESULT_NOT_REACHED, "通知未送达，已转人工联系"};
    case v1::ReportMessageRequest::KIND_NOT_REACHED:
      if (doubted) return {v1::Contact::RESULT_IN_DOUBT, "短信是否送达不明，多次拨打未联系上"};
      return {v1::Contact::RESULT_NOT_REACHED, "通知未送达，多次拨打未联系上"};
    case v1::ReportMessageRequest::KIND_IN_DOUBT:
    case v1::ReportMessageRequest::KIND_UNSPECIFIED:
    case XXT_SENTINELS(v1::ReportMessageRequest_Kind_ReportMessageRequest_Kind):
      break;
  }
  return {v1::Contact::RESULT_IN_DOUBT, "通知是否送达不明，待人工确认"};
}

// The owner's next action after news of a message.
absl::Status ActOnFate(Tx& tx, v1::Case& open, v1::ReportMessageRequest::Kind kind) {
  if (kind == v1::ReportMessageRequest::KIND_NOT_REACHED) return ActNext(tx, open, kTellOtherwise);
  const bool was_asked_to = open.next_action().summary() == kTellOtherwise;
  if (kind != v1::ReportMessageRequest::KIND_DELIVERED || !was_asked_to) return absl::OkStatus();
  return ActNext(tx, open, "当事人后来收到了通知，安排下一步");
}

// Kin may know of it; whether they do changes nothing of what the person was told.
bool IsOfKin(const v1::Case& about, const v1::ReportMessageRequest& report) {
  return !report.audience().empty() && report.audience() != cases::ApplicantOf(about).name();
}

v1::Contact ContactOf(const v1::ReportMessageRequest& report, bool of_kin, const Fate& fate, absl::Time now) {
  v1::Contact contact;
  contact.set_channel(report.channel());
  contact.set_counterpart(of_kin ? v1::Contact::COUNTERPART_KIN : v1::Contact::COUNTERPART_APPLICANT);
  contact.set_direction(v1::Contact::DIRECTION_OUTBOUND);
  contact.set_result(fate.result);
  const std::string prefix = fate.result == v1::Contact::RESULT_REACHED ? "" : absl::StrCat("（", fate.words, "）");
  contact.set_summary(absl::StrCat(prefix, report.text().empty() ? "通知" : report.text()));
  rpc::ToProto(std::min(rpc::FromProto(report.occur_time()), now), contact.mutable_occur_time());
  return contact;
}

// Of a referral that the case has not heard of. What is refused here is withdrawn before the body is asked.
absl::Status CheckOpening(const v1::Case& found) {
  // It was open when the body was to be asked: nobody is asked for it now.
  if (!cases::IsOpen(found)) return errors::StateForbids(found.name(), "诉求已办结", "the case is closed");
  return edge::CheckRoom(found, "referrals");
}

}  // namespace

absl::Status TakeReferral(Tx& tx, const Report& report, v1::ReportReferralResponse& response) {
  if (report.kind() == Report::KIND_CUT_OFF_NEAR && !report.has_last_safe_day()) {
    return errors::FieldInvalid("last_safe_day", "不能为空", "is required for CUT_OFF_NEAR");
  }
  XXT_ASSIGN_OR_RETURN(v1::Case found, cases::Lock(tx, report.case_name()));
  if (Opens(report, found)) XXT_RETURN_IF_ERROR(CheckOpening(found));
  const bool overtaken = IsOvertaken(report, found);
  const bool late = IsLateForAction(report, found);
  const std::int64_t days_named = DaysNamed(report, found);
  paper::Papers papers;
  if (!report.paper_title().empty()) {
    XXT_ASSIGN_OR_RETURN(papers, paper::LoadAll(tx, found));
  }
  if (v1::Paper* moved = Apply(report, found, papers)) tx.Save(paper::kPapers, *moved);
  const bool corrected = days_named > 0 && DaysNamed(report, found) > days_named;
  XXT_CRASH_POINT("intake.report_applied");
  const std::string action = ActionAfter(report, tx.now);
  if (cases::IsOpen(found) && !action.empty() && !late) XXT_RETURN_IF_ERROR(ActNext(tx, found, action));
  if (!overtaken) TellOf(tx, found, report, corrected);
  // The reviewer was faster than the report.
  const v1::ReferralNews& news = found.referrals().at(report.referral());
  if (!cases::IsOpen(found) && (news.open_visits() > 0 || news.unreturned_originals() > 0)) {
    cases::AskOwner(tx, found, cases::kDeadTaskKind, found.name(),
                    absl::StrCat("诉求已办结，但还有人没送回家，或原件没还：", found.display_code()));
  }
  // Beside the next action, which the next body's answer may set anew before anybody has called.
  if (report.kind() == Report::KIND_TAKEN_BACK && !late) {
    cases::AskOwner(tx, found, cases::kDeadTaskKind, absl::StrCat(found.name(), "/referrals/", IdOf(report.referral())),
                    absl::StrCat("外单位收回了答复，请联系当事人：", found.display_code()));
  }
  response.set_owner(found.owner());
  *response.mutable_former_owners() = found.former_owners();
  cases::Save(tx, found, EventType(report.kind()), report.summary());
  return absl::OkStatus();
}

absl::Status TakeMessage(Tx& tx, const v1::ReportMessageRequest& report, v1::ReportMessageResponse&) {
  XXT_ASSIGN_OR_RETURN(v1::Case found, cases::Lock(tx, report.case_name()));
  const bool is_news = IsNews(report, found);
  v1::MessageNews& news = (*found.mutable_messages())[report.message()];
  news.set_in_doubt(news.in_doubt() || report.kind() == v1::ReportMessageRequest::KIND_IN_DOUBT);
  const Fate fate = FateOf(report.kind(), news.in_doubt());
  const bool of_kin = IsOfKin(found, report);
  v1::Contact contact = ContactOf(report, of_kin, fate, tx.now);
  XXT_CRASH_POINT("intake.before_contact");
  contact::Add(tx, found, contact);
  if (is_news && !of_kin && cases::IsOpen(found)) XXT_RETURN_IF_ERROR(ActOnFate(tx, found, report.kind()));
  if (is_news && !cases::IsOpen(found) && report.kind() == v1::ReportMessageRequest::KIND_NOT_REACHED) {
    cases::AskOwner(tx, found, cases::kDeadTaskKind, contact.name(),
                    absl::StrCat("诉求已办结，但还有一条通知没能告知：", found.display_code()));
  }
  cases::Save(tx, found, "case.message_reported.v1", absl::StrCat(is_news ? "" : "（迟到的回报）", fate.words));
  return absl::OkStatus();
}

}  // namespace feed

namespace {

class Service final : public edge::Serves<v1::FeedService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(ReportReferral, ReportReferralResponse, feed::TakeReferral)
  XXT_CHANGE(ReportMessage, ReportMessageResponse, feed::TakeMessage)
};

}  // namespace

edge::Slice FeedSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
