// Opening cases and reading them.

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/calendar/shanghai_time.h"
#include "common/identifiers/display_code.h"
#include "common/rpc/timestamp.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/requests.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::intake {
namespace {

using contract::FieldsOf;
using contract::ReasonOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;

// --- Opening a case --------------------------------------------------------------

// After a change of the rota every hand-off asks who is on duty, so that each holds a connection when the serials of
// display codes run out.
TEST(HandOffFromCounter, AtManyCountersAtOnceIsWaitedForByNobody) {
  constexpr int kCounters = 16;
  constexpr int kEach = 15;
  const absl::CivilDay day = calendar::ToCivilDay(World::Get().now()) + 30;
  Get(&Shifts::ReplaceRota,
      Text<v1::ReplaceRotaRequest>(R"(
        rota { hall: "$0" day $1 shifts { start_time $2 end_time $3 staff: "staff/wang" } } request_id: "$id"
      )",
                                   kHall, On(day), At(calendar::AtTimeOfDay(day, 9, 0)),
                                   At(calendar::AtTimeOfDay(day, 17, 30))),
      Leader());
  std::vector<std::thread> counters;
  std::vector<std::set<std::string>> codes(kCounters);
  for (std::set<std::string>& mine : codes) {
    counters.emplace_back([&mine] {
      for (int i = 0; i < kEach; ++i) {
        mine.insert(Get(&Cases::HandOffFromCounter, HandOffRequest(), Clerk()).ticket().display_code());
      }
    });
  }
  std::set<std::string> all;
  for (std::thread& counter : counters) counter.join();
  for (const std::set<std::string>& some : codes) all.insert(some.begin(), some.end());
  EXPECT_THAT(all, SizeIs(kCounters * kEach));
}

TEST(HandOffFromCounter, GivesTheTicketForTheOfficerOnDuty) {
  const v1::HandOffFromCounterResponse answer = Get(&Cases::HandOffFromCounter, HandOffRequest(), Clerk());
  const v1::Ticket& ticket = answer.ticket();
  EXPECT_TRUE(identifiers::IsDisplayCode(ticket.display_code())) << ticket.display_code();
  EXPECT_THAT(ticket.display_code(), ::testing::StartsWith("0102-"));
  EXPECT_EQ(ticket.hall_title(), "陶然亭街道政务服务中心");
  EXPECT_EQ(ticket.owner(), "staff/wang");
  EXPECT_EQ(ticket.owner_display_name(), "王建国");
  EXPECT_FALSE(ticket.later());

  const v1::Case& created = answer.case_();
  EXPECT_EQ(created.owner(), "staff/wang");
  EXPECT_EQ(created.state(), v1::Case::STATE_IN_PROGRESS);
  EXPECT_EQ(created.hand_off().clerk(), "staff/chen");
  EXPECT_EQ(created.next_action().summary(), "首次联系当事人");
  // Four hours of opening time from 10:00: two before noon, two after 13:30.
  EXPECT_EQ(rpc::FromProto(created.next_action().due_time()),
            calendar::AtTimeOfDay(calendar::ToCivilDay(World::Get().now()), 15, 30) +
                (rpc::FromProto(created.create_time()) -
                 calendar::AtTimeOfDay(calendar::ToCivilDay(World::Get().now()), 10, 0)));
  EXPECT_EQ(created.SerializeAsString(), Read(created.name()).SerializeAsString());
}

TEST(HandOffFromCounter, TellsThePersonWhoKeepsTheirCase) {
  const v1::HandOffFromCounterResponse answer = Get(&Cases::HandOffFromCounter, HandOffRequest(), Clerk());
  const notification::CreateMessageRequest told =
      World::Get().notification().Await(answer.case_().name() + "#received");
  EXPECT_EQ(told.message().template_(), "case-received");
  EXPECT_EQ(told.message().audience(), answer.case_().parties(0).name());
  EXPECT_EQ(told.message().recipient().phone_number(), "+8613800138000");
  EXPECT_EQ(told.message().recipient().display_name(), "沈女士");
  EXPECT_EQ(told.message().parameters_size(), 5);
  EXPECT_EQ(ParameterOf(told.message(), "code").text(), answer.ticket().display_code());
  EXPECT_EQ(ParameterOf(told.message(), "officer").text(), "王建国");
  EXPECT_TRUE(ParameterOf(told.message(), "by").has_time());
}

