// Bodies, their rules, asking them and what they reply.

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/referral/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/referral/v1/body.grpc.pb.h"
#include "xixinting/referral/v1/entry.grpc.pb.h"
#include "xixinting/referral/v1/mail.grpc.pb.h"
#include "xixinting/referral/v1/referral.grpc.pb.h"
#include "xixinting/referral/v1/rule_note.grpc.pb.h"

namespace xxt::referral {
namespace {

using contract::FieldsOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// --- Bodies and rules ------------------------------------------------------------

TEST(ListBodies, FindsByTitleByDocumentAndByKind) {
  const auto find = [](const std::string& query, v1::Body::Kind kind) {
    v1::ListBodiesRequest request;
    request.set_query(query);
    request.set_kind(kind);
    std::vector<std::string> names;
    const v1::ListBodiesResponse response = Get(&Bodies::ListBodies, request, Officer());
    for (const v1::Body& body : response.bodies()) names.push_back(body.name());
    return names;
  };
  EXPECT_THAT(find("八宝山", v1::Body::KIND_UNSPECIFIED), ElementsAre("bodies/babaoshan"));
  EXPECT_THAT(find("人事档案", v1::Body::KIND_UNSPECIFIED), ElementsAre("bodies/xicheng-hr"));
  EXPECT_THAT(find("", v1::Body::KIND_HOSPITAL), ElementsAre("bodies/taoranting-hospital"));
  EXPECT_THAT(find("100%_", v1::Body::KIND_UNSPECIFIED), IsEmpty());
}

TEST(ListBodies, PagesThroughEveryBodyOnce) {
  v1::ListBodiesRequest request;
  request.set_page_size(2);
  std::set<std::string> names;
  int pages = 0;
  do {
    const v1::ListBodiesResponse response = Get(&Bodies::ListBodies, request, Officer());
    for (const v1::Body& body : response.bodies()) EXPECT_TRUE(names.insert(body.name()).second);
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < 10);
  EXPECT_THAT(names, SizeIs(9));
  EXPECT_EQ(pages, 5);
  request.set_page_token("broken");
  EXPECT_EQ(ReasonFor(&Bodies::ListBodies, request, Officer()), "PAGE_TOKEN_INVALID");
}

TEST(RuleNotes, AreReadBackNewestFirst) {
  v1::CreateRuleNoteRequest request = NoteRequest();
  const v1::RuleNote made = Get(&RuleNotes::CreateRuleNote, request, Officer());
  EXPECT_EQ(made.verifier(), "staff/wang");
  v1::ListRuleNotesRequest list;
  list.set_parent(request.parent());
  EXPECT_EQ(Get(&RuleNotes::ListRuleNotes, list, Officer()).rule_notes(0).name(), made.name());
}

TEST(RuleNotes, WithAPeriodNeedAnAnchor) {
  v1::CreateRuleNoteRequest request = NoteRequest();
  request.mutable_rule_note()->set_period("P2Y");
  v1::RuleNote response;
  const absl::Status status = Ask(&RuleNotes::CreateRuleNote, request, &response, Officer());
  EXPECT_THAT(FieldsOf(status), ElementsAre("rule_note.anchor"));
}

// --- Asking ----------------------------------------------------------------------

TEST(CreateReferral, RefusesADatumWithoutLawfulBasis) {
  v1::CreateReferralRequest request = CreateRequest();
  v1::DisclosedField& number = *request.mutable_referral()->add_disclosed();
  number.set_kind(v1::DATA_KIND_SUBJECT_RESIDENT_ID);
  number.set_value("11010519491231002X");
  v1::Referral response;
  const absl::Status status = Ask(&Referrals::CreateReferral, request, &response, Officer());
  EXPECT_EQ(ReasonOf(status), "LAWFUL_BASIS_MISSING");
  EXPECT_THAT(status.ToString(), HasSubstr("referral.disclosed[1].kind"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("11010519491231002X")));
}

TEST(CreateReferral, IsForAnOpenCaseOfTheCallersHall) {
  FakeIntake& intake_service = World::Get().intake();
  const v1::CreateReferralRequest request = CreateRequest();
  intake::Case other;
  other.set_name(request.referral().case_name());
  other.set_hall(kOtherHall);
  intake_service.Say(other);
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "OTHER_HALL");
  other.set_hall(kHall);
  other.set_state(static_cast<intake::Case::State>(77));
  intake_service.Say(other);
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "INTERNAL") << "an intake of a newer version";
  intake_service.CloseCase(request.referral().case_name());
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "STATE_FORBIDS");
  intake_service.Miss(request.referral().case_name());
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "RESOURCE_NOT_FOUND");
  intake_service.AnswerNoQuestions(true);
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, CreateRequest(), Officer()), "PEER_UNAVAILABLE");
  intake_service.AnswerNoQuestions(false);
  v1::ListReferralsRequest list;
  list.set_case_name(request.referral().case_name());
  EXPECT_EQ(Get(&Referrals::ListReferrals, list, Officer()).referrals_size(), 0);
}

