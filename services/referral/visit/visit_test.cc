#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/protos.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/testing.h"
#include "tests/contract/fake_intake.h"
#include "xixinting/referral/v1/appointment.pb.h"
#include "xixinting/referral/v1/referral.pb.h"
#include "xixinting/referral/v1/visit.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using contract::FakeIntake;
using test::Partially;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kLegs[] = {"KIND_PICK_UP", "KIND_IN_TRANSIT", "KIND_AT_BODY", "KIND_RETURN_HOME"};

class VisitTest : public ReferralTest {
 protected:
  static std::string In(absl::Duration ahead) {
    return absl::StrCat("{ seconds: ", absl::ToUnixSeconds(now() + ahead), " }");
  }
  // A leg each half hour, the first one when it is said.
  static std::string Legs(absl::Duration first = absl::Hours(1)) {
    std::string legs;
    absl::Duration ahead = first;
    for (const char* kind : kLegs) {
      absl::StrAppend(&legs, "legs { kind: ", kind, " planned_time ", In(ahead), " } ");
      ahead += absl::Minutes(30);
    }
    return legs;
  }
  std::string Plan(const std::string& more) const {
    return absl::StrCat("parent: '", referral_, "' request_id: '$id' visit { passenger: '", applicant_,
                        "' companions: 'staff/wang' companions: 'staff/chen' vehicle: '街道公务车' ", more, " }");
  }
  v1::Appointment Appointed() {
    return Must<v1::Appointment>("CreateAppointment",
                                 absl::StrCat("parent: '", referral_, "' request_id: '$id' appointment { attendee: '",
                                              applicant_, "' purpose: '鉴定' start_time ", In(absl::Hours(2)), " }"));
  }
  std::string PlanFor(const v1::Appointment& appointment) const {
    return Plan(absl::StrCat("leader: 'staff/li-min' ", Legs(), "appointment: '", appointment.name(), "'"));
  }
  v1::Visit Planned() { return Must<v1::Visit>("CreateVisit", Plan("leader: 'staff/li-min' " + Legs())); }
  // The text of a refusal, which names the field.
  std::string Refusal(const std::string& more) {
    return Call<v1::Visit>("CreateVisit", Plan(more)).status().ToString();
  }
  static std::string Of(const v1::Visit& it, const std::string& more) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' ", more);
  }
  v1::Visit Check(const v1::Visit& it, const std::string& kind) {
    return Must<v1::Visit>("RecordSafetyCheck", Of(it, absl::StrCat("check { kind: KIND_", kind, " passed: true }")));
  }
  v1::Visit Safe(const v1::Visit& it) {
    v1::Visit checked = it;
    for (const char* kind : {"HEALTH", "MOBILITY", "VEHICLE", "KIN"}) checked = Check(checked, kind);
    return checked;
  }
  v1::Visit Reach(const v1::Visit& it, const std::string& kind) {
    return Must<v1::Visit>("RecordLeg", Of(it, "kind: " + kind));
  }
  v1::Visit Fetched() { return Reach(Safe(Planned()), "KIND_PICK_UP"); }
  // "kind assignee" of what people have to do about it by now.
  static std::string WorkOn(const v1::Visit& it) {
    return Sql(
        absl::StrCat("SELECT coalesce(string_agg(kind || ' ' || assignee, ' ' ORDER BY kind), '') FROM backbone.task "
                     "WHERE subject = '",
                     it.name(), "' AND due <= to_timestamp(", absl::ToUnixSeconds(now()) + 1, ")"));
  }
  // Of how many visits the newest report to the case says that the person is not home; -1: there are not so many
  // reports.
  int OpenVisitsTold(int reports) const {
    const auto kind = FakeIntake::ReferralReport::KIND_VISIT;
    return Intake().Count(referral_, kind) < reports ? -1 : Intake().Newest(referral_, kind).open_visits();
  }

  const std::string referral_ = NewReferral();
  const std::string applicant_ =
      Must<v1::Referral>("GetReferral", absl::StrCat("name: '", referral_, "'")).case_name() + FakeIntake::kApplicant;
};

