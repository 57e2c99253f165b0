// What comes back to a case from the other services.

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::intake {
namespace {

// How many messages of the case are on their way or told.
std::string TellsOf(const std::string& case_name) {
  const std::string where = absl::StrCat(" WHERE kind = 'case.tell' AND subject = '", case_name, "'");
  return World::Get().database().Sql(absl::StrCat("SELECT (SELECT count(*) FROM backbone.task", where,
                                                  ") + (SELECT count(*) FROM backbone.task_settled", where, ")"));
}

using contract::FieldsOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- Reports ---------------------------------------------------------------------

TEST(ReportReferral, MovesThePaperAndTheNextAction) {
  const v1::Case created = NewCase();
  NewPaper(created.name());
  Get(&Feed::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_OPENED),
      ReferralService());
  v1::Case found = Read(created.name());
  EXPECT_THAT(found.open_referrals(), ElementsAre(kReferral));
  EXPECT_EQ(PapersOf(created.name())[0].state(), v1::Paper::STATE_SOURCING);
  EXPECT_EQ(PapersOf(created.name())[0].referral(), kReferral);
  EXPECT_EQ(found.effort().referrals(), 1);
  Get(&Feed::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ANSWERED),
      ReferralService());
  found = Read(created.name());
  EXPECT_THAT(found.open_referrals(), IsEmpty());
  EXPECT_EQ(PapersOf(created.name())[0].state(), v1::Paper::STATE_LOCATED);
  EXPECT_THAT(found.next_action().summary(), HasSubstr("告知当事人"));
  // Late news opens nothing again.
  Get(&Feed::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_OPENED),
      ReferralService());
  EXPECT_THAT(Read(created.name()).open_referrals(), IsEmpty());
}

TEST(ReportReferral, TellsThePersonOfARouteSheetAndACutOff) {
  const v1::Case created = NewCase();
  v1::ReportReferralRequest sheet = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ROUTE_SHEET);
  const absl::CivilDay last = calendar::ToCivilDay(World::Get().now()) + 30;
  rpc::ToProto(last, sheet.mutable_last_safe_day());
  Get(&Feed::ReportReferral, sheet, ReferralService());
  const std::string id = std::string(kReferral).substr(10);
  EXPECT_EQ(
      World::Get().notification().Await(absl::StrCat(created.name(), "#route-sheet.", id, ".0")).message().template_(),
      "route-sheet-ready");
  v1::ReportReferralRequest near = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  v1::ReportReferralResponse response;
  EXPECT_THAT(FieldsOf(Ask(&Feed::ReportReferral, near, &response, ReferralService())), ElementsAre("last_safe_day"));
  rpc::ToProto(last, near.mutable_last_safe_day());
  Get(&Feed::ReportReferral, near, ReferralService());
  const auto told = World::Get().notification().Await(
      absl::StrCat(created.name(), "#cut-off.", id, ".", absl::FormatCivilTime(last), ".30.1"));
  EXPECT_EQ(told.message().template_(), "cut-off-near");
  EXPECT_EQ(told.message().parameters_size(), 3);
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr(calendar::DayInWords(last)))
      << "not “near”, which is untrue when it is read later";
}

TEST(ReportMessage, ThatReachedNobodyAfterTheClosingIsAPersonsToTell) {
  const v1::Case closed = Get(&Closing::ReviewClosure, ReviewRequest(Proposed().name()), Leader());
  ASSERT_EQ(closed.state(), v1::Case::STATE_CLOSED);
  Get(&Feed::ReportMessage, MessageRequest(closed.name(), v1::ReportMessageRequest::KIND_NOT_REACHED),
      NotificationService());
  const std::string said_in = ContactsOf(closed.name()).back().name();
  const std::vector<common::Task> tasks = TasksAbout(said_in);
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_THAT(tasks[0].summary(), HasSubstr("诉求已办结，但还有一条通知没能告知"));
  Get(&Tasks::CompleteTask, DoneRequest(tasks[0], "SEEN", "上门告知了"), Officer());
  EXPECT_THAT(TasksAbout(said_in), SizeIs(0));
}