TEST(CreateReferral, AsksIntakeOnceMoreWhereTheQuestionWasDropped) {
  World::Get().intake().DropQuestions(1);
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, CreateRequest(), Officer()), "OK");
}

// The field that the request is refused for, or the reason if it is another.
std::string RefusalOf(const v1::CreateReferralRequest& request) {
  v1::Referral response;
  const absl::Status status = Ask(&Referrals::CreateReferral, request, &response, Officer());
  const std::vector<std::string> fields = FieldsOf(status);
  return ReasonOf(status) == "FIELD_INVALID" && fields.size() == 1 ? fields.front() : ReasonOf(status);
}

constexpr char kRecordedIn[] = "referral.lawful_basis.recorded_in";

TEST(CreateReferral, RestsOnNoContactThatIsNotThereOrInWhichNobodyOfTheCaseSpoke) {
  const v1::CreateReferralRequest request = CreateRequest();
  const std::string& name = request.referral().lawful_basis().recorded_in();
  FakeIntake& intake_service = World::Get().intake();
  intake::Contact reached = Text<intake::Contact>(
      "name: '$0' counterpart: COUNTERPART_KIN result: RESULT_REACHED author: 'staff/wang'", name);
  for (const char* flaw : {"result: RESULT_NOT_REACHED", "result: RESULT_IN_DOUBT", "counterpart: COUNTERPART_BODY",
                           "counterpart: COUNTERPART_COLLEAGUE", "author: 'services/notification'"}) {
    intake::Contact flawed = reached;
    flawed.MergeFrom(Text<intake::Contact>(flaw));
    intake_service.Say(flawed);
    EXPECT_EQ(RefusalOf(request), kRecordedIn) << flaw;
  }
  intake_service.Miss(name);
  EXPECT_EQ(RefusalOf(request), "RESOURCE_NOT_FOUND");
  v1::ListReferralsRequest list;
  list.set_case_name(request.referral().case_name());
  EXPECT_EQ(Get(&Referrals::ListReferrals, list, Officer()).referrals_size(), 0);
  const v1::CreateReferralRequest good = CreateRequest();
  reached.set_name(good.referral().lawful_basis().recorded_in());
  intake_service.Say(reached);
  EXPECT_EQ(RefusalOf(good), "OK");
}

TEST(CreateReferral, RestsOnNoContactThatWasCorrected) {
  const v1::CreateReferralRequest request = CreateRequest();
  const std::string& name = request.referral().lawful_basis().recorded_in();
  const std::string newer = absl::StrCat(request.referral().case_name(), "/contacts/newer");
  World::Get().intake().Say(
      Text<intake::Contact>("name: '$0' counterpart: COUNTERPART_APPLICANT result: RESULT_REACHED "
                            "author: 'staff/wang' corrected_by: '$1'",
                            name, newer));
  v1::Referral response;
  const absl::Status status = Ask(&Referrals::CreateReferral, request, &response, Officer());
  EXPECT_EQ(ReasonOf(status), "STATE_FORBIDS");
  EXPECT_THAT(status.ToString(), HasSubstr("/contacts/newer"));
}

