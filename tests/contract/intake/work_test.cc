// What officers do with a case, to its end.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/timestamp.h"
#include "common/testing/protos.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::intake {
namespace {

using contract::FieldsOf;
using contract::ReasonOf;
using test::EqualsProto;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

// --- Working on a case -----------------------------------------------------------

TEST(RecordGap, OfTheSameTitleIsRecordedOnce) {
  const v1::Case created = NewCase();
  const v1::Paper first = NewPaper(created.name());
  v1::RecordGapRequest again = GapRequest(created.name());
  again.mutable_paper()->set_title("火化 证明");
  again.mutable_paper()->set_copies(3);
  EXPECT_THAT(Get(&Papers::RecordGap, again, Officer()), EqualsProto(first.DebugString()));
  EXPECT_THAT(first, Partially("title: '火化证明' form: FORM_ORIGINAL copies: 1 provider: PROVIDER_APPLICANT "
                               "state: STATE_NEEDED etag: '1'"));
  EXPECT_TRUE(first.has_found_missing_time());
  EXPECT_THAT(PapersOf(created.name()), SizeIs(1));
  EXPECT_EQ(Read(created.name()).etag(), created.etag()) << "the case is as it was";
}

TEST(IssueChecklist, TellsEverythingOnceAndCountsAmendments) {
  const v1::Case created = NewCase();
  const v1::Checklist told = Get(&Papers::IssueChecklist, ChecklistRequest(created.name()), Officer());
  EXPECT_EQ(told.case_(), created.name());
  EXPECT_EQ(told.version(), 1);
  EXPECT_EQ(told.amendment_count(), 0);
  EXPECT_THAT(told.papers(), SizeIs(2));
  const auto message = World::Get().notification().Await(created.name() + "#checklist.1");
  EXPECT_EQ(ParameterOf(message.message(), "count").number(), 2);

  v1::IssueChecklistRequest again = ChecklistRequest(created.name());
  FillPaper(again.add_papers(), "关系证明");
  v1::Checklist response;
  EXPECT_THAT(FieldsOf(Ask(&Papers::IssueChecklist, again, &response, Officer())), ElementsAre("amendment_reason"));
  again.set_amendment_reason("漏告知一项");
  const v1::Checklist amended = Get(&Papers::IssueChecklist, again, Officer());
  EXPECT_EQ(amended.version(), 2);
  EXPECT_EQ(amended.amendment_count(), 1);
  EXPECT_THAT(amended.papers(0), EqualsProto(told.papers(0).DebugString())) << "untouched";
  EXPECT_EQ(amended.papers(2).since_version(), 2);
  EXPECT_THAT(Read(created.name()), Partially("checklist_version: 2 checklist_amendment_count: 1"));
}

TEST(IssueChecklist, RefusesCatchAllsAndWhatTheCounterHasSeen) {
  const std::string name = Get(&Cases::HandOffFromCounter, HandOffRequest(), Clerk()).case_().name();
  v1::IssueChecklistRequest request = ChecklistRequest(name);
  v1::Checklist response;
  FillPaper(request.add_papers(), "其他材料");
  EXPECT_THAT(FieldsOf(Ask(&Papers::IssueChecklist, request, &response, Officer())), ElementsAre("papers[2].title"));
  request.mutable_papers(2)->set_title("其他");
  EXPECT_THAT(FieldsOf(Ask(&Papers::IssueChecklist, request, &response, Officer())), ElementsAre("papers[2].title"));
  request.mutable_papers(2)->set_title("身份证");
  EXPECT_THAT(FieldsOf(Ask(&Papers::IssueChecklist, request, &response, Officer())), ElementsAre("papers[2].title"));
}

TEST(SetNextAction, IsTheOwnersDeskTask) {
  const v1::Case created = NewCase();
  const v1::Case planned = Get(&Cases::SetNextAction, NextActionRequest(created.name()), Officer());
  EXPECT_EQ(planned.next_action().summary(), "联系殡仪馆档案室");
  const std::vector<common::Task> tasks = TasksAbout(created.name(), /*future=*/true);
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_THAT(tasks[0], Partially("kind: 'case.act' summary: '联系殡仪馆档案室' assignee: 'staff/wang'"));
  EXPECT_EQ(tasks[0].next_action_time().seconds(), planned.next_action().due_time().seconds());
}

TEST(SetNextAction, InThePastIsRefused) {
  v1::SetNextActionRequest request = NextActionRequest(NewCase().name());
  rpc::ToProto(World::Get().now() - absl::Seconds(1), request.mutable_next_action()->mutable_due_time());
  v1::Case response;
  EXPECT_THAT(FieldsOf(Ask(&Cases::SetNextAction, request, &response, Officer())), ElementsAre("next_action.due_time"));
  // Nobody may put a case to sleep.
  request.mutable_next_action()->mutable_due_time()->set_seconds(253402300799);  // 9999-12-31
  EXPECT_THAT(FieldsOf(Ask(&Cases::SetNextAction, request, &response, Officer())), ElementsAre("next_action.due_time"));
}

TEST(CaseAct, DoneNeedsTheNextTimeAndKeepsTheNote) {
  const v1::Case created = NewCase();
  World::Get().database().Sql(
      absl::StrCat("UPDATE backbone.desk_task SET due = now() WHERE subject = '", created.name(), "'"));
  auto done = DoneRequest(TasksAbout(created.name()).at(0), "DONE", "已给当事人打过电话");
  common::CompleteTaskResponse response;
  EXPECT_THAT(FieldsOf(Ask(&Tasks::CompleteTask, done, &response, Officer())), ElementsAre("next_action_time"));
  rpc::ToProto(World::Get().now() + absl::Hours(24 * 365), done.mutable_next_action_time());
  EXPECT_THAT(FieldsOf(Ask(&Tasks::CompleteTask, done, &response, Officer())), ElementsAre("next_action_time"));
  rpc::ToProto(World::Get().now() + absl::Hours(48), done.mutable_next_action_time());
  Get(&Tasks::CompleteTask, done, Officer());
  EXPECT_EQ(Read(created.name()).next_action().due_time().seconds(), done.next_action_time().seconds());
  EXPECT_EQ(ContactsOf(created.name()).at(0).summary(), "已给当事人打过电话");
  EXPECT_THAT(TasksAbout(created.name(), /*future=*/true), SizeIs(1));
}

// A task of the machine about `subject` that waits for an operator.
std::string DeadTask(const std::string& subject) {
  const std::string id = NewId();
  World::Get().database().Sql(absl::StrCat(
      "INSERT INTO backbone.machine_task (id, kind, lane, subject, dedupe_key, due, state, not_before) VALUES ('", id,
      "', 'test.dead', 'bulk', '", subject, "', '", id, "', now(), 'dead', 'infinity')"));
  return "tasks/" + id;
}

TEST(GetTask, ShowsPeopleTheirDeskAndOperatorsAll) {
  const v1::Case created = NewCase();
  const common::Task listed = TasksAbout(created.name(), /*future=*/true).at(0);
  common::GetTaskRequest request;
  request.set_name(listed.name());
  common::Task response;
  for (const std::string& caller : {Officer(), Leader(), District(), Operator()}) {
    EXPECT_EQ(Get(&Tasks::GetTask, request, caller).SerializeAsString(), listed.SerializeAsString());
  }
  EXPECT_EQ(ReasonOf(Ask(&Tasks::GetTask, request, &response, Stranger())), "OTHER_HALL");
  request.set_name(DeadTask("cases/one"));
  EXPECT_EQ(Get(&Tasks::GetTask, request, Operator()).state(), common::Task::STATE_DEAD);
  for (const std::string& caller : {Officer(), Leader(), District(), Stranger()}) {
    EXPECT_EQ(ReasonOf(Ask(&Tasks::GetTask, request, &response, caller)), "RESOURCE_NOT_FOUND");
  }
}

// --- Closing ---------------------------------------------------------------------

TEST(ConfirmOutcome, NeedsTheWordOfAPersonReached) {
  v1::LogContactRequest log = ContactRequest(NewCase().name());
  log.mutable_contact()->set_result(v1::Contact::RESULT_NOT_REACHED);
  const v1::Contact not_reached = Get(&Contacts::LogContact, log, Officer());
  v1::Case response;
  EXPECT_EQ(ReasonOf(Ask(&Closing::ConfirmOutcome, OutcomeRequest(not_reached), &response, Officer())),
            "STATE_FORBIDS");
  v1::ConfirmOutcomeRequest request = OutcomeRequest(not_reached);
  request.mutable_outcome()->set_contact(NewContact(NewCase().name()).name());  // of another case
  EXPECT_EQ(ReasonOf(Ask(&Closing::ConfirmOutcome, request, &response, Officer())), "RESOURCE_NOT_FOUND");
}

TEST(ProposeClosure, ListsEverythingThatIsMissingAtOnce) {
  const auto request = Text<v1::ProposeClosureRequest>(
      "name: '$0' closure { resolution: RESOLUTION_NOT_POSSIBLE explanation: '依规定办不了' } request_id: '$id'",
      NewCase().name());
  v1::Case response;
  const absl::Status status = Ask(&Closing::ProposeClosure, request, &response, Officer());
  EXPECT_EQ(ReasonOf(status), "CLOSURE_INCOMPLETE");
  EXPECT_THAT(FieldsOf(status),
              IsSupersetOf({"closure.told_in", "closure.basis", "closure.next_route", "closure.alternatives"}));
}

TEST(ReviewClosure, ClosesWithASecondPairOfEyesAndTellsThePerson) {
  const v1::Case proposed = Proposed();
  EXPECT_EQ(proposed.state(), v1::Case::STATE_CLOSURE_PROPOSED);
  v1::Case response;
  EXPECT_EQ(ReasonOf(Ask(&Closing::ReviewClosure, ReviewRequest(proposed.name()), &response, Officer())),
            "SECOND_REVIEWER_NEEDED");
  const v1::Paper paper = NewPaper(proposed.name());
  const v1::Case closed = Get(&Closing::ReviewClosure, ReviewRequest(proposed.name()), Leader());
  EXPECT_EQ(closed.state(), v1::Case::STATE_CLOSED);
  EXPECT_EQ(closed.closure().reviewer(), "staff/li-min");
  EXPECT_TRUE(closed.has_close_time());
  EXPECT_FALSE(closed.has_next_action());
  EXPECT_EQ(World::Get().notification().Await(proposed.name() + "#closed").message().template_(), "case-closed");
  // Nothing is left to do but to tell the person.
  EXPECT_THAT(TasksAbout(proposed.name(), /*future=*/true), IsEmpty());
  EXPECT_EQ(contract::ReasonFor(&Papers::RecordGap, GapRequest(proposed.name()), Officer()), "STATE_FORBIDS");
  EXPECT_EQ(contract::ReasonFor(&Papers::ReceivePaper, ReceiptRequest(paper), Officer()), "STATE_FORBIDS");
}

TEST(ReviewClosure, ReturnsWithWhatElseToTry) {
  const v1::Case proposed = Proposed();
  v1::ReviewClosureRequest request = ReviewRequest(proposed.name());
  request.set_decision(v1::ReviewClosureRequest::DECISION_RETURN);
  v1::Case response;
  EXPECT_THAT(FieldsOf(Ask(&Closing::ReviewClosure, request, &response, Leader())), ElementsAre("comment"));
  request.set_comment("再问一下民政");
  const v1::Case returned = Get(&Closing::ReviewClosure, request, Leader());
  EXPECT_EQ(returned.state(), v1::Case::STATE_IN_PROGRESS);
  EXPECT_EQ(returned.closure().review_comment(), "再问一下民政");
  EXPECT_TRUE(returned.has_next_action());
  EXPECT_THAT(returned.returned_closures(), IsEmpty());
  // The next proposal does not wipe out what was said of the last.
  v1::ProposeClosureRequest again;
  again.set_name(returned.name());
  *again.mutable_closure() = returned.closure();
  again.mutable_closure()->set_explanation("已另行说明");
  again.set_request_id(NewId());
  const v1::Case proposed_again = Get(&Closing::ProposeClosure, again, Officer());
  ASSERT_THAT(proposed_again.returned_closures(), SizeIs(1));
  EXPECT_EQ(proposed_again.returned_closures(0).reviewer(), "staff/li-min");
  EXPECT_EQ(proposed_again.returned_closures(0).review_comment(), "再问一下民政");
  EXPECT_EQ(proposed_again.closure().explanation(), "已另行说明");
  EXPECT_EQ(proposed_again.closure().reviewer(), "");
  EXPECT_EQ(Read(returned.name()).returned_closures_size(), 1);
}

// Lists go further than cases do.
TEST(BasicView, HoldsNoFreeWordsAboutPeople) {
  const v1::Case handed = Get(&Cases::HandOffFromCounter, HandOffRequest(), Clerk()).case_();
  const v1::Contact contact = NewContact(handed.name());
  Get(&Closing::ConfirmOutcome, OutcomeRequest(contact), Officer());
  Get(&Closing::ProposeClosure, ClosureRequest(contact, v1::Closure::RESOLUTION_RESOLVED), Officer());
  v1::ReviewClosureRequest review = ReviewRequest(handed.name());
  review.set_decision(v1::ReviewClosureRequest::DECISION_RETURN);
  review.set_comment("沈女士还没有拿到证明");
  Get(&Closing::ReviewClosure, review, Leader());
  Get(&Closing::ProposeClosure, ClosureRequest(contact, v1::Closure::RESOLUTION_RESOLVED), Officer());
  const auto get = Text<v1::GetCaseRequest>("name: '$0' view: CASE_VIEW_BASIC", handed.name());
  const auto list = Text<v1::ListCasesRequest>("display_code: '$0'", handed.display_code());
  for (const v1::Case& basic :
       {Get(&Cases::GetCase, get, Officer()), Get(&Cases::ListCases, list, Officer()).cases(0)}) {
    EXPECT_THAT(basic.parties(), IsEmpty());
    EXPECT_EQ(basic.summary(), "");
    EXPECT_EQ(basic.hand_off().counter(), "3 号综合窗口");
    EXPECT_EQ(basic.hand_off().reason(), "");
    EXPECT_EQ(basic.outcome().contact(), contact.name());
    EXPECT_EQ(basic.outcome().text(), "");
    EXPECT_EQ(basic.closure().told_in(), contact.name());
    EXPECT_EQ(basic.closure().explanation(), "");
    ASSERT_THAT(basic.returned_closures(), SizeIs(1));
    EXPECT_EQ(basic.returned_closures(0).reviewer(), "staff/li-min");
    EXPECT_EQ(basic.returned_closures(0).review_comment(), "");
  }
}

TEST(ReviewClosure, OfANoIsForNeitherProposerNorOwner) {
  const v1::Contact contact = NewContact(NewCase().name());
  v1::ProposeClosureRequest request = ClosureRequest(contact, v1::Closure::RESOLUTION_NOT_POSSIBLE);
  request.mutable_closure()->set_basis("某办法第十条");
  request.mutable_closure()->set_next_route("区级窗口会商");
  v1::Alternative& alternative = *request.mutable_closure()->add_alternatives();
  alternative.set_summary("请原单位出具");
  alternative.set_outcome("单位已注销");
  const v1::Case proposed = Get(&Closing::ProposeClosure, request, Leader());
  v1::Case response;
  EXPECT_EQ(ReasonOf(Ask(&Closing::ReviewClosure, ReviewRequest(proposed.name()), &response, Leader())),
            "SECOND_REVIEWER_NEEDED");
  EXPECT_EQ(ReasonOf(Ask(&Closing::ReviewClosure, ReviewRequest(proposed.name()), &response, Officer())),
            "SECOND_REVIEWER_NEEDED");
  EXPECT_EQ(Get(&Closing::ReviewClosure, ReviewRequest(proposed.name()), District()).state(), v1::Case::STATE_CLOSED);
}

}  // namespace
}  // namespace xxt::intake