TEST(HandOffFromCounter, OfAHallThatDoesNotExistIsNotFound) {
  v1::HandOffFromCounterRequest request = HandOffRequest();
  request.mutable_case_()->set_hall("halls/110102099");
  v1::HandOffFromCounterResponse response;
  const std::string token = test::Token("staff/x", "halls/110102099", {"counter"});
  EXPECT_EQ(ReasonOf(Ask(&Cases::HandOffFromCounter, request, &response, token)), "RESOURCE_NOT_FOUND");
}

TEST(HandOffFromCounter, SaysSoIfNobodyIsOnDuty) {
  World::Get().database().Sql("DELETE FROM intake.shifts WHERE hall = 'halls/110102001'");
  v1::HandOffFromCounterRequest request = HandOffRequest();
  request.mutable_case_()->set_hall("halls/110102001");
  v1::HandOffFromCounterResponse response;
  const std::string token = test::Token("staff/x", "halls/110102001", {"counter"});
  EXPECT_EQ(ReasonOf(Ask(&Cases::HandOffFromCounter, request, &response, token)), "NOBODY_ON_DUTY");
}

TEST(CreateCase, TakesNothingThatIsOursFromACaller) {
  v1::CreateCaseRequest request = CreateRequest();
  v1::Case& said = *request.mutable_case_();
  said.set_state(v1::Case::STATE_CLOSED);
  said.set_owner("staff/zhao");
  said.set_display_code("0102-26-999999-9");
  said.set_etag("7");
  said.set_checklist_version(9);
  said.set_holds_route_sheet(true);
  said.mutable_closure()->set_explanation("已办结");
  said.mutable_parties(0)->set_name("cases/x/parties/y");
  const v1::Case made = Get(&Cases::CreateCase, request, Officer());
  EXPECT_EQ(made.state(), v1::Case::STATE_IN_PROGRESS);
  EXPECT_EQ(made.owner(), "staff/wang");
  EXPECT_NE(made.display_code(), said.display_code());
  EXPECT_EQ(made.etag(), "1");
  EXPECT_FALSE(made.has_closure());
  EXPECT_THAT(made.parties(0).name(), HasSubstr(made.name()));
  EXPECT_EQ(made.checklist_version(), 0);
  // What is internal shows in what may be done: without a route sheet nobody was guided.
  v1::Case closed;
  const v1::ProposeClosureRequest guided = ClosureRequest(NewContact(made.name()), v1::Closure::RESOLUTION_GUIDED);
  EXPECT_THAT(FieldsOf(Ask(&Closing::ProposeClosure, guided, &closed, Officer())), Contains("case.route_sheet"));
}

TEST(CreateCase, NamesEveryNumberThatFailsItsCheck) {
  v1::CreateCaseRequest request = CreateRequest();
  request.mutable_case_()->mutable_parties(0)->set_resident_id("110105194912310021");
  request.mutable_case_()->mutable_parties(0)->set_phone_number("12");
  request.mutable_case_()->mutable_parties(1)->set_credit_code("91350100M000100Y4Z");
  v1::Case response;
  const absl::Status status = Ask(&Cases::CreateCase, request, &response, Officer());
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
  EXPECT_THAT(FieldsOf(status), ElementsAre("case.parties[0].resident_id", "case.parties[0].phone_number",
                                            "case.parties[1].credit_code"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("110105194912310021")));
}

TEST(CreateCase, NeedsExactlyOneApplicantWhoLives) {
  v1::CreateCaseRequest request = CreateRequest();
  request.mutable_case_()->mutable_parties(1)->set_role(v1::Party::ROLE_APPLICANT);
  v1::Case response;
  const absl::Status status = Ask(&Cases::CreateCase, request, &response, Officer());
  EXPECT_THAT(FieldsOf(status), ElementsAre("case.parties[1].deceased", "case.parties"));
}

TEST(CreateCase, MasksIdentityNumbersAndKeepsExtensions) {
  v1::CreateCaseRequest request = CreateRequest();
  request.mutable_case_()->mutable_parties(1)->set_phone_number("010-60001234 转 8");
  const v1::Case created = Get(&Cases::CreateCase, request, Officer());
  EXPECT_EQ(created.parties(0).resident_id(), "110***********002X");
  EXPECT_EQ(created.parties(0).phone_number(), "+8613800138000");
  EXPECT_EQ(created.parties(1).phone_number(), "+861060001234 转 8");
  EXPECT_EQ(created.owner(), "staff/wang");
}