TEST(CreateReferral, RestsOnAPaperThatWasReceived) {
  v1::CreateReferralRequest request = CreateRequest();
  const std::string name = absl::StrCat(request.referral().case_name(), "/papers/", NewId());
  request.mutable_referral()->mutable_lawful_basis()->set_recorded_in(name);
  World::Get().intake().Say(Text<intake::Paper>("name: '$0' state: STATE_NEEDED", name));
  EXPECT_EQ(RefusalOf(request), kRecordedIn);
  World::Get().intake().Say(Text<intake::Paper>("name: '$0' state: STATE_RECEIVED", name));
  EXPECT_EQ(RefusalOf(request), "OK");
}

TEST(CreateReferral, RestsOnNothingOfAnotherCaseAndOnNoBareWords) {
  v1::CreateReferralRequest request = CreateRequest();
  v1::LawfulBasis& basis = *request.mutable_referral()->mutable_lawful_basis();
  for (const std::string& other :
       {absl::StrCat("cases/", NewId(), "/contacts/", NewId()), std::string(), std::string("窗口当面同意")}) {
    basis.set_recorded_in(other);
    EXPECT_EQ(RefusalOf(request), kRecordedIn) << other;
  }
}

TEST(CreateReferral, OfAStatutoryDutyNamesTheArticle) {
  v1::CreateReferralRequest request = CreateRequest();
  v1::LawfulBasis& basis = *request.mutable_referral()->mutable_lawful_basis();
  basis.set_kind(v1::LawfulBasis::KIND_STATUTORY_DUTY);
  basis.clear_recorded_in();
  EXPECT_EQ(RefusalOf(request), "referral.lawful_basis.article");
  basis.set_article("有关规定");
  EXPECT_EQ(RefusalOf(request), "referral.lawful_basis.article");
  basis.set_article("《殡葬管理条例》第六条第一款");
  EXPECT_EQ(RefusalOf(request), "OK");
}

TEST(CreateReferral, IsAnsweredAgainEvenIfTheCaseWasClosedMeanwhile) {
  const v1::CreateReferralRequest request = CreateRequest();
  const v1::Referral referral = Get(&Referrals::CreateReferral, request, Officer());
  World::Get().intake().CloseCase(request.referral().case_name());
  EXPECT_EQ(Get(&Referrals::CreateReferral, request, Officer()).name(), referral.name());
}

TEST(CreateReferral, LetsNoDatumTravelUnderAnotherName) {
  const auto refused = [](const v1::CreateReferralRequest& request) {
    v1::Referral response;
    return FieldsOf(Ask(&Referrals::CreateReferral, request, &response, Officer()));
  };
  v1::CreateReferralRequest request = CreateRequest();
  request.mutable_referral()->mutable_disclosed(0)->set_value("110102194509220316");
  EXPECT_THAT(refused(request), ElementsAre("referral.disclosed[0].value"));
  request = CreateRequest();
  request.mutable_referral()->set_question("请查身份证号110102194509220316的档案");
  EXPECT_THAT(refused(request), ElementsAre("referral.question"));
  request.mutable_referral()->set_question("请回电 138 0013 8010");
  EXPECT_THAT(refused(request), ElementsAre("referral.question"));
  request.mutable_referral()->set_question("沈玉兰的老伴2016-02-14火化");
  EXPECT_THAT(refused(request), ElementsAre("referral.question"));
  request.mutable_referral()->set_question("郑某某2016-02-14火化，档案在否");
  EXPECT_THAT(refused(request), IsEmpty());
}

