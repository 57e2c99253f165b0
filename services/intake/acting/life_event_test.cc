#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/feed.pb.h"
#include "xixinting/intake/v1/life_event.pb.h"
#include "xixinting/intake/v1/mandate.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class LifeEventTest : public IntakeTest {
 protected:
  std::string Added(absl::string_view party) {
    const auto found =
        Must<v1::Case>("AddParty", absl::StrCat("parent: '$case' request_id: '$id' party: {", party, "}"));
    return found.parties(found.parties_size() - 1).name();
  }
  static std::string Gone(absl::string_view kind, absl::string_view party = "$party",
                          absl::string_view day = "year: 2026 month: 1 day: 20") {
    return absl::StrCat("parent: '$case' request_id: '$id' life_event: {kind: KIND_", kind, " party: '", party,
                        "' occur_date: {", day, "} source: '女儿来电'}");
  }
  v1::LifeEvent Recorded(absl::string_view kind, absl::string_view party = "$party") {
    return Must<v1::LifeEvent>("RecordLifeEvent", Gone(kind, party));
  }
  static std::string Of(const v1::LifeEvent& it, absl::string_view more) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' ", more);
  }
  std::string SaidYes() {
    return Must<v1::Contact>(
               "LogContact",
               "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
               "COUNTERPART_KIN direction: DIRECTION_OUTBOUND result: RESULT_REACHED summary: '愿意接着办'}")
        .name();
  }
  std::string Naming(const v1::LifeEvent& it, absl::string_view successor, absl::string_view basis) {
    return Of(it, absl::StrCat("successor: '", successor, "' basis: BASIS_", basis, " accepted_in: '", SaidYes(), "'"));
  }
  std::string Undoing(const v1::LifeEvent& it) { return Of(it, "reason: '同名的另一个人'"); }
  v1::Case Read() { return Must<v1::Case>("GetCase", "name: '$case'"); }

  const std::string daughter_ = Added("role: ROLE_KIN display_name: '女儿' phone_number: '13800138099'");
};

TEST_F(LifeEventTest, StopsWhatIsToldInTheSameTransactionAndOffersWhoMayTakeItOn) {
  const v1::LifeEvent event = Recorded("DEATH");
  EXPECT_THAT(event, Partially(absl::StrCat("state: STATE_SEEKING source: '女儿来电' candidates: {party: '", daughter_,
                                            "' basis: BASIS_HEIR}")));
  EXPECT_THAT(Read().parties(0), Partially("role: ROLE_APPLICANT deceased: true not_told: true"));
  EXPECT_THAT(Read().corrections(0), Partially("fields: 'deceased' fields: 'not_told' author: 'staff/wang'"));
  const std::string tasks = absl::StrCat(" WHERE kind = 'case.correct_recipient' AND subject = '", event.party(), "')");
  EXPECT_EQ(Sql(absl::StrCat("SELECT (SELECT count(*) FROM backbone.task", tasks,
                             " + (SELECT count(*) FROM backbone.task_settled", tasks)),
            "1")
      << "what is not told yet is kept back";
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("life_event.successor_sought")));
  EXPECT_EQ(ReasonFor("RecordLifeEvent", Gone("DEATH")), "STATE_FORBIDS");
  EXPECT_EQ(Must<v1::ListLifeEventsResponse>("ListLifeEvents", "parent: '$case'").life_events_size(), 1);
}

TEST_F(LifeEventTest, ASuccessorTakesItOnWithABasisThatFits) {
  const v1::LifeEvent event = Recorded("DEATH");
  EXPECT_THAT(Call<v1::LifeEvent>("NameSuccessor", Naming(event, daughter_, "GUARDIAN")).status().ToString(),
              HasSubstr("basis"));
  EXPECT_EQ(ReasonFor("NameSuccessor", Naming(event, event.party(), "HEIR")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("NameSuccessor", Naming(event, "$case/parties/$id", "HEIR")), "RESOURCE_NOT_FOUND");
  EXPECT_THAT(Must<v1::LifeEvent>("NameSuccessor", Naming(event, daughter_, "HEIR")),
              Partially(absl::StrCat("state: STATE_SUCCEEDED successor: '", daughter_, "' basis: BASIS_HEIR")));
  EXPECT_THAT(Read().parties(0), Partially("role: ROLE_SUBJECT deceased: true"));
  EXPECT_EQ(Read().parties(Read().parties_size() - 1).role(), v1::Party::ROLE_APPLICANT);
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("life_event.successor_sought"))));
  EXPECT_EQ(ReasonFor("NameSuccessor", Naming(event, daughter_, "HEIR")), "STATE_FORBIDS");
}

