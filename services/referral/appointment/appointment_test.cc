#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/protos.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/testing.h"
#include "tests/contract/fake_intake.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/referral/v1/appointment.pb.h"
#include "xixinting/referral/v1/referral.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
namespace intake = ::xixinting::intake::v1;
using contract::FakeIntake;
using test::Partially;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AppointmentTest : public ReferralTest {
 protected:
  static std::string In(absl::Duration ahead) {
    return absl::StrCat("{ seconds: ", absl::ToUnixSeconds(now() + ahead), " }");
  }
  static std::string Proposal(const std::string& parent, const std::string& attendee, const std::string& more = "",
                              absl::Duration ahead = absl::Hours(48)) {
    return absl::StrCat("parent: '", parent, "' request_id: '$id' appointment { attendee: '", attendee,
                        "' purpose: '办理异地就医备案' start_time ", In(ahead), " ", more, " }");
  }
  v1::Appointment Propose(const std::string& more = "") {
    return Must<v1::Appointment>("CreateAppointment", Proposal(referral_, applicant_, more));
  }
  static std::string Of(const v1::Appointment& it, const std::string& more) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' ", more);
  }
  v1::Appointment Confirm(const v1::Appointment& it) {
    return Must<v1::Appointment>("ConfirmAppointment", Of(it, "confirmed_by: '医保科李科长'"));
  }
  static std::string WorkOn(const v1::Appointment& it) {
    return Sql(absl::StrCat(
        "SELECT coalesce(string_agg(kind || ' ' || summary, ' '), '') FROM backbone.task WHERE subject = '", it.name(),
        "'"));
  }
  // Why a proposal is refused: its text, which names the field.
  std::string Refusal(const std::string& request) {
    return Call<v1::Appointment>("CreateAppointment", request).status().ToString();
  }
  // Another party of the case.
  std::string PartyWho(const std::string& is) {
    const std::string name = absl::StrCat(case_, "/parties/00000000-0000-4000-8000-0000000000b1");
    Intake().Say(test::Text<intake::Case>(absl::StrCat("name: '", case_, "' parties { name: '", name, "' ", is, " }")));
    return name;
  }

  const std::string referral_ = NewReferral();
  const std::string case_ = Must<v1::Referral>("GetReferral", absl::StrCat("name: '", referral_, "'")).case_name();
  const std::string applicant_ = case_ + FakeIntake::kApplicant;
};

TEST_F(AppointmentTest, IsSomebodysWorkUntilItIsKept) {
  const v1::Appointment proposed = Propose("in_person: true bring: '身份证'");
  EXPECT_THAT(proposed, Partially("state: STATE_PROPOSED in_person: true bring: '身份证' author: 'staff/wang'"));
  EXPECT_THAT(WorkOn(proposed), HasSubstr("referral.appointment 预约还没有对方确认"));
  const v1::Appointment confirmed = Confirm(proposed);
  EXPECT_THAT(confirmed, Partially("state: STATE_CONFIRMED confirmed_by: '医保科李科长'"));
  EXPECT_THAT(WorkOn(confirmed), HasSubstr("预约时间已到"));
  EXPECT_EQ(ReasonFor("ConfirmAppointment", Of(confirmed, "confirmed_by: '医保科'")), "STATE_FORBIDS");
  const auto kept =
      Must<v1::Appointment>("RecordAttendance", Of(confirmed, "attendance: ATTENDANCE_KEPT outcome: '已办好'"));
  EXPECT_THAT(kept, Partially("state: STATE_KEPT outcome: '已办好'"));
  EXPECT_EQ(WorkOn(kept), "");
  for (const char* method : {"CancelAppointment", "MoveAppointment"}) {
    const std::string when = std::string(method) == "MoveAppointment" ? "start_time " + In(absl::Hours(9)) : "";
    EXPECT_EQ(ReasonFor(method, Of(kept, "reason: '不去了' " + when)), "STATE_FORBIDS");
  }
}