TEST(CreateReferral, RefusesABodyOrUnitThatIsNotThere) {
  v1::CreateReferralRequest request = CreateRequest();
  request.mutable_referral()->set_body("bodies/nowhere");
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "RESOURCE_NOT_FOUND");
  request = CreateRequest();
  request.mutable_referral()->set_unit("kitchen");
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "FIELD_INVALID");
  // The archive has no mail address.
  request = CreateRequest(v1::Referral::CONNECTOR_EMAIL);
  request.mutable_referral()->set_unit("archive");
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, request, Officer()), "FIELD_INVALID");
}

TEST(CreateReferral, TellsTheCaseAlsoWhenIntakeWasAway) {
  World::Get().intake().BeAway(1);
  const v1::Referral referral = NewReferral();
  const intake::ReportReferralRequest report =
      World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_OPENED);
  EXPECT_EQ(report.case_name(), referral.case_name());
  EXPECT_EQ(report.body_title(), "八宝山殡仪馆");
  EXPECT_EQ(report.paper_title(), "火化证明");
}

TEST(StaffReferral, IsCarriedByThePersonWhoTakesTheTask) {
  const v1::Referral referral = NewReferral();
  const common::Task task = AwaitTask(referral.name(), "referral.carry");
  EXPECT_EQ(task.assignee(), "staff/wang");
  EXPECT_THAT(task.summary(), HasSubstr("010-6000 1234"));
  EXPECT_THAT(task.summary(), Not(HasSubstr("郑某某")));
  EXPECT_TRUE(Complete(task, "NO_ANSWER", "无人接听").ok());
  // Again on the next working day, not at once.
  EXPECT_THAT(TasksAbout(referral.name()), IsEmpty());
  EXPECT_EQ(Read(referral.name()).state(), v1::Referral::STATE_QUEUED);
  EXPECT_TRUE(EntriesOf(referral.name()).back().attempt().result() == v1::Attempt::RESULT_NO_ANSWER);
}

TEST(StaffReferral, IsNotPutToSleep) {
  const common::Task task = AwaitTask(NewReferral().name(), "referral.carry");
  const absl::Time far = absl::FromCivil(absl::CivilDay(9999, 12, 31), absl::UTCTimeZone());
  EXPECT_THAT(FieldsOf(Complete(task, "NO_ANSWER", "", far)), ElementsAre("next_action_time"));
  EXPECT_THAT(FieldsOf(Complete(task, "NO_ANSWER", "", World::Get().now() + absl::Hours(24 * 15))),
              ElementsAre("next_action_time"));
  EXPECT_TRUE(Complete(task, "NO_ANSWER", "", World::Get().now() + absl::Hours(24 * 13)).ok());
}

TEST(StaffReferral, IsSentOnceTheBodyIsReached) {
  const v1::Referral referral = NewReferral();
  EXPECT_TRUE(Complete(AwaitTask(referral.name(), "referral.carry"), "REACHED", "营业室接听").ok());
  const v1::Referral sent = Read(referral.name());
  EXPECT_EQ(sent.state(), v1::Referral::STATE_SENT);
  EXPECT_TRUE(sent.has_next_action_time());
  EXPECT_EQ(EntriesOf(referral.name()).front().attempt().summary(), "营业室接听");
}

TEST(StaffReferral, ThatWasWithdrawnIsNotCarriedOutAtTheNextTry) {
  const v1::Referral referral = SentReferral();
  Get(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer());
  const common::Task task = AwaitTask(referral.name(), "referral.carry");
  EXPECT_THAT(task.summary(), HasSubstr("协查已撤回"));
  EXPECT_TRUE(Complete(task, "NO_ANSWER", "无人接听").ok());
  EXPECT_THAT(World::Get().database().Sql("SELECT string_agg(summary, ' ') FROM backbone.desk_task WHERE kind = "
                                          "'referral.carry' AND subject = '" +
                                          referral.name() + "'"),
              HasSubstr("协查已撤回"));
}

// --- Replies ---------------------------------------------------------------------