TEST(ReportReferral, OfAClosedCaseIsAPersonsToTell) {
  const v1::Case closed = Get(&Closing::ReviewClosure, ReviewRequest(Proposed().name()), Leader());
  ASSERT_EQ(closed.state(), v1::Case::STATE_CLOSED);
  World::Get().notification().Await(closed.name() + "#closed");
  Get(&Feed::ReportReferral, ReferralRequest(closed.name(), v1::ReportReferralRequest::KIND_ANSWERED),
      ReferralService());
  EXPECT_TRUE(contract::Eventually([&] { return TasksAbout(closed.name()).size() == 1; }));
  EXPECT_THAT(TasksAbout(closed.name()).at(0).summary(), HasSubstr("诉求已办结，外部单位又有消息"));
}

TEST(ReportReferral, TellsEverySheetAndEveryLastDay) {
  const v1::Case created = NewCase();
  const std::string id = std::string(kReferral).substr(10);
  const absl::CivilDay last = calendar::ToCivilDay(World::Get().now()) + 30;
  for (int version = 1; version <= 2; ++version) {
    v1::ReportReferralRequest sheet = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ROUTE_SHEET);
    sheet.set_route_sheet_version(version);
    sheet.set_version(version);
    Get(&Feed::ReportReferral, sheet, ReferralService());
    const auto told =
        World::Get().notification().Await(absl::StrCat(created.name(), "#route-sheet.", id, ".", version));
    // Without a last day nobody is told one, nor that the body has answered.
    EXPECT_EQ(told.message().template_(), "route-sheet-plain");
  }
  int revision = 0;
  for (const absl::CivilDay day : {last, last - 1, last, last + 1}) {
    v1::ReportReferralRequest near = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_CUT_OFF_NEAR);
    rpc::ToProto(day, near.mutable_last_safe_day());
    near.set_version(10 + ++revision);
    Get(&Feed::ReportReferral, near, ReferralService());
    const std::string event = revision == 1 ? absl::StrCat("cut-off.", id, ".", absl::FormatCivilTime(day), ".30.1")
                                            : absl::StrCat("last-day.", id, ".", revision);
    const auto told = World::Get().notification().Await(absl::StrCat(created.name(), "#", event)).message();
    EXPECT_EQ(told.template_(), revision == 1 ? "cut-off-near" : "last-day-corrected");
    EXPECT_EQ(rpc::FromProto(ParameterOf(told, "last_day").date()), day);
    EXPECT_EQ(told.topic(), "last-day." + id);
    EXPECT_EQ(told.revision(), revision);
  }
}

TEST(ReportReferral, OfAnotherDayIsToldEvenWhenItIsPastSinceThePersonRemembersTheFirst) {
  const v1::Case created = NewCase();
  const std::string id = std::string(kReferral).substr(10);
  v1::ReportReferralRequest report = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ROUTE_SHEET);
  const absl::CivilDay today = calendar::ToCivilDay(World::Get().now());
  rpc::ToProto(today + 10, report.mutable_last_safe_day());
  Get(&Feed::ReportReferral, report, ReferralService());
  report = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_CUT_OFF_PASSED);
  rpc::ToProto(today - 1, report.mutable_last_safe_day());
  Get(&Feed::ReportReferral, report, ReferralService());
  EXPECT_EQ(
      World::Get().notification().Await(absl::StrCat(created.name(), "#last-day.", id, ".2")).message().template_(),
      "last-day-corrected");
}