TEST_F(AppointmentTest, ThatIsMovedKeepsItsOldTimeAndWaitsForTheBodyAgain) {
  const v1::Appointment confirmed = Confirm(Propose());
  const std::string moving = "reason: '老人感冒' start_time ";
  const auto moved = Must<v1::Appointment>("MoveAppointment", Of(confirmed, moving + In(absl::Hours(72))));
  EXPECT_THAT(moved, Partially("state: STATE_MOVED moves { reason: '老人感冒' author: 'staff/wang' }"));
  ASSERT_THAT(moved.moves(), SizeIs(1));
  EXPECT_EQ(moved.moves(0).from_time().seconds(), confirmed.start_time().seconds());
  EXPECT_THAT(moved.confirmed_by(), IsEmpty());
  EXPECT_THAT(WorkOn(moved), HasSubstr("预约还没有对方确认"));
  EXPECT_EQ(ReasonFor("MoveAppointment", Of(moved, moving + In(-absl::Hours(1)))), "FIELD_INVALID");
  const std::string same = absl::StrCat("{ seconds: ", moved.start_time().seconds(), " }");
  EXPECT_EQ(ReasonFor("MoveAppointment", Of(moved, moving + same)), "FIELD_INVALID");
  EXPECT_EQ(Confirm(moved).state(), v1::Appointment::STATE_CONFIRMED);
}

TEST_F(AppointmentTest, ThatNobodyCameToIsNobodysFaultAndFindsAnotherTime) {
  const v1::Appointment confirmed = Confirm(Propose());
  const std::string missing = "attendance: ATTENDANCE_NO_SHOW";
  EXPECT_EQ(ReasonFor("RecordAttendance", Of(confirmed, missing)), "STATE_FORBIDS") << "its time has not come";
  Advance(absl::Hours(49));
  const auto missed = Must<v1::Appointment>("RecordAttendance", Of(confirmed, missing));
  EXPECT_EQ(missed.state(), v1::Appointment::STATE_NO_SHOW);
  EXPECT_THAT(WorkOn(missed), HasSubstr("当事人没有赴约"));
  EXPECT_EQ(ReasonFor("RecordAttendance", Of(missed, missing)), "STATE_FORBIDS");
  const auto moved =
      Must<v1::Appointment>("MoveAppointment", Of(missed, "reason: '走错了楼' start_time " + In(absl::Hours(24))));
  EXPECT_EQ(moved.state(), v1::Appointment::STATE_MOVED);
  EXPECT_EQ(Must<v1::Appointment>("CancelAppointment", Of(moved, "reason: '不办了'")).state(),
            v1::Appointment::STATE_CANCELLED);
  EXPECT_EQ(WorkOn(moved), "");
}

TEST_F(AppointmentTest, IsForALivingPartyOfTheCaseAndInPersonForNoProxy) {
  EXPECT_THAT(Refusal(Proposal(NewReferral(), applicant_)), HasSubstr("appointment.attendee"));
  EXPECT_EQ(
      ReasonFor("CreateAppointment", Proposal(referral_, case_ + "/parties/00000000-0000-4000-8000-0000000000ff")),
      "RESOURCE_NOT_FOUND");
  const std::string kin = PartyWho("role: ROLE_KIN");
  EXPECT_THAT(Refusal(Proposal(referral_, kin, "in_person: true")), HasSubstr("appointment.attendee"));
  const std::string proxy = PartyWho("role: ROLE_PROXY");
  EXPECT_THAT(Refusal(Proposal(referral_, proxy, "in_person: true")), HasSubstr("appointment.attendee"));
  EXPECT_EQ(ReasonFor("CreateAppointment", Proposal(referral_, proxy)), "OK");
  EXPECT_THAT(Refusal(Proposal(referral_, PartyWho("deceased: true"))), HasSubstr("appointment.attendee"));
}

TEST_F(AppointmentTest, IsRefusedInThePastAtNoUnitInAClosedCaseAndToOthers) {
  for (const absl::Duration wrong : {-absl::Hours(1), absl::Hours(24 * 367)}) {
    EXPECT_THAT(Refusal(Proposal(referral_, applicant_, "", wrong)), HasSubstr("appointment.start_time"));
  }
  EXPECT_THAT(Refusal(Proposal(referral_, applicant_, "unit: 'nowhere'")), HasSubstr("appointment.unit"));
  EXPECT_EQ(ReasonFor("CreateAppointment", Proposal(referral_, applicant_), Stranger()), "OTHER_HALL");
  Intake().CloseCase(case_);
  EXPECT_EQ(ReasonFor("CreateAppointment", Proposal(referral_, applicant_)), "STATE_FORBIDS");
}

TEST_F(AppointmentTest, IsListedNewestFirst) {
  const v1::Appointment first = Propose();
  const v1::Appointment second = Propose();
  const auto listed = Must<v1::ListAppointmentsResponse>("ListAppointments", absl::StrCat("parent: '", referral_, "'"));
  ASSERT_THAT(listed.appointments(), SizeIs(2));
  EXPECT_EQ(listed.appointments(0).name(), second.name());
  EXPECT_EQ(listed.appointments(1).name(), first.name());
}

}  // namespace
}  // namespace xxt::referral
