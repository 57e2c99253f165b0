#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "common/calendar/working_days.h"
#include "common/rpc/timestamp.h"
#include "services/intake/term/term_rules.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/term.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class TermTest : public IntakeTest {
 protected:
  static const calendar::WorkingDays& Days() { return calendar::WorkingDays::China(); }
  absl::CivilDay Today() { return calendar::ToCivilDay(now()); }
  void AdvanceTo(absl::Time time) { Advance(time - now() + absl::Seconds(1)); }
  static std::string Text(absl::CivilDay day) {
    return absl::StrCat("{year: ", day.year(), " month: ", day.month(), " day: ", day.day(), "}");
  }
  static std::string Request(absl::string_view kind, int workdays, absl::string_view more = "") {
    return absl::StrCat("parent: '$case' request_id: '$id' term: {source: '本厅承诺' kind: KIND_", kind,
                        " workdays: ", workdays, " ", more, "}");
  }
  v1::Term Started(absl::string_view kind = "PROMISE", int workdays = 5) {
    return Must<v1::Term>("StartTerm", Request(kind, workdays));
  }
  static std::string Of(const v1::Term& it, absl::string_view more = "") {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' ", more);
  }
  // A contact with the applicant, by its name.
  std::string Called(const char* result = "REACHED") {
    return Must<v1::Contact>(
               "LogContact",
               absl::StrCat("parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
                            "COUNTERPART_APPLICANT direction: DIRECTION_OUTBOUND summary: '说明原因' result: RESULT_",
                            result, "}"))
        .name();
  }
  static std::string Suspension(const v1::Term& it, absl::CivilDay end, absl::string_view told_in,
                                const char* ground = "APPRAISAL") {
    return Of(it, absl::StrCat("reason: '鉴定' ground: GROUND_", ground, " told_in: '", told_in,
                               "' expected_end_date: ", Text(end)));
  }
  static std::string Extension(const v1::Term& it, int workdays, absl::string_view told_in) {
    return Of(it, absl::StrCat("reason: '要等外单位' workdays: ", workdays, " told_in: '", told_in, "'"));
  }
  static absl::CivilDay LastDayOf(const v1::Term& it) { return rpc::FromProto(it.due_date()); }
  // How often that was told of the case of a term.
  static std::string Told(const v1::Term& it, absl::string_view type) {
    return Sql(absl::StrCat("SELECT count(*) FROM backbone.event WHERE type = '", type, "' AND subject = '",
                            it.name().substr(0, it.name().find("/terms/")), "'"));
  }
  // Whether the lists of what is broken have it, for whoever asks.
  bool IsListedAsBroken(const v1::Term& it, const std::string& token) {
    std::string page;
    do {
      const auto listed = Must<v1::ListTermsResponse>(
          "ListTerms", absl::StrCat("parent: 'cases/-' page_size: 100 page_token: '", page, "'"), token);
      for (const v1::Term& one : listed.terms()) {
        if (one.name() == it.name()) return true;
      }
      page = listed.next_page_token();
    } while (!page.empty());
    return false;
  }
};

TEST_F(TermTest, RunsForItsWorkingDaysAndIsMetOnce) {
  const v1::Term it = Started();
  EXPECT_THAT(it, Partially("state: STATE_RUNNING author: 'staff/wang' hall: 'halls/110102016' source: '本厅承诺'"));
  EXPECT_EQ(LastDayOf(it), Days().AddWorkdays(Today(), 5).day);
  EXPECT_EQ(rpc::FromProto(it.due_time()), calendar::EndOfDay(LastDayOf(it)));
  EXPECT_THAT(Must<v1::Term>("MeetTerm", Of(it)), Partially("state: STATE_MET"));
  EXPECT_EQ(ReasonFor("MeetTerm", Of(it)), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("WithdrawTerm", Of(it, "reason: '起算错了'")), "STATE_FORBIDS");
}

TEST_F(TermTest, WarnsOnceADayThenIsBrokenListedAndMadeGoodLate) {
  const v1::Term it = Started("STATUTORY", 2);
  const absl::CivilDay last = LastDayOf(it);
  AdvanceTo(calendar::AtTimeOfDay(Days().AddWorkdays(last, -1).day, 9, 0));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("term.near")));
  Advance(absl::Hours(1));
  EXPECT_EQ(Told(it, "term.near.v1"), "1");
  AdvanceTo(calendar::AtTimeOfDay(last, 9, 0));
  EXPECT_EQ(Told(it, "term.near.v1"), "2");
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act"), HasSubstr("term.near")));
  AdvanceTo(calendar::EndOfDay(last));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act"), HasSubstr("term.broken")));
  EXPECT_TRUE(IsListedAsBroken(it, Leader()));
  EXPECT_FALSE(IsListedAsBroken(it, Stranger()));
  EXPECT_EQ(ReasonFor("WithdrawTerm", Of(it, "reason: '起算错了'")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("SuspendTerm", Suspension(it, Today() + 5, Called())), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(it, 3, Called()), Leader()), "STATE_FORBIDS");
  EXPECT_THAT(Must<v1::Term>("MeetTerm", Of(it)), Partially("state: STATE_MET_LATE"));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("term.broken"))));
}

