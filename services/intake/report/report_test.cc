#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "services/intake/testing.h"
#include "tests/contract/stop_world.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/dispute.pb.h"
#include "xixinting/intake/v1/follow_up.pb.h"
#include "xixinting/intake/v1/paper.pb.h"
#include "xixinting/intake/v1/promise.pb.h"
#include "xixinting/intake/v1/report.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;

// A hall in which only what a test here does happens.
constexpr char kHall[] = "halls/110102008";

std::string District() { return test::Token("staff/district", "", {"district"}); }
std::string InHall(const std::string& role = "officer") {
  return test::Token(absl::StrCat("staff/", role, "-110102008"), kHall, {role});
}

// Half-open.
struct Days {
  absl::CivilDay first;
  absl::CivilDay end;
  bool Has(absl::CivilDay day) const { return first <= day && day < end; }
  bool Has(const google::protobuf::Timestamp& time) const { return Has(calendar::ToCivilDay(rpc::FromProto(time))); }
};

class HallReportTest : public IntakeTest {
 protected:
  // What a test remembers of a case that no resource of intake says: what bodies did.
  struct Asked {
    std::string end;  // the kind of the first report that ended it
    int hops = 0;
  };
  struct Made {
    std::string name;
    std::map<int, Asked> referrals;
  };