TEST(CaseTell, OfARouteSheetNamesTheDayThatIsRightWhenItIsTold) {
  World::Get().notification().BeAway(1'000'000);
  const v1::Case created = NewCase();
  const std::string id = std::string(kReferral).substr(10);
  v1::ReportReferralRequest report = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ROUTE_SHEET);
  const absl::CivilDay today = calendar::ToCivilDay(World::Get().now());
  report.set_version(1);
  rpc::ToProto(today + 10, report.mutable_last_safe_day());
  Get(&Feed::ReportReferral, report, ReferralService());
  report = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  for (const int days : {7, 5}) {
    report.set_version(10 - days);
    report.set_request_id(NewId());
    rpc::ToProto(today + days, report.mutable_last_safe_day());
    Get(&Feed::ReportReferral, report, ReferralService());
  }
  World::Get().notification().BeAway(0);
  for (const std::string& event : {absl::StrCat("#route-sheet.", id, ".0"), absl::StrCat("#last-day.", id, ".3")}) {
    const auto told = World::Get().notification().Await(created.name() + event).message();
    EXPECT_EQ(rpc::FromProto(ParameterOf(told, "last_day").date()), today + 5) << event;
    EXPECT_EQ(told.revision(), 3) << event;
  }
  EXPECT_TRUE(contract::Eventually([&] {
    return World::Get().database().Sql(
               absl::StrCat("SELECT count(*) FROM backbone.task_settled WHERE kind = 'case.tell' AND subject = '",
                            created.name(), "'")) == "4";
  }));
  EXPECT_FALSE(World::Get().notification().Knows(absl::StrCat(created.name(), "#last-day.", id, ".2")));
}

TEST(ReportReferral, OfADayThatIsPastTellsThePersonNothingAndTheOwnerToSpeakWithThem) {
  const v1::Case created = NewCase();
  const std::string id = std::string(kReferral).substr(10);
  const absl::CivilDay last = calendar::ToCivilDay(World::Get().now()) - 2;
  v1::ReportReferralRequest near = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  rpc::ToProto(last, near.mutable_last_safe_day());
  Get(&Feed::ReportReferral, near, ReferralService());
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr("已过"));
  v1::ReportReferralRequest passed = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_CUT_OFF_PASSED);
  Get(&Feed::ReportReferral, passed, ReferralService());
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr("商量别的办法"));
  v1::ReportReferralRequest sheet = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ROUTE_SHEET);
  rpc::ToProto(last, sheet.mutable_last_safe_day());
  Get(&Feed::ReportReferral, sheet, ReferralService());
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr("商量"));
  EXPECT_EQ(
      World::Get().notification().Await(absl::StrCat(created.name(), "#route-sheet.", id, ".0")).message().template_(),
      "route-sheet-plain");
  EXPECT_EQ(TellsOf(created.name()), "2");  // received, and the sheet
}

TEST(ReportReferral, OneThatComesLateSetsNoNextActionAndTellsNoOldDay) {
  const v1::Case created = NewCase();
  const std::string id = std::string(kReferral).substr(10);
  v1::ReportReferralRequest answered = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ANSWERED);
  answered.set_version(4);
  Get(&Feed::ReportReferral, answered, ReferralService());
  const std::string action = Read(created.name()).next_action().summary();
  v1::ReportReferralRequest near = ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_CUT_OFF_NEAR);
  const absl::CivilDay last = calendar::ToCivilDay(World::Get().now()) + 7;
  rpc::ToProto(last, near.mutable_last_safe_day());
  near.set_version(3);
  Get(&Feed::ReportReferral, near, ReferralService());
  EXPECT_EQ(Read(created.name()).next_action().summary(), action);
  // Nobody told a newer day yet: the person hears of this one.
  World::Get().notification().Await(
      absl::StrCat(created.name(), "#cut-off.", id, ".", absl::FormatCivilTime(last), ".7.1"));
  // But not of an older one.
  rpc::ToProto(last + 1, near.mutable_last_safe_day());
  near.set_version(2);
  near.set_request_id(NewId());
  Get(&Feed::ReportReferral, near, ReferralService());
  EXPECT_EQ(TellsOf(created.name()), "3");  // received, answered, one day
}