TEST_F(TermTest, StandsStillFromTheDayTheyWereToldUntilItRunsOn) {
  const v1::Term it = Started("STATUTORY", 5);
  const absl::CivilDay first = Today();
  const std::string told = Called();
  const auto suspended = Must<v1::Term>("SuspendTerm", Suspension(it, first + 10, told));
  EXPECT_THAT(suspended, Partially(absl::StrCat("state: STATE_SUSPENDED suspensions: {ground: GROUND_APPRAISAL reason: "
                                                "'鉴定' told_to: COUNTERPART_APPLICANT told_in: '",
                                                told, "'}")));
  EXPECT_EQ(LastDayOf(suspended), xxt::intake::LastDayOf(first, 5, {{first, first + 10}}, Days()).day);
  EXPECT_EQ(ReasonFor("SuspendTerm", Suspension(it, first + 10, told)), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(it, 3, told), Leader()), "STATE_FORBIDS");
  AdvanceTo(calendar::StartOfDay(first + 10));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act"), HasSubstr("term.resume")));
  const auto resumed = Must<v1::Term>("ResumeTerm", Of(it));
  EXPECT_THAT(resumed, Partially(absl::StrCat("state: STATE_RUNNING suspensions: {end_date: ", Text(first + 10), "}")));
  EXPECT_EQ(LastDayOf(resumed), LastDayOf(suspended));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act")));
  EXPECT_EQ(ReasonFor("ResumeTerm", Of(it)), "STATE_FORBIDS");
}

TEST_F(TermTest, IsSuspendedForAReasonThatCountsAndAnswersTheirQuestion) {
  const v1::Term law = Started("STATUTORY");
  const v1::Term ours = Started("PROMISE");
  const std::string told = Called();
  EXPECT_EQ(ReasonFor("SuspendTerm", Suspension(law, Today() + 5, told, "WAITS_FOR_BODY")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("SuspendTerm", Suspension(ours, Today(), told)), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("SuspendTerm", Suspension(ours, Today() + 90, told)), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("SuspendTerm", Suspension(ours, Today() + 5, "$case/contacts/$id")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("SuspendTerm", Suspension(ours, Today() + 5, Called("NOT_REACHED"))), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("SuspendTerm", Suspension(ours, Today() + 5, told, "WAITS_FOR_BODY")), "OK");
}

TEST_F(TermTest, IsExtendedBeforeItIsOverByALeaderWhereLawSetsIt) {
  const v1::Term law = Started("STATUTORY");
  const v1::Term ours = Started("PROMISE");
  const std::string told = Called();
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(law, 3, told)), "ROLE_MISSING");
  const auto extended = Must<v1::Term>("ExtendTerm", Extension(law, 10, told), Leader());
  EXPECT_EQ(LastDayOf(extended), Days().AddWorkdays(LastDayOf(law), 10).day);
  EXPECT_THAT(extended, Partially(absl::StrCat("workdays: 15 extensions: {workdays: 10 reason: '要等外单位' told_to: "
                                               "COUNTERPART_APPLICANT author: 'staff/li-min' old_due_date: ",
                                               Text(LastDayOf(law)), "}")));
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(law, 3, told), Leader()), "STATE_FORBIDS") << "once";
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(ours, 11, told)), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(ours, 3, Called("NOT_REACHED"))), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(ours, 3, told)), "OK");
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(ours, 2, told)), "FIELD_INVALID") << "of that they were not told";
  EXPECT_EQ(ReasonFor("ExtendTerm", Extension(ours, 2, Called())), "OK");
}

TEST_F(TermTest, IsOfTheFutureAndOfThoseKindsThatPeopleStart) {
  EXPECT_EQ(ReasonFor("StartTerm", Request("RESPOND", 5)), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("StartTerm", Request("SILENCE", 5)), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("StartTerm", Request("PROMISE", 0)), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("StartTerm", Request("PROMISE", 251)), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("StartTerm", Request("PROMISE", 5, "start_date: " + Text(Today() + 1))), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("StartTerm", Request("PROMISE", 5, "start_date: " + Text(Today() - 60))), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("StartTerm", Request("STATUTORY", 60, "start_date: " + Text(Today() - 30))), "OK");
}

TEST_F(TermTest, IsTakenBackWithAReasonAndForgotten) {
  const v1::Term it = Started("PROMISE", 1);
  EXPECT_THAT(Must<v1::Term>("WithdrawTerm", Of(it, "reason: '起算错了'")),
              Partially("state: STATE_WITHDRAWN withdraw_reason: '起算错了'"));
  AdvanceTo(calendar::EndOfDay(LastDayOf(it)));
  EXPECT_THAT(DeskTasks(), ElementsAre(HasSubstr("case.act")));
}

TEST_F(TermTest, IsOfAnOpenCaseAndMetWhenThatIsClosed) {
  const v1::Term running = Started();
  const v1::Term suspended = Started();
  const std::string said = Called();
  Must<v1::Term>("SuspendTerm", Suspension(suspended, Today() + 5, said));
  Must<v1::Case>("ProposeClosure",
                 absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_WITHDRAWN explanation: "
                              "'本人撤回' told_in: '",
                              said, "'}"));
  Must<v1::Case>("ReviewClosure", "name: '$case' request_id: '$id' decision: DECISION_APPROVE", Leader());
  for (const v1::Term& it : {running, suspended}) {
    EXPECT_THAT(Must<v1::Term>("GetTerm", absl::StrCat("name: '", it.name(), "'")), Partially("state: STATE_MET"));
  }
  EXPECT_EQ(ReasonFor("StartTerm", Request("PROMISE", 5)), "STATE_FORBIDS");
}

}  // namespace
}  // namespace xxt::intake