TEST_F(LifeEventTest, NobodyMayTakeItOnAndHeirsMayTurnUpLater) {
  const v1::LifeEvent event = Recorded("INCAPACITY");
  EXPECT_THAT(event, Partially("candidates: {basis: BASIS_GUARDIAN}"));
  EXPECT_THAT(Must<v1::LifeEvent>("EndWithoutSuccessor", Of(event, "reason: '女儿在国外'")),
              Partially("state: STATE_NO_SUCCESSOR end_reason: '女儿在国外'"));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("life_event.successor_sought"))));
  EXPECT_EQ(ReasonFor("EndWithoutSuccessor", Of(event, "reason: '女儿在国外'")), "STATE_FORBIDS");
  EXPECT_THAT(Must<v1::LifeEvent>("NameSuccessor", Naming(event, daughter_, "GUARDIAN")),
              Partially("state: STATE_SUCCEEDED"));
  EXPECT_THAT(Read().parties(0), Partially("role: ROLE_BENEFICIARY not_told: true"));
}

TEST_F(LifeEventTest, NobodySaysYesByAMessageThatArrivedNorBeforeItHappened) {
  const v1::LifeEvent event = Recorded("DEATH");
  const auto naming = [&](const std::string& contact) {
    return Of(event, absl::StrCat("successor: '", daughter_, "' basis: BASIS_HEIR accepted_in: '", contact, "'"));
  };
  Must<v1::ReportMessageResponse>(
      "ReportMessage",
      absl::StrCat("message: 'messages/$id' case_name: '$case' request_id: '$id' kind: KIND_DELIVERED channel: "
                   "CHANNEL_SMS audience: '",
                   daughter_, "' text: '有新进展' occur_time: {seconds: ", absl::ToUnixSeconds(now()), "}"),
      Service());
  const auto all = Must<v1::ListContactsResponse>("ListContacts", "parent: '$case'");
  ASSERT_EQ(all.contacts(0).counterpart(), v1::Contact::COUNTERPART_KIN);
  EXPECT_EQ(ReasonFor("NameSuccessor", naming(all.contacts(0).name())), "FIELD_INVALID");
  const auto earlier = Must<v1::Contact>(
      "LogContact",
      "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: COUNTERPART_KIN direction: "
      "DIRECTION_OUTBOUND result: RESULT_REACHED summary: '聊了聊' occur_time: {seconds: 1767200000}}");
  EXPECT_EQ(ReasonFor("NameSuccessor", naming(earlier.name())), "FIELD_INVALID");
}

TEST_F(LifeEventTest, ACaseNeverHasTwoApplicants) {
  const v1::LifeEvent first = Recorded("INCAPACITY");
  Must<v1::LifeEvent>("EndWithoutSuccessor", Of(first, "reason: '无人'"));
  const v1::LifeEvent second = Recorded("DEATH");
  EXPECT_EQ(ReasonFor("NameSuccessor", Naming(first, daughter_, "GUARDIAN")), "STATE_FORBIDS")
      << "a guardian of the dead";
  Must<v1::LifeEvent>("NameSuccessor", Naming(second, daughter_, "HEIR"));
  const std::string son = Added("role: ROLE_KIN display_name: '儿子' phone_number: '13800138098'");
  EXPECT_EQ(ReasonFor("NameSuccessor", Naming(first, son, "GUARDIAN")), "STATE_FORBIDS");
}

TEST_F(LifeEventTest, NothingClosesBeforeItIsKnownWhoTakesItOnAndADeathIsRecordedAfterTheClosingToo) {
  const v1::LifeEvent event = Recorded("DEATH");
  const auto propose = [this] {
    return ReasonFor("ProposeClosure",
                     absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_NOT_POSSIBLE "
                                  "explanation: '说明' basis: '依据' alternatives: {summary: '他法' outcome: '不行'} "
                                  "next_route: '信访' told_in: '",
                                  SaidYes(), "'}"));
  };
  EXPECT_EQ(propose(), "CLOSURE_INCOMPLETE");
  Must<v1::LifeEvent>("UndoLifeEvent", Undoing(event));
  EXPECT_EQ(propose(), "OK");
  Must<v1::Case>("ReviewClosure", "name: '$case' request_id: '$id' decision: DECISION_APPROVE", Leader());
  EXPECT_THAT(Recorded("DEATH"), Partially("state: STATE_SEEKING"));
  EXPECT_THAT(Read().parties(0), Partially("not_told: true"));
}

TEST_F(LifeEventTest, AMistakeIsUndoneWhole) {
  const v1::Case before = Read();
  const v1::LifeEvent event = Recorded("DEATH");
  Must<v1::LifeEvent>("NameSuccessor", Naming(event, daughter_, "HEIR"));
  EXPECT_THAT(Must<v1::LifeEvent>("UndoLifeEvent", Undoing(event)),
              Partially("state: STATE_UNDONE undo_reason: '同名的另一个人'"));
  const v1::Case after = Read();
  ASSERT_EQ(after.parties_size(), before.parties_size());
  for (int i = 0; i < after.parties_size(); ++i) {
    EXPECT_EQ(after.parties(i).DebugString(), before.parties(i).DebugString());
  }
  EXPECT_EQ(after.corrections_size(), before.corrections_size() + 3)
      << "messages are told to them again, and none to who took it on";
  EXPECT_EQ(ReasonFor("UndoLifeEvent", Undoing(event)), "STATE_FORBIDS");
  EXPECT_THAT(Recorded("DEATH"), Partially("state: STATE_SEEKING"));
}