TEST(ReportReferral, EndedInVainNeedsTheNextBody) {
  const v1::Case created = NewCase();
  NewPaper(created.name());
  Get(&Feed::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_OPENED),
      ReferralService());
  Get(&Feed::ReportReferral, ReferralRequest(created.name(), v1::ReportReferralRequest::KIND_ENDED), ReferralService());
  EXPECT_EQ(PapersOf(created.name())[0].state(), v1::Paper::STATE_NEEDED);
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr("寻找下一家"));
}

TEST(ReportMessage, IsWrittenIntoTheContactLog) {
  const v1::Case created = NewCase();
  Get(&Feed::ReportMessage, MessageRequest(created.name(), v1::ReportMessageRequest::KIND_DELIVERED),
      NotificationService());
  Get(&Feed::ReportMessage, MessageRequest(created.name(), v1::ReportMessageRequest::KIND_IN_DOUBT),
      NotificationService());
  Get(&Feed::ReportMessage, MessageRequest(created.name(), v1::ReportMessageRequest::KIND_NOT_REACHED),
      NotificationService());
  const std::vector<v1::Contact> log = ContactsOf(created.name());
  ASSERT_THAT(log, SizeIs(3));
  EXPECT_EQ(log[0].author(), "services/notification");
  EXPECT_EQ(log[0].result(), v1::Contact::RESULT_REACHED);
  EXPECT_EQ(log[1].result(), v1::Contact::RESULT_IN_DOUBT);
  EXPECT_EQ(log[2].result(), v1::Contact::RESULT_NOT_REACHED);
  EXPECT_EQ(Read(created.name()).effort().messages(), 3);
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr("未能联系上"));
}

TEST(MergeCase, IsToldOnceWithBothNumbers) {
  const v1::Case kept = NewCase();
  const v1::Case other = NewCase();
  Get(&Closing::MergeCase,
      Text<v1::MergeCaseRequest>("name: '$0' into: '$1' reason: '同一件事' request_id: '$id'", other.name(),
                                 kept.name()),
      Leader());
  const auto told =
      World::Get().notification().Await(absl::StrCat(kept.name(), "#merged.", other.display_code())).message();
  EXPECT_EQ(told.template_(), "case-merged");
  EXPECT_EQ(told.parameters_size(), 4);
  EXPECT_EQ(ParameterOf(told, "code").text(), kept.display_code());
  EXPECT_EQ(ParameterOf(told, "other").text(), other.display_code());
  EXPECT_EQ(ParameterOf(told, "hall").text(), "陶然亭街道政务服务中心");
  EXPECT_NE(ParameterOf(told, "phone").text(), "");
}

TEST(ReportMessage, ThatComesLateMovesNothing) {
  const v1::Case created = NewCase();
  v1::ReportMessageRequest not_reached = MessageRequest(created.name(), v1::ReportMessageRequest::KIND_NOT_REACHED);
  not_reached.set_version(2);
  v1::ReportMessageRequest delivered = MessageRequest(created.name(), v1::ReportMessageRequest::KIND_DELIVERED);
  delivered.set_message(not_reached.message());
  delivered.set_version(3);
  Get(&Feed::ReportMessage, delivered, NotificationService());
  const std::string planned = Read(created.name()).next_action().summary();
  Get(&Feed::ReportMessage, not_reached, NotificationService());
  EXPECT_EQ(Read(created.name()).next_action().summary(), planned);
  EXPECT_THAT(ContactsOf(created.name()), SizeIs(2)) << "both are kept";
}