TEST_F(VisitTest, IsDoneOnlyOnceThePersonIsHome) {
  v1::Visit visit = Safe(Planned());
  EXPECT_TRUE(contract::Eventually([&] { return OpenVisitsTold(1) == 1; }));
  EXPECT_THAT(visit,
              Partially("state: STATE_PLANNED checks { kind: KIND_HEALTH passed: true author: 'staff/wang' } "
                        "checks { kind: KIND_MOBILITY } checks { kind: KIND_VEHICLE } checks { kind: KIND_KIN }"));
  for (const char* kind : kLegs) {
    EXPECT_NE(visit.state(), v1::Visit::STATE_DONE);
    visit = Reach(visit, kind);
  }
  EXPECT_EQ(visit.state(), v1::Visit::STATE_DONE);
  for (const v1::Visit::Leg& leg : visit.legs()) EXPECT_TRUE(leg.has_planned_time() && leg.has_actual_time());
  EXPECT_TRUE(contract::Eventually([&] { return OpenVisitsTold(5) == 0; })) << "planned, and four legs";
  Advance(absl::Hours(3));
  EXPECT_EQ(WorkOn(visit), "");
  EXPECT_EQ(ReasonFor("RecordLeg", Of(visit, "kind: KIND_RETURN_HOME")), "STATE_FORBIDS");
}

TEST_F(VisitTest, SetsOutOnlyWhenAllChecksHavePassed) {
  const v1::Visit planned = Planned();
  const std::string setting_out = Of(planned, "kind: KIND_PICK_UP");
  EXPECT_EQ(ReasonFor("RecordSafetyCheck", Of(planned, "check { kind: KIND_HEALTH }")), "FIELD_INVALID");
  Safe(planned);
  Must<v1::Visit>("RecordSafetyCheck", Of(planned, "check { kind: KIND_HEALTH remark: '头晕，先量血压' }"));
  EXPECT_THAT(Call<v1::Visit>("RecordLeg", setting_out).status().ToString(), HasSubstr("KIND_HEALTH"));
  const v1::Visit fetched = Reach(Check(planned, "HEALTH"), "KIND_PICK_UP");
  EXPECT_EQ(fetched.state(), v1::Visit::STATE_UNDER_WAY);
  EXPECT_EQ(ReasonFor("RecordSafetyCheck", Of(fetched, "check { kind: KIND_KIN passed: true }")), "STATE_FORBIDS");
}

TEST_F(VisitTest, FollowsItsLegsAndMayTurnHomeAtAnyTime) {
  const v1::Visit planned = Safe(Planned());
  for (const char* early : {"KIND_IN_TRANSIT", "KIND_AT_BODY", "KIND_RETURN_HOME"}) {
    EXPECT_EQ(ReasonFor("RecordLeg", Of(planned, absl::StrCat("kind: ", early))), "STATE_FORBIDS");
  }
  const v1::Visit fetched = Reach(planned, "KIND_PICK_UP");
  EXPECT_EQ(ReasonFor("RecordLeg", Of(fetched, "kind: KIND_AT_BODY")), "STATE_FORBIDS");
  for (const absl::Duration wrong : {absl::Hours(1), -absl::Hours(1)}) {
    EXPECT_EQ(ReasonFor("RecordLeg", Of(fetched, "kind: KIND_IN_TRANSIT occur_time " + In(wrong))), "FIELD_INVALID");
  }
  const v1::Visit home = Reach(fetched, "KIND_RETURN_HOME");
  EXPECT_EQ(home.state(), v1::Visit::STATE_DONE);
  EXPECT_FALSE(home.legs(2).has_actual_time()) << "they turned back";
}

TEST_F(VisitTest, ThatNeverReturnsHomeIsTheLeadersWorkAndNeverEndsByItself) {
  const v1::Visit planned = Planned();
  EXPECT_EQ(WorkOn(planned), "");
  Advance(absl::Hours(1) + absl::Minutes(1));
  EXPECT_EQ(WorkOn(planned), "referral.visit staff/wang") << "it is time to set out";
  const v1::Visit out = Reach(Reach(Safe(planned), "KIND_PICK_UP"), "KIND_IN_TRANSIT");
  EXPECT_EQ(WorkOn(out), "");
  Advance(absl::Hours(2));
  EXPECT_EQ(WorkOn(out), "referral.visit staff/li-min");
  Advance(absl::Hours(48));
  EXPECT_EQ(WorkOn(out), "referral.visit staff/li-min");
  EXPECT_EQ(Must<v1::Visit>("GetVisit", absl::StrCat("name: '", out.name(), "'")).state(), v1::Visit::STATE_UNDER_WAY);
  EXPECT_EQ(WorkOn(Reach(out, "KIND_RETURN_HOME")), "");
}