TEST_F(LifeEventTest, WhatStandsOnItIsUndoneFirst) {
  const v1::LifeEvent first = Recorded("DEATH");
  Must<v1::LifeEvent>("NameSuccessor", Naming(first, daughter_, "HEIR"));
  const v1::LifeEvent second = Recorded("INCAPACITY", daughter_);
  EXPECT_THAT(second, Partially("state: STATE_SEEKING"));
  EXPECT_EQ(ReasonFor("UndoLifeEvent", Undoing(first)), "STATE_FORBIDS");
  Must<v1::LifeEvent>("UndoLifeEvent", Undoing(second));
  EXPECT_THAT(Must<v1::LifeEvent>("UndoLifeEvent", Undoing(first)), Partially("state: STATE_UNDONE"));
}

TEST_F(LifeEventTest, EndsTheMandatesThatDependOnThemAndUndoingBringsThemBack) {
  const auto paper =
      Must<v1::Paper>("RecordGap", "parent: '$case' request_id: '$id' paper: {title: '委托书' source: '办事指南'}");
  Must<v1::Paper>("ReceivePaper", absl::StrCat("name: '", paper.name(), "' request_id: '$id'"));
  const auto mandate = Must<v1::Mandate>(
      "CreateMandate", absl::StrCat("parent: '$case' request_id: '$id' mandate: {agent: '", daughter_,
                                    "' matter: '领取结果' scope: '领取' signature: SIGNATURE_SEAL evidence: '",
                                    paper.name(), "' valid_to: {year: 2099 month: 1 day: 1}}"));
  const auto state = [&] {
    return Must<v1::Mandate>("GetMandate", absl::StrCat("name: '", mandate.name(), "'")).state();
  };
  const v1::LifeEvent event = Recorded("INCAPACITY", daughter_);
  EXPECT_THAT(event, Partially("state: STATE_NOTED")) << "who asked is there";
  EXPECT_EQ(state(), v1::Mandate::STATE_ENDED);
  Must<v1::LifeEvent>("UndoLifeEvent", Undoing(event));
  EXPECT_EQ(state(), v1::Mandate::STATE_IN_FORCE);
}

TEST_F(LifeEventTest, CutOffsRunOn) {
  Recorded("DEATH");
  const std::string report =
      "referral: 'referrals/$id' case_name: '$case' request_id: '$id' summary: '已发起协查' body_title: "
      "'八宝山殡仪馆' ";
  Must<v1::ReportReferralResponse>("ReportReferral",
                                   absl::StrCat(report,
                                                "kind: KIND_CUT_OFF_NEAR last_safe_day: {year: 2099 month: 1 "
                                                "day: 5} version: 2"),
                                   Service());
  EXPECT_THAT(Read().next_action().summary(), HasSubstr("2099年1月5日"));
}

TEST_F(LifeEventTest, IsOfAPersonAndOfADayThatHasCome) {
  EXPECT_THAT(
      Call<v1::LifeEvent>("RecordLifeEvent", Gone("DEATH", "$party", "year: 2099 month: 1 day: 1")).status().ToString(),
      HasSubstr("life_event.occur_date"));
  const std::string employer =
      Added("role: ROLE_BENEFICIARY display_name: '光明农机厂' credit_code: '91350100M000100Y43'");
  EXPECT_THAT(Call<v1::LifeEvent>("RecordLifeEvent", Gone("DEATH", employer)).status().ToString(),
              HasSubstr("life_event.party"));
  EXPECT_EQ(ReasonFor("RecordLifeEvent", Gone("DEATH", "$case/parties/$id")), "RESOURCE_NOT_FOUND");
}

// What is corrected has an end, so that the case can be read; a death is not among what is refused for that.
TEST_F(LifeEventTest, IsRecordedOfWhoeverWasCorrectedAsOftenAsMayBe) {
  const std::string again = "name: '$party' request_id: '$id' reason: '又改' postal_address: '陶然亭路 1 号'";
  for (int i = 0; i < 200; ++i) Must<v1::Case>("CorrectParty", again);
  EXPECT_EQ(ReasonFor("CorrectParty", again), "STATE_FORBIDS");
  for (int i = 0; i < 25; ++i) Must<v1::LifeEvent>("UndoLifeEvent", Undoing(Recorded("DEATH")));
  EXPECT_EQ(Read().corrections_size(), 250);
  EXPECT_EQ(ReasonFor("RecordLifeEvent", Gone("DEATH")), "STATE_FORBIDS") << "nobody dies so often";
}

}  // namespace
}  // namespace xxt::intake