TEST(RecordReply, MovesTheReferralAndTellsTheCase) {
  const struct {
    v1::Reply::Kind kind;
    v1::Referral::State state;
  } moves[] = {
      {v1::Reply::KIND_ACKNOWLEDGED, v1::Referral::STATE_ACCEPTED},
      {v1::Reply::KIND_PASSED_ON, v1::Referral::STATE_ACCEPTED},
      {v1::Reply::KIND_NEEDS_INPUT, v1::Referral::STATE_NEEDS_INPUT},
      {v1::Reply::KIND_ANSWERED, v1::Referral::STATE_ANSWERED},
      {v1::Reply::KIND_NOT_HELD, v1::Referral::STATE_NOT_HELD},
      {v1::Reply::KIND_REDIRECTED, v1::Referral::STATE_REDIRECTED},
      {v1::Reply::KIND_DECLINED, v1::Referral::STATE_DECLINED},
  };
  for (const auto& move : moves) {
    const v1::Referral referral = SentReferral();
    const v1::Referral moved =
        Get(&Referrals::RecordReply, ReplyRequest(referral.name(), move.kind, "说明"), Officer());
    EXPECT_EQ(moved.state(), move.state);
    EXPECT_EQ(moved.has_next_action_time(), move.state < v1::Referral::STATE_ANSWERED);
    if (move.state > v1::Referral::STATE_ANSWERED) {
      const auto report = World::Get().intake().Await(referral.name(), intake::ReportReferralRequest::KIND_ENDED);
      EXPECT_EQ(report.referral(), referral.name());
      EXPECT_THAT(report.summary(), Not(HasSubstr("说明")));
    }
  }
}

TEST(RecordReply, OfANegativeKindNeedsAReason) {
  v1::Referral response;
  const absl::Status status = Ask(
      &Referrals::RecordReply, ReplyRequest(SentReferral().name(), v1::Reply::KIND_NOT_HELD, ""), &response, Officer());
  EXPECT_THAT(FieldsOf(status), ElementsAre("reply.reason"));
}

TEST(RecordReply, WritesHopAndFindingIntoTheLedger) {
  const v1::Referral referral = SentReferral();
  v1::RecordReplyRequest passed = ReplyRequest(referral.name(), v1::Reply::KIND_PASSED_ON, "");
  passed.mutable_reply()->mutable_hop()->set_from_unit("funeral");
  passed.mutable_reply()->mutable_hop()->set_to_unit("archive");
  passed.mutable_reply()->mutable_hop()->set_extension("8");
  Get(&Referrals::RecordReply, passed, Officer());
  v1::RecordReplyRequest answered = ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, "");
  answered.mutable_reply()->mutable_finding()->set_reference_number("2014-0612");
  answered.mutable_reply()->mutable_finding()->set_holder_unit("archive");
  answered.mutable_reply()->mutable_finding()->set_text("档案在，可补办");
  Get(&Referrals::RecordReply, answered, Officer());
  std::vector<v1::Entry::ContentCase> kinds;
  for (const v1::Entry& entry : EntriesOf(referral.name())) kinds.push_back(entry.content_case());
  EXPECT_THAT(kinds, ElementsAre(v1::Entry::kAttempt, v1::Entry::kReply, v1::Entry::kHop, v1::Entry::kReply,
                                 v1::Entry::kFinding));
}

TEST(RecordReply, IsRefusedByAnEndedReferralUnlessAMailSaysSo) {
  const v1::Referral referral = NewReferral();
  Get(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer());
  EXPECT_EQ(ReasonFor(&Referrals::RecordReply, ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, ""), Officer()),
            "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer()), "STATE_FORBIDS");
  v1::RecordReplyRequest unknown_mail = ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, "");
  unknown_mail.mutable_reply()->set_mail(referral.name() + "/entries/" + NewId());
  EXPECT_EQ(ReasonFor(&Referrals::RecordReply, unknown_mail, Officer()), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::referral
