#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "services/intake/report/report_world.h"
#include "services/intake/testing.h"
#include "tests/contract/service.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/dispute.pb.h"
#include "xixinting/intake/v1/follow_up.pb.h"
#include "xixinting/intake/v1/paper.pb.h"
#include "xixinting/intake/v1/promise.pb.h"
#include "xixinting/intake/v1/report.pb.h"

namespace xxt::intake {
namespace {

using test::Partially;

// A hall in which only what a test here does happens.
constexpr char kHall[] = "halls/110102010";

std::string District() { return test::Token("staff/district", "", {"district"}); }
std::string InHall(const std::string& role = "officer") {
  return test::Token(absl::StrCat("staff/", role, "-110102010"), kHall, {role});
}

class HallReportTest : public IntakeTest {
 protected:
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
    return Must<v1::Case>(
               "CreateCase",
               absl::StrCat("request_id: '$id' case: {title: '缺材料' hall: '", hall, "' service_item: '病退' ",
                            "difficulties: ", difficulty, " parties: {role: ROLE_APPLICANT display_name: '某人'}}"),
               token)
        .name();
  }
  std::string Said(const std::string& about, absl::string_view how, absl::Duration ago = absl::ZeroDuration()) {
    return Must<v1::Contact>(
               "LogContact",
               absl::StrCat("parent: '", about, "' request_id: '$id' contact: {summary: '说了话' ", how,
                            ago == absl::ZeroDuration()
                                ? ""
                                : absl::StrCat(" occur_time: {seconds: ", absl::ToUnixSeconds(now() - ago), "}"),
                            "}"),
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
  void Hear(Made& it, int which, const std::string& kind);
  void HearOfABody(Made& it);
  void Close(const std::string& about, bool resolved);
  void Rate(const std::string& about, int rating);
  void Dispute(const std::string& about);
  void End(Made& it);
  void DoAnything(Made& it);
  // Also waits until no promise is open that is due.
  void Pass(absl::Duration by);
  std::vector<ReportedCase> ReadAll(const std::vector<Made>& all);

  std::mt19937 random_{20261128};
};

void HallReportTest::SayAnything(const Made& it) {
  const int channels[] = {1, 1, 2, 8};
  std::string how = How(channels[Any(4)], 1 + Any(4), 1 + Any(2), Any(3) == 0 ? 2 : 1);
  const auto before = Must<v1::ListContactsResponse>("ListContacts", absl::StrCat("parent: '", it.name, "'"), InHall());
  if (before.contacts_size() > 0 && Any(4) == 0) {
    const v1::Contact& first = before.contacts(0);
    absl::StrAppend(&how, " corrects: '", first.corrected_by().empty() ? first.name() : first.corrected_by(), "'");
  }
  Said(it.name, how, absl::Hours(Any(40)));
}

void HallReportTest::Promise(const Made& it) {
  const auto about = Must<v1::Case>("GetCase", absl::StrCat("name: '", it.name, "' view: CASE_VIEW_FULL"), InHall());
  ReasonFor("CreatePromise",
            absl::StrCat("parent: '", it.name,
                         "' request_id: '$id' promise: {text: '回话' channel: CHANNEL_PHONE recipient: '",
                         about.parties(0).name(),
                         "' due_time: {seconds: ", absl::ToUnixSeconds(now() + absl::Hours(1 + Any(60))), "}}"),
            InHall());
  const auto all = Must<v1::ListPromisesResponse>("ListPromises", absl::StrCat("parent: '", it.name, "'"), InHall());
  // The newest or another, which may be broken by now.
  if (all.promises_size() > 0 && Any(2) == 0) Do("KeepPromise", all.promises(Any(all.promises_size())).name());
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

void HallReportTest::Hear(Made& it, int which, const std::string& kind) {
  const int hops = Any(4);
  const std::string told =
      ReasonFor("ReportReferral",
                absl::StrCat("case_name: '", it.name, "' request_id: '$id' summary: '消息' kind: ", kind,
                             " hops: ", hops, " referral: 'referrals/018f0000-0000-4000-8000-00000000000", which, "'"),
                Service());
  if (told != "OK") return;
  Asked& asked = it.referrals[which];
  asked.hops = std::max(asked.hops, hops);
  if (asked.end.empty() && (kind == "KIND_ANSWERED" || kind == "KIND_ENDED")) asked.end = kind;
}

void HallReportTest::HearOfABody(Made& it) {
  const char* const kinds[] = {"KIND_PROGRESS", "KIND_ANSWERED", "KIND_ENDED"};
  const int which = Any(2);
  Hear(it, which, it.referrals.count(which) == 0 ? "KIND_OPENED" : kinds[Any(3)]);
}

void HallReportTest::Close(const std::string& about, bool resolved) {
  const std::string heard = Heard(about);
  if (resolved) Do("ConfirmOutcome", about, absl::StrCat("outcome: {text: '办成了' contact: '", heard, "'}"));
  Do("ProposeClosure", about,
     absl::StrCat("closure: {explanation: '说明' told_in: '", heard, "' resolution: ", resolved ? 1 : 4, "}"));
  Do("ReviewClosure", about, "decision: DECISION_APPROVE", InHall("leader"));
}

void HallReportTest::Rate(const std::string& about, int rating) {
  const auto calls = Must<v1::ListFollowUpsResponse>("ListFollowUps", absl::StrCat("parent: '", about, "'"), InHall());
  Do("CompleteFollowUp", calls.follow_ups(0).name(),
     absl::StrCat("comment: '慢' contact: '", Heard(about), "' rating: ", rating));
}

void HallReportTest::Dispute(const std::string& about) {
  const auto filed =
      Call<v1::Dispute>("FileDispute",
                        absl::StrCat("parent: '", about, "' request_id: '$id' dispute: {ground: GROUND_OUTCOME text: ",
                                     "'不对' contact: '", Heard(about), "'}"),
                        InHall());
  if (filed.ok()) Do("AcceptDispute", filed->name());
}

// Closes an open case; of a closed one hears what its person thinks of that.
void HallReportTest::End(Made& it) {
  const auto about = Must<v1::Case>("GetCase", absl::StrCat("name: '", it.name, "'"), InHall());
  if (about.state() == v1::Case::STATE_CLOSED) return Any(4) > 0 ? Rate(it.name, 1 + Any(5)) : Dispute(it.name);
  const std::map<int, Asked> referrals = it.referrals;
  for (const auto& [which, asked] : referrals) {
    if (asked.end.empty()) Hear(it, which, Any(3) > 0 ? "KIND_ANSWERED" : "KIND_ENDED");
  }
  Close(it.name, Any(3) > 0);
}

void HallReportTest::DoAnything(Made& it) {
  switch (Any(7)) {
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

std::vector<ReportedCase> HallReportTest::ReadAll(const std::vector<Made>& all) {
  std::vector<ReportedCase> read;
  for (const Made& it : all) {
    const std::string of = absl::StrCat("parent: '", it.name, "' page_size: 500");
    read.push_back({Must<v1::Case>("GetCase", absl::StrCat("name: '", it.name, "'"), InHall()),
                    Must<v1::ListContactsResponse>("ListContacts", of, InHall()),
                    Must<v1::ListPapersResponse>("ListPapers", of, InHall()),
                    Must<v1::ListPromisesResponse>("ListPromises", of, InHall()),
                    Must<v1::ListFollowUpsResponse>("ListFollowUps", of, InHall()), it.referrals});
  }
  return read;
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
    const absl::Time midnight = calendar::EndOfDay(calendar::ToCivilDay(now()));
    Pass(round % 2 == 0 ? midnight - now() : absl::Hours(11 + Any(20)));
    for (int i = 0; i < 4; ++i) all.push_back({Opened(), {}});
    for (int i = 0; i < 80; ++i) DoAnything(all[static_cast<std::size_t>(Any(static_cast<int>(all.size())))]);
    all.push_back({Opened(), {}});  // of which nobody thinks until some hours later
  }
  const Days whole = {today, calendar::ToCivilDay(now()) + 7};
  const std::vector<ReportedCase> read = ReadAll(all);
  const v1::Report report = Reported(whole);
  EXPECT_THAT(Figures(report), test::EqualsProto(CountByHand(read, whole, now()).DebugString()));
  for (const auto& rate : report.rates()) EXPECT_LT(0, rate.numerator()) << "nothing is shown: " << rate.DebugString();
  for (const int figure : {report.trips(), report.trips_spared_by_answers(), report.trips_spared_by_papers(),
                           report.amendments(), report.median_hops()}) {
    EXPECT_LT(0, figure) << "nothing is shown: " << report.DebugString();
  }
  int closed = 0;
  for (absl::CivilDay day = whole.first; day < whole.end; ++day) {
    const v1::Report one = Reported({day, day + 1});
    EXPECT_THAT(Figures(one), test::EqualsProto(CountByHand(read, {day, day + 1}, now()).DebugString())) << day;
    closed += one.closed_count();
  }
  EXPECT_EQ(closed, report.closed_count());
}

// What chance seldom makes.
TEST_F(HallReportTest, CountsAPromiseKeptLateAsBrokenAWordTooLateAsNoResponseAndASparedPaperOnce) {
  Pass(absl::Hours(24 * 7));  // nothing of what was made before becomes due any more
  const absl::CivilDay today = calendar::ToCivilDay(now());
  const Days days = {today, today + 30};
  const v1::Report before = Reported(days);
  const Made it = {Opened(), {}};
  const auto about = Must<v1::Case>("GetCase", absl::StrCat("name: '", it.name, "' view: CASE_VIEW_FULL"), InHall());
  const auto promise = Must<v1::Promise>(
      "CreatePromise",
      absl::StrCat(
          "parent: '", it.name, "' request_id: '$id' promise: {text: '回话' channel: CHANNEL_PHONE recipient: '",
          about.parties(0).name(), "' due_time: {seconds: ", absl::ToUnixSeconds(now() + absl::Hours(1)), "}}"),
      InHall());
  const auto gap = Must<v1::Paper>(
      "RecordGap", absl::StrCat("parent: '", it.name, "' request_id: '$id' paper: {title: '证明' source: '办事指南'}"),
      InHall());
  for (const char* ground : {"4", "5"}) {
    Do("WeighGround", gap.name(), absl::StrCat("finding: FINDING_SPARES source: '条例' ground: ", ground));
  }
  Pass(absl::Hours(24 * 14));
  EXPECT_EQ(Do("KeepPromise", promise.name()), "OK");
  Close(it.name, true);
  const v1::Report after = Reported(days);
  const auto grown = [&](int rate) {
    return std::pair(after.rates(rate).numerator() - before.rates(rate).numerator(),
                     after.rates(rate).denominator() - before.rates(rate).denominator());
  };
  EXPECT_EQ(grown(0), std::pair(0, 1)) << "the first word came after its time";
  EXPECT_EQ(grown(3), std::pair(1, 1)) << "kept, but late";
  EXPECT_EQ(after.trips_spared_by_papers(), before.trips_spared_by_papers() + 1);
}

TEST_F(HallReportTest, BeginsWithTheFirstMomentOfADayAndEndsBeforeThatOfAnother) {
  const Made it = {Opened(), {}};
  while (Must<v1::ListPromisesResponse>("ListPromises", absl::StrCat("parent: '", it.name, "'"), InHall())
             .promises_size() == 0) {
    Promise(it);
  }
  Close(it.name, true);
  Rate(it.name, v1::FollowUp::RATING_FAIR);
  // The clock stops at no moment, so the columns are set to one.
  const std::string id = absl::StrCat(" = '", it.name.substr(std::string("cases/").size()), "'");
  const std::string moment = " = '2021-03-02 00:00+08'";
  Sql(absl::StrCat("UPDATE intake.cases SET create_time", moment, ", close_time", moment, " WHERE id", id));
  Sql(absl::StrCat("UPDATE intake.follow_ups SET end_time", moment, " WHERE case_id", id));
  Sql(absl::StrCat("UPDATE intake.promises SET state = 2, due_time", moment, " WHERE case_id", id));
  Sql(absl::StrCat("UPDATE intake.case_difficulties SET open_day = '2021-03-02' WHERE case_id", id));
  const absl::CivilDay day(2021, 3, 2);
  const v1::Report on = Reported({day, day + 1});
  EXPECT_THAT(on, Partially("opened_count: 1 closed_count: 1 other_causes: 1"));
  EXPECT_EQ(on.rates(2).denominator(), 1);
  EXPECT_EQ(on.rates(3).denominator(), 1);
  for (const Days& other : {Days{day - 1, day}, Days{day + 1, day + 2}}) {
    const v1::Report report = Reported(other);
    EXPECT_THAT(report, Partially("opened_count: 0 closed_count: 0 other_causes: 0"));
    for (const auto& rate : report.rates()) EXPECT_EQ(rate.denominator(), 0) << rate.DebugString();
  }
}

TEST_F(HallReportTest, HasTheLowerOfTheTwoInTheMiddleOfThoseForWhichABodyWasAsked) {
  const absl::CivilDay day(2021, 5, 10);
  for (const char* counts : {"referrals = 1, hops = 9", "referrals = 2, hops = 1", "referrals = 1, hops = 4",
                             "referrals = 1, hops = 2", "referrals = 0, hops = 0", "referrals = NULL, hops = NULL"}) {
    const std::string name = Opened();
    Close(name, true);
    Sql(absl::StrCat("UPDATE intake.cases SET close_time = '2021-05-10 09:00+08', ", counts, " WHERE id = '",
                     name.substr(std::string("cases/").size()), "'"));
  }
  EXPECT_THAT(Reported({day, day + 1}), Partially("closed_count: 6 median_hops: 2"));
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