  static std::string DateOf(absl::CivilDay day) {
    return absl::StrCat("{year: ", day.year(), " month: ", day.month(), " day: ", day.day(), "}");
  }
  static std::string Asking(const Days& days, absl::string_view more = "") {
    return absl::StrCat("first_day: ", DateOf(days.first), " end_day: ", DateOf(days.end), " ", more);
  }
  v1::Report Reported(const Days& days, const std::string& token = InHall(), absl::string_view more = "") {
    return Must<v1::Report>("LookupReport", Asking(days, more), token);
  }
  int Any(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  std::string Opened(const char* hall = kHall, const std::string& token = InHall(),
                     const std::string& difficulty = "DIFFICULTY_PAPER_MISSING") {
    return Must<v1::Case>("CreateCase",
                          absl::StrCat("request_id: '$id' case: {title: '缺材料' hall: '", hall, "' service_item: '病退' ",
                                       "difficulties: ", difficulty,
                                       " parties: {role: ROLE_APPLICANT display_name: '某人'}}"),
                          token)
        .name();
  }
  std::string Said(const std::string& about, absl::string_view how, absl::Duration ago = absl::ZeroDuration()) {
    return Must<v1::Contact>("LogContact",
                             absl::StrCat("parent: '", about, "' request_id: '$id' contact: {summary: '说了话' ", how,
                                          " occur_time: {seconds: ", absl::ToUnixSeconds(now() - ago), "}}"),
                             InHall())
        .name();
  }
  static std::string How(int channel, int counterpart, int direction, int result) {
    return absl::StrCat("channel: ", channel, " counterpart: ", counterpart, " direction: ", direction,
                        " result: ", result);
  }
  std::string Heard(const std::string& about) { return Said(about, How(2, 1, 1, 1)); }
  std::string Do(const std::string& method, absl::string_view name, absl::string_view more = "",
                 const std::string& token = InHall()) {
    return ReasonFor(method, absl::StrCat("name: '", name, "' request_id: '$id' ", more), token);
  }

  void SayAnything(const Made& it);
  void Promise(const Made& it);
  void ThinkOfPapers(const Made& it);
  void HearOfABody(Made& it);
  void End(const Made& it);
  void DoAnything(Made& it);
  // Also waits until no promise is open that is due.
  void Pass(absl::Duration by);
  v1::Report CountByHand(const std::vector<Made>& all, const Days& days);

  std::mt19937 random_{20261128};
};

void HallReportTest::SayAnything(const Made& it) {
  const int channels[] = {1, 1, 2, 8};
  std::string how = How(channels[Any(4)], 1 + Any(4), 1 + Any(2), 1 + Any(3));
  const auto before = Must<v1::ListContactsResponse>("ListContacts", absl::StrCat("parent: '", it.name, "'"), InHall());
  if (before.contacts_size() > 0 && Any(4) == 0) absl::StrAppend(&how, " corrects: '", before.contacts(0).name(), "'");
  Said(it.name, how, absl::Hours(Any(40)));
}

void HallReportTest::Promise(const Made& it) {
  const auto about = Must<v1::Case>("GetCase", absl::StrCat("name: '", it.name, "' view: CASE_VIEW_FULL"), InHall());
  const auto made = Call<v1::Promise>(
      "CreatePromise",
      absl::StrCat("parent: '", it.name, "' request_id: '$id' promise: {text: '回话' channel: CHANNEL_PHONE recipient: '",
                   about.parties(0).name(),
                   "' due_time: {seconds: ", absl::ToUnixSeconds(now() + absl::Hours(1 + Any(60))), "}}"),
      InHall());
  if (made.ok() && Any(2) == 0) Do("KeepPromise", made->name());
}

void HallReportTest::ThinkOfPapers(const Made& it) {
  const std::string title = absl::StrCat("title: '材料", Any(3), "' source: '办事指南'");
  const auto gap = Call<v1::Paper>(
      "RecordGap", absl::StrCat("parent: '", it.name, "' request_id: '$id' paper: {", title, "}"), InHall());
  if (gap.ok() && Any(2) == 0) {
    Do("WeighGround", gap->name(), absl::StrCat("ground: 4 source: '条例' finding: ", 1 + Any(2)));
  }
  ReasonFor("IssueChecklist",
            absl::StrCat("parent: '", it.name, "' request_id: '$id' amendment_reason: '漏了' papers: {", title, "}"),
            InHall());
}

void HallReportTest::HearOfABody(Made& it) {
  const char* const kinds[] = {"KIND_OPENED", "KIND_PROGRESS", "KIND_ANSWERED", "KIND_ENDED"};
  const int which = Any(2);
  const std::string kind = it.referrals.count(which) == 0 ? kinds[0] : kinds[1 + Any(3)];
  const int hops = Any(4);
  const std::string told =
      ReasonFor("ReportReferral",
                absl::StrCat("case_name: '", it.name, "' request_id: '$id' summary: '消息' kind: ", kind, " hops: ", hops,
                             " referral: 'referrals/018f0000-0000-4000-8000-00000000000", which, "'"),
                Service());
  if (told != "OK") return;
  Asked& asked = it.referrals[which];
  asked.hops = std::max(asked.hops, hops);
  if (asked.end.empty() && (kind == kinds[2] || kind == kinds[3])) asked.end = kind;
}

// Closes an open case if it can be; of a closed one hears what its person thinks of that.
void HallReportTest::End(const Made& it) {
  const auto about = Must<v1::Case>("GetCase", absl::StrCat("name: '", it.name, "'"), InHall());
  const std::string heard = Heard(it.name);
  if (about.state() == v1::Case::STATE_CLOSED) {
    const auto calls =
        Must<v1::ListFollowUpsResponse>("ListFollowUps", absl::StrCat("parent: '", it.name, "'"), InHall());
    if (Any(3) > 0) {
      Do("CompleteFollowUp", calls.follow_ups(0).name(),
         absl::StrCat("comment: '慢' contact: '", heard, "' rating: ", 1 + Any(5)));
      return;
    }
    const auto filed = Call<v1::Dispute>("FileDispute",
                                         absl::StrCat("parent: '", it.name, "' request_id: '$id' dispute: {ground: ",
                                                      "GROUND_OUTCOME text: '不对' contact: '", heard, "'}"),
                                         InHall());
    if (filed.ok()) Do("AcceptDispute", filed->name());
    return;
  }
  const bool resolved = Any(3) > 0;
  if (resolved) Do("ConfirmOutcome", it.name, absl::StrCat("outcome: {text: '办成了' contact: '", heard, "'}"));
  Do("ProposeClosure", it.name,
     absl::StrCat("closure: {explanation: '说明' told_in: '", heard, "' resolution: ", resolved ? 1 : 4, "}"));
  Do("ReviewClosure", it.name, "decision: DECISION_APPROVE", InHall("leader"));
}

void HallReportTest::DoAnything(Made& it) {
  switch (Any(6)) {
    case 0:
    case 1:
      return SayAnything(it);
    case 2:
      return Promise(it);
    case 3:
      return ThinkOfPapers(it);
    case 4:
      return HearOfABody(it);
    default:
      return End(it);
  }
}

void HallReportTest::Pass(absl::Duration by) {
  Advance(by);
  EXPECT_TRUE(contract::Eventually([&] {
    return Sql(absl::StrCat("SELECT count(*) FROM backbone.task WHERE kind = 'promise.due' AND due <= to_timestamp(",
                            absl::ToUnixSeconds(now()), ")")) == "0";
  }));
}

// One resource after the other, as report.proto tells a stranger to.
v1::Report HallReportTest::CountByHand(const std::vector<Made>& all, const Days& days) {
  int opened = 0, in_time = 0, due = 0, closed = 0, resolved = 0, good = 0, calls = 0, broken = 0, promised = 0;
  int trips = 0, answers = 0, spared = 0, amendments = 0;
  std::vector<int> hops;
  for (const Made& it : all) {
    const std::string of = absl::StrCat("parent: '", it.name, "' page_size: 500");
    const auto about = Must<v1::Case>("GetCase", absl::StrCat("name: '", it.name, "'"), InHall());
    if (days.Has(about.create_time())) {
      ++opened;
      const absl::Time by = rpc::FromProto(about.respond_due_time());
      if (about.has_respond_time() || by <= now()) ++due;
      if (about.has_respond_time() && rpc::FromProto(about.respond_time()) < by) ++in_time;
    }
    for (const auto& one : Must<v1::ListFollowUpsResponse>("ListFollowUps", of, InHall()).follow_ups()) {
      if (one.state() != v1::FollowUp::STATE_DONE || !days.Has(one.end_time())) continue;
      ++calls;
      if (one.rating() != v1::FollowUp::RATING_DISSATISFIED && one.rating() != v1::FollowUp::RATING_VERY_DISSATISFIED) {
        ++good;
      }
    }
    for (const auto& one : Must<v1::ListPromisesResponse>("ListPromises", of, InHall()).promises()) {
      if (one.state() == v1::Promise::STATE_OPEN || !days.Has(one.due_time())) continue;
      ++promised;
      if (one.state() != v1::Promise::STATE_KEPT) ++broken;
    }
    if (about.state() != v1::Case::STATE_CLOSED || !days.Has(about.close_time())) continue;
    ++closed;
    if (about.closure().resolution() == v1::Closure::RESOLUTION_RESOLVED) ++resolved;
    std::set<absl::CivilDay> came;
    for (const auto& one : Must<v1::ListContactsResponse>("ListContacts", of, InHall()).contacts()) {
      const bool person = one.counterpart() == v1::Contact::COUNTERPART_APPLICANT ||
                          one.counterpart() == v1::Contact::COUNTERPART_KIN;
      if (person && one.channel() == ::xixinting::common::v1::CHANNEL_WINDOW && one.corrects().empty() &&
          one.direction() == v1::Contact::DIRECTION_INBOUND && one.result() == v1::Contact::RESULT_REACHED) {
        came.insert(calendar::ToCivilDay(rpc::FromProto(one.occur_time())));
      }
    }
    trips += static_cast<int>(came.size());
    for (const auto& one : Must<v1::ListPapersResponse>("ListPapers", of, InHall()).papers()) {
      if (std::any_of(one.rungs().begin(), one.rungs().end(),
                      [](const auto& rung) { return rung.finding() == v1::Paper::FINDING_SPARES; })) {
        ++spared;
      }
    }
    amendments += about.checklist_amendment_count();
    int passed_on = 0;
    for (const auto& [which, asked] : it.referrals) {
      passed_on += asked.hops;
      if (asked.end == "KIND_ANSWERED") ++answers;
    }
    if (!it.referrals.empty()) hops.push_back(passed_on);
  }
  std::sort(hops.begin(), hops.end());
  v1::Report report;
  const auto rate = [&report](v1::Report::Measure measure, int numerator, int denominator) {
    v1::Report::Rate& it = *report.add_rates();
    it.set_measure(measure);
    it.set_numerator(numerator);
    it.set_denominator(denominator);
    if (denominator > 0) it.set_rate_bp(numerator * 10'000 / denominator);
  };
  rate(v1::Report::MEASURE_RESPONSE, in_time, due);
  rate(v1::Report::MEASURE_RESOLUTION, resolved, closed);
  rate(v1::Report::MEASURE_SATISFACTION, good, calls);
  rate(v1::Report::MEASURE_PROMISES_BROKEN, broken, promised);
  report.set_opened_count(opened);
  report.set_closed_count(closed);
  report.set_trips(trips);
  report.set_trips_spared_by_answers(answers);
  report.set_trips_spared_by_papers(spared);
  report.set_amendments(amendments);
  if (!hops.empty()) report.set_median_hops(hops[(hops.size() - 1) / 2]);
  return report;
}

// What both have: neither days, hall and moment, nor causes.
v1::Report Figures(v1::Report report) {
  report.clear_definition();
  report.clear_hall();
  report.clear_first_day();
  report.clear_end_day();
  report.clear_as_of_time();
  report.clear_causes();
  report.clear_other_causes();
  return report;
}

TEST_F(HallReportTest, SaysWhatOneWouldCountByHandOfAnyCasesOnAnyDays) {
  const absl::CivilDay today = calendar::ToCivilDay(now());
  std::vector<Made> all;
  for (int round = 0; round < 6; ++round) {
    // Some things happen in the first moment of a day.
    const absl::Time midnight = calendar::EndOfDay(calendar::ToCivilDay(now()));
    Pass(round % 2 == 0 ? midnight - now() : absl::Hours(11 + Any(20)));
    for (int i = 0; i < 5; ++i) all.push_back({Opened(), {}});
    for (int i = 0; i < 60; ++i) DoAnything(all[static_cast<std::size_t>(Any(static_cast<int>(all.size())))]);
  }
  const Days whole = {today, calendar::ToCivilDay(now()) + 7};
  const v1::Report report = Reported(whole);
  EXPECT_THAT(Figures(report), test::EqualsProto(CountByHand(all, whole).DebugString()));
  for (const auto& rate : report.rates()) EXPECT_LT(0, rate.numerator()) << "nothing is shown: " << rate.DebugString();
  for (const int figure : {report.trips(), report.trips_spared_by_answers(), report.trips_spared_by_papers(),
                           report.amendments(), report.median_hops()}) {
    EXPECT_LT(0, figure) << "nothing is shown: " << report.DebugString();
  }
  int closed = 0;
  for (absl::CivilDay day = whole.first; day < whole.end; ++day) {
    const v1::Report one = Reported({day, day + 1});
    EXPECT_THAT(Figures(one), test::EqualsProto(CountByHand(all, {day, day + 1}).DebugString())) << day;
    closed += one.closed_count();
  }
  EXPECT_EQ(closed, report.closed_count());
}

TEST_F(HallReportTest, HasNoRateAndNoMedianOfNothing) {
  const absl::CivilDay long_ago(2020, 1, 1);
  const v1::Report report = Reported({long_ago, long_ago + 31});
  EXPECT_THAT(report, Partially("definition: DEFINITION_2026 opened_count: 0 trips: 0 other_causes: 0"));
  ASSERT_EQ(report.rates_size(), 4);
  for (const auto& rate : report.rates()) EXPECT_FALSE(rate.has_rate_bp()) << rate.DebugString();
  EXPECT_FALSE(report.has_median_hops());
}

TEST_F(HallReportTest, NamesNoCauseOfFewerThanFiveCases) {
  Sql("DELETE FROM intake.case_difficulties");
  for (int i = 0; i < 5; ++i) Opened();
  for (int i = 0; i < 4; ++i) Opened(kHall, InHall(), "DIFFICULTY_MOBILITY");
  const absl::CivilDay today = calendar::ToCivilDay(now());
  const v1::Report report = Reported({today, today + 1});
  EXPECT_EQ(report.causes_size(), 1);
  EXPECT_THAT(report, Partially("causes: {service_item: '病退' difficulty: DIFFICULTY_PAPER_MISSING case_count: 5} "
                                "other_causes: 4"));
  EXPECT_EQ(Reported({today + 1, today + 2}).other_causes(), 0);
}

TEST_F(HallReportTest, IsOfTheCallersHallOrOfAllForTheDistrictAndHoldsNothingOfPeople) {
  const absl::CivilDay today = calendar::ToCivilDay(now());
  const Days days = {today, today + 1};
  Opened();
  const int here = Reported(days).opened_count();
  const int everywhere = Reported(days, District()).opened_count();
  Opened("halls/110102016", Officer());
  EXPECT_EQ(Reported(days).opened_count(), here);
  EXPECT_EQ(Reported(days).hall(), kHall);
  const v1::Report all = Reported(days, District());
  EXPECT_EQ(all.opened_count(), everywhere + 1);
  EXPECT_EQ(all.hall(), "");
  EXPECT_EQ(Reported(days, District(), absl::StrCat("hall: '", kHall, "'")).opened_count(), here);
  EXPECT_FALSE(absl::StrContains(all.DebugString(), "某人"));
  EXPECT_EQ(ReasonFor("LookupReport", Asking(days, "hall: 'halls/110102016'"), InHall()), "OTHER_HALL");
}

TEST_F(HallReportTest, IsOfAQuarterAtTheMostAndOfDefinitionsThatAreKnown) {
  const absl::CivilDay day(2026, 7, 1);
  EXPECT_EQ(ReasonFor("LookupReport", Asking({day, day + 92}, "definition: DEFINITION_2026")), "OK");
  EXPECT_EQ(ReasonFor("LookupReport", Asking({day, day + 93})), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("LookupReport", Asking({day, day})), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("LookupReport", Asking({day, day + 1}, "definition: 77")), "FIELD_INVALID");
}

}  // namespace
}  // namespace xxt::intake
