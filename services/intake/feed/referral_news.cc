#include "services/intake/feed/referral_news.h"

#include <algorithm>
#include <initializer_list>

#include "common/edge/sentinels.h"
#include "common/rpc/timestamp.h"

namespace xxt::intake::feed {
namespace {

using Report = v1::ReportReferralRequest;
using News = v1::ReferralNews;

// What is known of the report's referral; null if nothing is.
const News* NewsOf(const Report& report, const v1::Case& found) {
  const auto news = found.referrals().find(report.referral());
  return news == found.referrals().end() ? nullptr : &news->second;
}

bool IsOlder(const Report& report, std::int64_t version) { return report.version() != 0 && report.version() < version; }

bool IsOlderThanOneOf(const Report& report, const v1::Case& found, std::initializer_list<Report::Kind> kinds) {
  const News* news = NewsOf(report, found);
  return news != nullptr && std::any_of(kinds.begin(), kinds.end(), [&](Report::Kind kind) {
           const auto newest = news->newest().find(kind);
           return newest != news->newest().end() && IsOlder(report, newest->second);
         });
}

bool NamesAnotherDay(const Report& report, const News& news) {
  return report.has_last_safe_day() &&
         (!news.has_last_day() || rpc::FromProto(report.last_safe_day()) != rpc::FromProto(news.last_day()));
}

void NoteLastDay(const Report& report, News& news) {
  if (!report.has_last_safe_day() || IsOlder(report, news.last_day_version())) return;
  if (NamesAnotherDay(report, news)) news.set_last_day_revision(news.last_day_revision() + 1);
  *news.mutable_last_day() = report.last_safe_day();
  news.set_last_day_version(report.version());
}

void NoteOriginals(const Report& report, News& news) {
  if (!report.originals_counted() || IsOlder(report, news.originals_version())) return;
  news.set_unreturned_originals(report.unreturned_originals());
  news.set_originals_version(report.version());
}

bool IsTakenBack(const News& news) { return news.newest().contains(Report::KIND_TAKEN_BACK); }

// The paper is where nobody has it, or where another body looks for it.
void Release(const v1::Case& found, v1::Paper& paper) {
  paper.set_state(v1::Paper::STATE_NEEDED);
  paper.clear_referral();
  paper::NoteSought(found, paper);
}

// What the paper's referral has come to, on the paper.
void UpdatePaper(const Report& report, const v1::Case& found, v1::Paper& paper) {
  if (paper::InHand(paper) || paper.state() == v1::Paper::STATE_NOT_NEEDED) return;
  switch (report.kind()) {
    case Report::KIND_OPENED:
      // A second body may be asked while the first has already found it.
      if (paper.state() == v1::Paper::STATE_LOCATED) return;
      paper.set_state(v1::Paper::STATE_SOURCING);
      paper.set_referral(report.referral());
      return;
    case Report::KIND_ANSWERED:
    case Report::KIND_ROUTE_SHEET:
      paper.set_state(v1::Paper::STATE_LOCATED);
      paper.set_referral(report.referral());
      return;
    case Report::KIND_ENDED:
      if (paper.referral() != report.referral()) return;
      paper.set_state(v1::Paper::STATE_NEEDED);
      paper.clear_referral();
      return;
    case Report::KIND_TAKEN_BACK:
      if (paper.referral() == report.referral()) Release(found, paper);
      return;
    case Report::KIND_PROGRESS:
    case Report::KIND_CUT_OFF_NEAR:
    case Report::KIND_CUT_OFF_PASSED:
    case Report::KIND_VISIT:
    case Report::KIND_INCIDENT:
    case Report::KIND_UNSPECIFIED:
    case XXT_SENTINELS(v1::ReportReferralRequest_Kind_ReportReferralRequest_Kind):
      return;
  }
}

bool IsOver(const Report& report) {
  return report.kind() == Report::KIND_ANSWERED || report.kind() == Report::KIND_ENDED ||
         report.kind() == Report::KIND_TAKEN_BACK;
}

// The state of the referral after the report. What has ended stays so, whatever comes late; an answer stands until it
// is taken back.
News::State StateAfter(const Report& report, const News& news) {
  if (report.kind() == Report::KIND_TAKEN_BACK) return News::STATE_ENDED;
  if (news.state() != News::STATE_OPEN) return news.state();
  if (report.kind() == Report::KIND_ANSWERED) return News::STATE_ANSWERED;
  return report.kind() == Report::KIND_ENDED ? News::STATE_ENDED : News::STATE_OPEN;
}

// Whether the person holds a route sheet after the report: not one to a body that has taken back what it had answered.
void NoteRouteSheet(const Report& report, const News& news, v1::Case& found) {
  if (report.kind() == Report::KIND_ROUTE_SHEET && !IsTakenBack(news)) found.set_holds_route_sheet(true);
  if (report.kind() != Report::KIND_TAKEN_BACK || !news.newest().contains(Report::KIND_ROUTE_SHEET)) return;
  const auto& all = found.referrals();
  const bool another = std::any_of(all.begin(), all.end(), [](const auto& one) {
    return one.second.newest().contains(Report::KIND_ROUTE_SHEET) && !IsTakenBack(one.second);
  });
  if (!another) found.set_holds_route_sheet(false);
}

// What people are shown of the referrals.
void ShowReferrals(v1::Case& found) {
  found.clear_open_referrals();
  for (const auto& [name, news] : found.referrals()) {
    if (news.state() == News::STATE_OPEN) found.add_open_referrals(name);
  }
  std::sort(found.mutable_open_referrals()->begin(), found.mutable_open_referrals()->end());
  v1::Effort& effort = *found.mutable_effort();
  effort.set_referrals(static_cast<int>(found.referrals_size()));
  effort.clear_answers();
  effort.clear_hops();
  for (const auto& [name, news] : found.referrals()) {
    effort.set_hops(effort.hops() + news.hops());
    if (news.state() == News::STATE_ANSWERED) effort.set_answers(effort.answers() + 1);
  }
}

}  // namespace

bool Opens(const Report& report, const v1::Case& found) { return !IsOver(report) && NewsOf(report, found) == nullptr; }

bool IsOvertaken(const Report& report, const v1::Case& found) {
  const News* news = NewsOf(report, found);
  if (report.kind() == Report::KIND_ANSWERED || report.kind() == Report::KIND_ROUTE_SHEET) {
    return IsOlderThanOneOf(report, found, {report.kind(), Report::KIND_TAKEN_BACK});
  }
  if (report.kind() != Report::KIND_CUT_OFF_NEAR) return IsOlderThanOneOf(report, found, {report.kind()});
  if (news != nullptr && NamesAnotherDay(report, *news) && IsOlder(report, news->last_day_version())) return true;
  return IsOlderThanOneOf(report, found, {report.kind(), Report::KIND_CUT_OFF_PASSED});
}

bool IsLateForAction(const Report& report, const v1::Case& found) {
  if (report.kind() == Report::KIND_INCIDENT) return false;
  if (report.kind() == Report::KIND_TAKEN_BACK) return IsOlderThanOneOf(report, found, {report.kind()});
  return IsOlderThanOneOf(report, found,
                          {Report::KIND_ANSWERED, Report::KIND_ENDED, Report::KIND_ROUTE_SHEET,
                           Report::KIND_CUT_OFF_NEAR, Report::KIND_CUT_OFF_PASSED, Report::KIND_TAKEN_BACK});
}

v1::Paper* Apply(const Report& report, v1::Case& found, paper::Papers& papers) {
  const bool is_new = NewsOf(report, found) == nullptr;
  News& news = (*found.mutable_referrals())[report.referral()];
  if (is_new) news.set_state(News::STATE_OPEN);
  std::int64_t& newest = (*news.mutable_newest())[report.kind()];
  if (report.kind() == Report::KIND_VISIT && !IsOlder(report, newest)) news.set_open_visits(report.open_visits());
  newest = std::max(newest, report.version());
  NoteLastDay(report, news);
  NoteOriginals(report, news);
  news.set_hops(std::max(news.hops(), report.hops()));
  if (news.paper_title().empty()) news.set_paper_title(report.paper_title());
  if (!report.body().empty()) news.set_body(report.body());
  if (report.takes_over()) news.set_takes_over(true);
  const bool was_over = news.state() != News::STATE_OPEN;
  NoteRouteSheet(report, news, found);
  news.set_state(StateAfter(report, news));
  ShowReferrals(found);
  // Late news of a referral that is over changes no paper, but for what it led to, and what is not so any more.
  const bool led_on = report.kind() == Report::KIND_ROUTE_SHEET && !IsTakenBack(news);
  if (was_over && !led_on && report.kind() != Report::KIND_TAKEN_BACK) return nullptr;
  v1::Paper* paper = report.paper_title().empty() ? nullptr : paper::Find(papers, report.paper_title());
  if (paper == nullptr) return nullptr;
  const v1::Paper before = *paper;
  UpdatePaper(report, found, *paper);
  const bool same = paper->state() == before.state() && paper->referral() == before.referral();
  return same ? nullptr : paper;
}

std::int64_t DaysNamed(const Report& report, const v1::Case& found) {
  const News* news = NewsOf(report, found);
  return news == nullptr ? 0 : news->last_day_revision();
}

bool IsNews(const v1::ReportMessageRequest& report, v1::Case& found) {
  if (report.version() == 0) return true;
  v1::MessageNews& news = (*found.mutable_messages())[report.message()];
  if (report.version() < news.version()) return false;
  news.set_version(report.version());
  return true;
}

}  // namespace xxt::intake::feed