TEST_F(VisitTest, BringsWhatHappensBeforeTheLeaderAndTheCaseAtOnce) {
  const v1::Visit out = Fetched();
  const absl::Time begin = absl::Now();
  const std::string fall = Of(out, "incident { kind: KIND_FALL text: '在门口摔倒，意识清楚' }");
  EXPECT_THAT(Must<v1::Visit>("ReportIncident", fall),
              Partially("incidents { kind: KIND_FALL text: '在门口摔倒，意识清楚' author: 'staff/wang' }"));
  EXPECT_EQ(WorkOn(out), "referral.visit_incident staff/li-min");
  Intake().Await(referral_, FakeIntake::ReferralReport::KIND_INCIDENT);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  RecordProperty("seconds_to_leader_and_case", absl::StrCat(seconds));
  EXPECT_LT(seconds, 10);
}

TEST_F(VisitTest, TellsTheCaseOfAnIncidentOnTheUrgentLane) {
  const v1::Visit out = Fetched();
  EXPECT_TRUE(contract::Eventually([&] { return OpenVisitsTold(2) == 1; }));
  Intake().Refuse(true);
  Must<v1::Visit>("ReportIncident", Of(out, "incident { kind: KIND_UNWELL text: '胸闷' }"));
  const std::string lane =
      absl::StrCat("SELECT coalesce(string_agg(lane, ' '), '') FROM backbone.task WHERE subject = '", referral_,
                   "' AND state = 'dead' AND payload::text LIKE '%KIND_INCIDENT%'");
  EXPECT_TRUE(contract::Eventually([&] { return Sql(lane) == "urgent"; }));
  Intake().Refuse(false);
}