TEST(ReportMessage, OfADeliveryAfterAllTakesBackTheCallForAnotherWay) {
  const v1::Case created = NewCase();
  v1::ReportMessageRequest report = MessageRequest(created.name(), v1::ReportMessageRequest::KIND_NOT_REACHED);
  report.set_version(1);
  Get(&Feed::ReportMessage, report, NotificationService());
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr("另想办法告知"));
  report.set_kind(v1::ReportMessageRequest::KIND_DELIVERED);
  report.set_version(2);
  report.set_request_id(NewId());
  Get(&Feed::ReportMessage, report, NotificationService());
  EXPECT_THAT(Read(created.name()).next_action().summary(), HasSubstr("后来收到了通知"));
}

TEST(ReportMessage, AfterADoubtDoesNotSayThatItDidNotArrive) {
  const v1::Case created = NewCase();
  v1::ReportMessageRequest report = MessageRequest(created.name(), v1::ReportMessageRequest::KIND_IN_DOUBT);
  report.set_version(1);
  Get(&Feed::ReportMessage, report, NotificationService());
  report.set_kind(v1::ReportMessageRequest::KIND_HANDED_TO_STAFF);
  report.set_version(2);
  report.set_request_id(NewId());
  Get(&Feed::ReportMessage, report, NotificationService());
  EXPECT_EQ(ContactsOf(created.name()).at(1).result(), v1::Contact::RESULT_IN_DOUBT);
}

TEST(ReportMessage, IsToldToWatchersAsWhatItIs) {
  const v1::Case created = NewCase();
  for (const auto kind : {v1::ReportMessageRequest::KIND_IN_DOUBT, v1::ReportMessageRequest::KIND_DELIVERED}) {
    Get(&Feed::ReportMessage, MessageRequest(created.name(), kind), NotificationService());
  }
  const auto request = Text<v1::WatchCasesRequest>("name: '$0' resume_token: '0'", created.name());
  grpc::ClientContext context;
  contract::Prepare(context, Officer());
  const auto stream = Cases(World::Get().channel()).WatchCases(&context, request);
  std::vector<std::string> told;
  for (v1::WatchCasesResponse heard; told.size() < 2 && stream->Read(&heard);) {
    for (const auto& event : heard.events()) {
      if (event.type() == "case.message_reported.v1") told.push_back(event.summary());
    }
  }
  context.TryCancel();
  EXPECT_THAT(told, ElementsAre("通知是否送达不明，待人工确认", "通知已送达"));
}

TEST(CaseTell, IsTriedAgainWhileTheNotificationServiceIsAway) {
  World::Get().notification().BeAway(1);
  const v1::Case created = NewCase();
  EXPECT_EQ(World::Get().notification().Await(created.name() + "#received").message().case_name(), created.name());
}

TEST(CaseTell, AgainAfterTheHallChangedItsTelephoneIsToldOnceAndDone) {
  World& world = World::Get();
  world.notification().LoseAnswers(true);
  const v1::Case created = NewCase();
  ASSERT_EQ(world.notification().Await(created.name() + "#received").message().case_name(), created.name());
  world.database().Sql("UPDATE intake.halls SET phone_number = '010-6300 9999'");
  world.notification().LoseAnswers(false);
  EXPECT_TRUE(contract::Eventually([&] {
    return world.database().Sql("SELECT outcome FROM backbone.task_settled WHERE kind = 'case.tell' AND subject = '" +
                                created.name() + "'") == "done";
  }));
  EXPECT_EQ(world.notification().reused(), 1);
  EXPECT_THAT(TasksAbout(created.name()), IsEmpty()) << "nobody tells it a second time";
}

// --- What was told to a wrong number ---------------------------------------------

// Whom the notification service would tell it to.
std::string PhoneFor(const v1::Case& of) {
  return World::Get().notification().Await(of.name() + "#received").message().recipient().phone_number();
}

TEST(CorrectParty, IsHeardByTheMessagesThatAreNotSentYet) {
  const v1::Case of = NewCase();
  ASSERT_EQ(PhoneFor(of), "+8613800138000");
  Get(&People::CorrectParty, CorrectionRequest(of), Officer());
  EXPECT_TRUE(contract::Eventually([&] { return PhoneFor(of) == "+8613800138111"; }));
}

