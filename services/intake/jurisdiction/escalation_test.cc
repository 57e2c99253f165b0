#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/escalation.pb.h"
#include "xixinting/intake/v1/verdict.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class EscalationTest : public IntakeTest {
 protected:
  std::string To(absl::string_view level, absl::Duration within = absl::Hours(1)) {
    return absl::StrCat("parent: '$case' request_id: '$id' escalation: {level: LEVEL_", level,
                        " question: '请指定对接人' answer_due_time: {seconds: ", absl::ToUnixSeconds(now() + within),
                        "}}");
  }
  v1::Escalation Made() { return Must<v1::Escalation>("CreateEscalation", To("DISTRICT")); }
  static std::string Of(const v1::Escalation& it, absl::string_view more) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' ", more);
  }
  static std::string Answered(const v1::Escalation& it) {
    return Of(it, "counterpart: '区医保局李科长' answer: '可容缺办理'");
  }
  std::string Until(const v1::Escalation& it, absl::Duration within) {
    return Of(it, absl::StrCat("answer_due_time: {seconds: ", absl::ToUnixSeconds(now() + within), "}"));
  }
  // What stands against closing the case in the person's own word.
  std::string Closing() {
    const auto told = Must<v1::Contact>(
        "LogContact",
        "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
        "COUNTERPART_APPLICANT direction: DIRECTION_INBOUND result: RESULT_REACHED summary: '不办了'}");
    return Call<v1::Case>("ProposeClosure",
                          absl::StrCat("name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_WITHDRAWN "
                                       "explanation: '本人撤回' told_in: '",
                                       told.name(), "'}"))
        .status()
        .ToString();
  }
};

TEST_F(EscalationTest, IsAnsweredWithACounterpartAndTheOwnerStays) {
  const v1::Escalation made = Made();
  EXPECT_THAT(made, Partially("state: STATE_WAITING author: 'staff/wang' question: '请指定对接人'"));
  EXPECT_THAT(Must<v1::Escalation>("AnswerEscalation", Answered(made)),
              Partially("state: STATE_ANSWERED counterpart: '区医保局李科长' answer: '可容缺办理'"));
  EXPECT_EQ(Must<v1::Case>("GetCase", "name: '$case'").owner(), "staff/wang");
  Advance(absl::Hours(2));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("escalation.silent"))));
  EXPECT_EQ(ReasonFor("AnswerEscalation", Answered(made)), "STATE_FORBIDS");
}

TEST_F(EscalationTest, SilenceGoesToTheOwnerWhoAsksAgain) {
  const v1::Escalation made = Made();
  Advance(absl::Hours(1));
  EXPECT_THAT(Must<v1::Escalation>("GetEscalation", absl::StrCat("name: '", made.name(), "'")),
              Partially("state: STATE_SILENT"));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("escalation.silent")));
  EXPECT_EQ(ReasonFor("ChaseEscalation", Until(made, absl::ZeroDuration())), "FIELD_INVALID");
  EXPECT_THAT(Must<v1::Escalation>("ChaseEscalation", Until(made, absl::Hours(1))),
              Partially("state: STATE_WAITING chase_count: 1"));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("escalation.silent"))));
  Advance(absl::Hours(1));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("escalation.silent")));
  EXPECT_THAT(Must<v1::Escalation>("AnswerEscalation", Answered(made)), Partially("state: STATE_ANSWERED"));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("escalation.silent"))));
}

TEST_F(EscalationTest, NothingClosesWhileItWaits) {
  const v1::Escalation made = Made();
  EXPECT_THAT(Closing(), HasSubstr("an escalation waits"));
  EXPECT_THAT(Must<v1::Escalation>("WithdrawEscalation", Of(made, "reason: '当事人不办了'")),
              Partially("state: STATE_WITHDRAWN withdraw_reason: '当事人不办了'"));
  EXPECT_EQ(ReasonFor("ChaseEscalation", Until(made, absl::Hours(1))), "STATE_FORBIDS");
  EXPECT_THAT(Closing(), Not(HasSubstr("an escalation waits")));
}

TEST_F(EscalationTest, TheVerdictThatItIsForThemLeadsOnUntilTheyAnswer) {
  const auto leads_on = [this] {
    return Call<v1::Case>("ProposeClosure",
                          "name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_NOT_POSSIBLE "
                          "explanation: '说明'}")
        .status()
        .ToString();
  };
  Must<v1::Verdict>("RecordVerdict",
                    "parent: '$case' request_id: '$id' verdict: {finding: FINDING_NOT_OURS basis: '规定' decision: "
                    "DECISION_ESCALATE ground: '独居'}");
  EXPECT_THAT(leads_on(), HasSubstr("no ground for a no"));
  Must<v1::Escalation>("AnswerEscalation", Answered(Made()));
  EXPECT_THAT(leads_on(), Not(HasSubstr("no ground for a no")));
}

TEST_F(EscalationTest, AsksOneLevelAtATimeTheDistrictFirst) {
  EXPECT_EQ(ReasonFor("CreateEscalation", To("CITY")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("CreateEscalation", To("DISTRICT", absl::ZeroDuration())), "FIELD_INVALID");
  const v1::Escalation made = Made();
  EXPECT_EQ(ReasonFor("CreateEscalation", To("DISTRICT")), "STATE_FORBIDS");
  Must<v1::Escalation>("AnswerEscalation", Answered(made));
  EXPECT_THAT(Must<v1::Escalation>("CreateEscalation", To("CITY")), Partially("level: LEVEL_CITY"));
  EXPECT_THAT(Must<v1::ListEscalationsResponse>("ListEscalations", "parent: '$case'"),
              Partially("escalations: {level: LEVEL_CITY} escalations: {level: LEVEL_DISTRICT}"));
}

}  // namespace
}  // namespace xxt::intake