TEST_F(VisitTest, AsksForEachIncidentUntilSomethingWasDoneAboutIt) {
  const v1::Visit out = Fetched();
  Must<v1::Visit>("ReportIncident", Of(out, "incident { kind: KIND_FALL text: '摔倒' }"));
  Must<v1::Visit>("ReportIncident", Of(out, "incident { kind: KIND_PANIC text: '害怕，不肯进门' }"));
  EXPECT_EQ(WorkOn(out), "referral.visit_incident staff/li-min referral.visit_incident staff/li-min");
  const auto handled = Must<v1::Visit>("HandleIncident", Of(out, "number: 2 action: '陪他在外面坐了一会儿'"));
  EXPECT_EQ(handled.incidents(1).handler(), "staff/wang");
  EXPECT_FALSE(handled.incidents(0).has_handle_time());
  EXPECT_EQ(WorkOn(out), "referral.visit_incident staff/li-min");
  EXPECT_EQ(ReasonFor("HandleIncident", Of(out, "number: 2 action: '再记一次'")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("HandleIncident", Of(out, "number: 3 action: '没有这条'")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("ReportIncident",
                      Of(out, "incident { kind: KIND_FALL text: '摔倒' occur_time " + In(absl::Hours(1)) + " }")),
            "FIELD_INVALID");
}

TEST_F(VisitTest, IsRefusedWithAPlanThatCannotBe) {
  const std::string leader = "leader: 'staff/li-min' ";
  EXPECT_THAT(Refusal("leader: 'staff/chen' " + Legs()), HasSubstr("visit.leader"));
  EXPECT_THAT(Refusal(leader + Legs(-absl::Hours(1))), HasSubstr("visit.legs[0].planned_time"));
  EXPECT_THAT(Refusal(leader + "legs { kind: KIND_PICK_UP planned_time " + In(absl::Hours(1)) + " }"),
              HasSubstr("visit.legs"));
  EXPECT_THAT(Refusal(leader + Legs() + "appointment: '" + NewReferral() + "/appointments/$id'"),
              HasSubstr("visit.appointment"));
  EXPECT_EQ(ReasonFor("CreateVisit", Plan(leader + Legs()), Stranger()), "OTHER_HALL");
}

TEST_F(VisitTest, IsOfPeopleWhoWorkAtTheHall) {
  const std::string plan = "leader: 'staff/li-min' " + Legs();
  Intake().Miss("staff/nobody-here");
  EXPECT_EQ(ReasonFor("CreateVisit", Plan("leader: 'staff/nobody-here' " + Legs())), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("CreateVisit", Plan(plan + "companions: 'staff/nobody-here'")), "RESOURCE_NOT_FOUND");
  FakeIntake::Staff elsewhere;
  elsewhere.set_name("staff/elsewhere");
  elsewhere.set_hall("halls/110102014");
  Intake().Say(elsewhere);
  EXPECT_THAT(Refusal("leader: 'staff/elsewhere' " + Legs()), HasSubstr("visit.leader"));
  EXPECT_THAT(Refusal(plan + "companions: 'staff/elsewhere'"), HasSubstr("visit.companions[2]"));
  EXPECT_THAT(Must<v1::ListVisitsResponse>("ListVisits", absl::StrCat("parent: '", referral_, "'")).visits(),
              SizeIs(0));
}

TEST_F(VisitTest, IsPutToTheLeaderWhenItsAppointmentIsMovedOrCancelled) {
  const v1::Appointment appointment = Appointed();
  const v1::Visit planned = Must<v1::Visit>("CreateVisit", PlanFor(appointment));
  const v1::Visit other = Must<v1::Visit>("CreateVisit", PlanFor(Appointed()));
  const v1::Visit out = Reach(Safe(Must<v1::Visit>("CreateVisit", PlanFor(appointment))), "KIND_PICK_UP");
  const auto asked = [](const v1::Visit& it) {
    return contract::Eventually([&it] { return WorkOn(it) == "referral.visit_affected staff/li-min"; });
  };
  Must<v1::Appointment>("MoveAppointment", absl::StrCat("name: '", appointment.name(),
                                                        "' request_id: '$id' reason: "
                                                        "'医生出差' start_time ",
                                                        In(absl::Hours(48))));
  EXPECT_TRUE(asked(planned));
  EXPECT_TRUE(asked(out)) << "who is on the way is told";
  EXPECT_EQ(WorkOn(other), "");
  Must<v1::Visit>("CancelVisit", Of(planned, "reason: '改期'"));
  EXPECT_EQ(WorkOn(planned), "");
  EXPECT_EQ(WorkOn(Reach(out, "KIND_RETURN_HOME")), "");
  const v1::Visit anew = Must<v1::Visit>("CreateVisit", PlanFor(appointment));
  Must<v1::Appointment>("CancelAppointment",
                        absl::StrCat("name: '", appointment.name(), "' request_id: '$id' reason: '不办了'"));
  EXPECT_TRUE(asked(anew));
  EXPECT_EQ(WorkOn(planned), "") << "which is over";
}

TEST_F(VisitTest, GoesToAnAppointmentThatIsNotOver) {
  const v1::Appointment appointment = Appointed();
  const std::string plan = PlanFor(appointment);
  EXPECT_EQ(Must<v1::Visit>("CreateVisit", plan).appointment(), appointment.name());
  Must<v1::Appointment>("CancelAppointment",
                        absl::StrCat("name: '", appointment.name(), "' request_id: '$id' reason: '改天'"));
  EXPECT_EQ(ReasonFor("CreateVisit", plan), "FIELD_INVALID");
}

TEST_F(VisitTest, IsTakenBackOnlyBeforeThePersonIsFetched) {
  const v1::Visit first = Planned();
  const v1::Visit second = Planned();
  EXPECT_EQ(Must<v1::Visit>("CancelVisit", Of(first, "reason: '下雨'")).state(), v1::Visit::STATE_CANCELLED);
  EXPECT_EQ(ReasonFor("CancelVisit", Of(first, "reason: '下雨'")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("RecordLeg", Of(first, "kind: KIND_PICK_UP")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("ReportIncident", Of(first, "incident { kind: KIND_FALL text: '摔倒' }")), "STATE_FORBIDS");
  Reach(Safe(second), "KIND_PICK_UP");
  EXPECT_EQ(ReasonFor("CancelVisit", Of(second, "reason: '下雨'")), "STATE_FORBIDS") << "they are brought home";
  const auto listed = Must<v1::ListVisitsResponse>("ListVisits", absl::StrCat("parent: '", referral_, "'"));
  ASSERT_THAT(listed.visits(), SizeIs(2));
  EXPECT_EQ(listed.visits(0).name(), second.name());
}

}  // namespace
}  // namespace xxt::referral