TEST(CorrectParty, IsHeardByAMessageThatWasOnItsWayThen) {
  FakeNotification& notification = World::Get().notification();
  const int held = notification.held();
  const int corrections = notification.corrections();
  notification.Hold(true);
  const v1::Case of = NewCase();
  ASSERT_TRUE(contract::Eventually([&] { return notification.held() > held; }));
  Get(&People::CorrectParty, CorrectionRequest(of), Officer());
  ASSERT_TRUE(contract::Eventually([&] { return notification.corrections() > corrections; }));
  EXPECT_FALSE(notification.Knows(of.name() + "#received")) << "the correction came first";
  notification.Hold(false);
  EXPECT_TRUE(contract::Eventually([&] { return PhoneFor(of) == "+8613800138111"; }));
}

TEST(CorrectParty, IsHeardByAMessageWhoseTellingIsDoneByItsFirstAttempt) {
  FakeNotification& notification = World::Get().notification();
  const int reused = notification.reused();
  notification.LoseAnswers(true);
  const v1::Case of = NewCase();
  ASSERT_EQ(PhoneFor(of), "+8613800138000");
  Get(&People::CorrectParty, CorrectionRequest(of), Officer());
  notification.LoseAnswers(false);
  EXPECT_TRUE(contract::Eventually([&] { return notification.reused() > reused; }));
  EXPECT_TRUE(contract::Eventually([&] { return PhoneFor(of) == "+8613800138111"; }));
}

TEST(CorrectParty, OfWhatNoMessageHoldsIsToldToNobody) {
  const v1::Case of = NewCase();
  v1::CorrectPartyRequest request = CorrectionRequest(of);
  request.clear_phone_number();
  request.set_relationship("本人");
  Get(&People::CorrectParty, request, Officer());
  EXPECT_EQ(World::Get().database().Sql("SELECT (SELECT count(*) FROM backbone.task WHERE subject = '" +
                                        of.parties(0).name() +
                                        "') + (SELECT count(*) FROM backbone.task_settled "
                                        "WHERE subject = '" +
                                        of.parties(0).name() + "')"),
            "0");
}

TEST(CorrectParty, ThatIsRefusedBecomesADeskTask) {
  World::Get().notification().RefuseCorrections(true);
  const v1::Case of = NewCase();
  Get(&People::CorrectParty, CorrectionRequest(of), Officer());
  std::string summary;
  EXPECT_TRUE(contract::Eventually([&] {
    for (const common::Task& task : TasksAbout(of.name())) {
      if (task.kind() == "intake.dead_task") summary = task.summary();
    }
    return !summary.empty();
  }));
  World::Get().notification().RefuseCorrections(false);
  EXPECT_THAT(summary, HasSubstr("可能仍按更正前的发送"));
}

TEST(CaseTell, RefusedForGoodBecomesADeskTask) {
  World::Get().notification().Refuse({"checklist-issued"});
  const v1::Case created = NewCase();
  Get(&Papers::IssueChecklist, ChecklistRequest(created.name()), Officer());
  std::vector<common::Task> tasks;
  EXPECT_TRUE(contract::Eventually([&] {
    tasks = TasksAbout(created.name());
    return !tasks.empty();
  }));
  World::Get().notification().Refuse({});
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].kind(), "intake.dead_task");

  // Who did it instead changes the case: watchers hear of it, old etags are stale.
  const std::string before = Read(created.name()).etag();
  Get(&Tasks::CompleteTask, DoneRequest(tasks[0], "SEEN"), Officer());
  EXPECT_NE(Read(created.name()).etag(), before);
  EXPECT_EQ(World::Get().database().Sql(absl::StrCat("SELECT count(*) FROM backbone.event WHERE subject = '",
                                                     created.name(), "' AND type = 'case.trouble_seen.v1'")),
            "1");
}

}  // namespace
}  // namespace xxt::intake