TEST(CreateCase, OfADistrictClerkGoesToTheOfficerOnDuty) {
  EXPECT_EQ(Get(&Cases::CreateCase, CreateRequest(), District()).owner(), "staff/wang");
}

// --- Reading ---------------------------------------------------------------------

TEST(GetCase, OfACaseThatDoesNotExistIsNotFound) {
  const auto request = Text<v1::GetCaseRequest>("name: 'cases/$id'");
  v1::Case response;
  EXPECT_EQ(ReasonOf(Ask(&Cases::GetCase, request, &response, Officer())), "RESOURCE_NOT_FOUND");
}

TEST(GetCase, OfAnIdThatNamesAnotherCellSaysWhereToAsk) {
  v1::GetCaseRequest request;
  request.set_name("cases/019a0000-0000-7000-8000-0000000000a7");
  v1::Case response;
  const absl::Status status = Ask(&Cases::GetCase, request, &response, Officer());
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), "OTHER_CELL");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo").value())));
  EXPECT_EQ(info.metadata().at("cell"), "00a7");
  EXPECT_EQ(status.message(), request.name() + " is not here: its id names cell 00a7; ask there");
  // Digits that are random name nobody.
  request.set_name("cases/00000000-0000-4000-8000-0000000000a7");
  EXPECT_EQ(ReasonOf(Ask(&Cases::GetCase, request, &response, Officer())), "RESOURCE_NOT_FOUND");
}

TEST(GetCase, BasicViewHasNoPeople) {
  const auto request = Text<v1::GetCaseRequest>("name: '$0' view: CASE_VIEW_BASIC", NewCase().name());
  const v1::Case found = Get(&Cases::GetCase, request, Officer());
  EXPECT_EQ(found.parties_size(), 0);
  EXPECT_EQ(found.summary(), "");
  EXPECT_EQ(found.title(), "丧葬费申领缺火化证明");
}

TEST(ListCases, PagesThroughEveryOpenCaseOnceMostUrgentFirst) {
  std::set<std::string> made;
  for (int i = 0; i < 5; ++i) made.insert(NewCase().name());
  v1::ListCasesRequest request;
  request.set_page_size(2);
  std::set<std::string> seen;
  absl::Time last = absl::InfinitePast();
  do {
    const v1::ListCasesResponse page = Get(&Cases::ListCases, request, Officer());
    for (const v1::Case& found : page.cases()) {
      EXPECT_TRUE(seen.insert(found.name()).second) << "twice";
      EXPECT_EQ(found.parties_size(), 0);
      EXPECT_LE(last, rpc::FromProto(found.next_action().due_time()));
      last = rpc::FromProto(found.next_action().due_time());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, IsSupersetOf(made));
}

TEST(ListCases, FindsByDisplayCodeStateAndOwner) {
  const v1::Case created = NewCase();
  v1::ListCasesRequest request;
  request.set_display_code(created.display_code());
  EXPECT_THAT(Get(&Cases::ListCases, request, Officer()).cases(), SizeIs(1));
  request.add_states(v1::Case::STATE_CLOSED);
  EXPECT_THAT(Get(&Cases::ListCases, request, Officer()).cases(), IsEmpty());
  v1::ListCasesRequest of_owner;
  of_owner.set_owner("staff/nobody");
  EXPECT_THAT(Get(&Cases::ListCases, of_owner, Officer()).cases(), IsEmpty());
  of_owner.set_order(v1::ListCasesRequest::ORDER_CREATE_TIME_DESC);
  of_owner.clear_owner();
  EXPECT_EQ(Get(&Cases::ListCases, of_owner, Officer()).cases(0).name(), created.name());
}

TEST(ListCases, OfAnotherHallIsForThoseOfAllHalls) {
  NewCase();
  v1::ListCasesRequest request;
  request.set_hall(kHall);
  v1::ListCasesResponse response;
  EXPECT_EQ(ReasonOf(Ask(&Cases::ListCases, request, &response, Stranger())), "OTHER_HALL");
  EXPECT_GT(Get(&Cases::ListCases, request, District()).cases_size(), 0);
}

TEST(ListCases, RefusesTheTokenOfAnotherQuestion) {
  NewCase();
  NewCase();
  v1::ListCasesRequest request;
  request.set_page_size(1);
  request.set_page_token(Get(&Cases::ListCases, request, Officer()).next_page_token());
  request.set_owner("staff/wang");
  v1::ListCasesResponse response;
  EXPECT_EQ(ReasonOf(Ask(&Cases::ListCases, request, &response, Officer())), "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace xxt::intake
