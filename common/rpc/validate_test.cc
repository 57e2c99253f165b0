#include "common/rpc/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "xixinting/intake/v1/case_service.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/feed.pb.h"

namespace xxt::rpc {
namespace {

namespace v1 = ::xixinting::intake::v1;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Fields(const google::protobuf::Message& request) {
  std::vector<std::string> fields;
  for (const errors::Violation& violation : Violations(request)) fields.push_back(violation.field);
  return fields;
}

v1::CreateCaseRequest Good() {
  v1::CreateCaseRequest request;
  request.set_request_id("0191f8a0-0000-7000-8000-000000000001");
  request.mutable_case_()->set_title("火化证明遗失");
  request.mutable_case_()->set_hall("halls/110102016");
  request.mutable_case_()->set_service_item("丧葬费申领");
  v1::Party* party = request.mutable_case_()->add_parties();
  party->set_role(v1::Party::ROLE_APPLICANT);
  party->set_display_name("沈女士");
  return request;
}

TEST(Violations, AcceptsAWellFormedRequest) { EXPECT_THAT(Fields(Good()), IsEmpty()); }

TEST(Violations, NamesEveryMissingFieldAtOnce) {
  EXPECT_THAT(Fields(v1::CreateCaseRequest()), ElementsAre("case", "request_id"));
  v1::CreateCaseRequest request = Good();
  request.mutable_case_()->clear_title();
  request.mutable_case_()->mutable_parties(0)->clear_display_name();
  EXPECT_THAT(Fields(request), ElementsAre("case.title", "case.parties[0].display_name"));
}

TEST(Violations, CountsCharactersNotBytes) {
  v1::CreateCaseRequest request = Good();
  std::string title;
  for (int i = 0; i < 100; ++i) title += "悉";
  request.mutable_case_()->set_title(title);
  EXPECT_THAT(Fields(request), IsEmpty());
  request.mutable_case_()->set_title(title + "心");
  EXPECT_THAT(Fields(request), ElementsAre("case.title"));
}

TEST(Violations, RefusesUnknownAndUnspecifiedEnumValues) {
  v1::CreateCaseRequest request = Good();
  request.mutable_case_()->mutable_parties(0)->set_role(static_cast<v1::Party::Role>(99));
  EXPECT_THAT(Fields(request), ElementsAre("case.parties[0].role"));
  request.mutable_case_()->mutable_parties(0)->set_role(v1::Party::ROLE_UNSPECIFIED);
  EXPECT_THAT(Fields(request), ElementsAre("case.parties[0].role"));
}

TEST(Violations, RefusesControlCharactersButLineBreaksWhereAllowed) {
  v1::CreateCaseRequest request = Good();
  request.mutable_case_()->set_title("两\n行");
  EXPECT_THAT(Fields(request), ElementsAre("case.title"));
  request = Good();
  request.mutable_case_()->set_summary("两\n行");
  EXPECT_THAT(Fields(request), IsEmpty());
  request.mutable_case_()->set_summary(std::string("a\0b", 3));
  EXPECT_THAT(Fields(request), ElementsAre("case.summary"));
}

// In all three services alike: what one lets in no other may choke on.
TEST(Violations, RefusesMarksThatTurnOrBreakALine) {
  for (const char* mark : {"\u202e", "\u2066", "\u200f", "\u2028", "\u2029", "\u0085", "\u009f"}) {
    v1::CreateCaseRequest request = Good();
    request.mutable_case_()->set_title(std::string("火化") + mark + "证明");
    EXPECT_THAT(Fields(request), ElementsAre("case.title"));
    request = Good();
    request.mutable_case_()->set_summary(std::string("火化") + mark + "证明");
    EXPECT_THAT(Fields(request), ElementsAre("case.summary"));
  }
}

TEST(Violations, RefusesTextThatNobodyCanSee) {
  for (const char* blank : {" ", "\t", "\u3000", "\u200b", "\ufeff\u2060", "\u00a0 \u200d", "\u3164"}) {
    v1::CreateCaseRequest request = Good();
    request.mutable_case_()->set_title(blank);
    request.mutable_case_()->mutable_parties(0)->set_display_name(blank);
    EXPECT_THAT(Fields(request), ElementsAre("case.title", "case.parties[0].display_name"));
  }
}

TEST(Violations, ChecksPatternsAndRequestIds) {
  v1::CreateCaseRequest request = Good();
  request.mutable_case_()->set_hall("halls/x");
  request.set_request_id("not-a-uuid");
  EXPECT_THAT(Fields(request), ElementsAre("case.hall", "request_id"));
}

TEST(Violations, WhatRefersToAResourceIsOneOfItsNames) {
  v1::ListCasesRequest list;
  list.set_hall("halls/1101020");
  list.set_owner("staff/Wang");
  EXPECT_THAT(Fields(list), ElementsAre("hall", "owner"));
  list.set_hall("halls/110102");
  list.set_owner("staff/wang");
  EXPECT_THAT(Fields(list), IsEmpty());
  v1::ReportReferralRequest report;
  report.set_referral("referrals/x");  // of another service, whose protos this one does not import
  EXPECT_THAT(Fields(report), testing::Contains("referral"));
  EXPECT_EQ(Violations(report)[0].en, "must match referrals/{uuid}");
}

// PostgreSQL would refuse them, and the caller see INTERNAL.
TEST(Violations, AWordOfTheShapeOfAUuidIsNone) {
  v1::GetCaseRequest request;
  for (const char* id : {"------------------------------------", "0191f8a0-0000-7000-8000-00000000000-",
                         "0191f8a00000-7000-8000-0000-00000000", "0191f8a0-0000-0000-8000-000000000001",
                         "0191F8A0-0000-7000-8000-000000000001", "0191f8a0-0000-7000-8000-0000000000011"}) {
    request.set_name(std::string("cases/") + id);
    EXPECT_THAT(Fields(request), ElementsAre("name")) << id;
  }
  request.set_name("cases/0191f8a0-0000-7000-8000-000000000001");
  EXPECT_THAT(Fields(request), IsEmpty());
  request.set_name("cases/x");
  EXPECT_EQ(Violations(request)[0].en, "must match cases/{uuid}");
}

TEST(Violations, LimitsRepeatedFields) {
  v1::CreateCaseRequest request = Good();
  for (int i = 0; i < 20; ++i) *request.mutable_case_()->add_parties() = request.case_().parties(0);
  EXPECT_THAT(Fields(request), ElementsAre("case.parties"));
}

TEST(Violations, LooksAtNumbersAndTimes) {
  v1::ListCasesRequest list;
  list.set_page_size(-1);
  EXPECT_THAT(Fields(list), ElementsAre("page_size"));
  v1::LogContactRequest log;
  log.set_parent("cases/0191f8a0-0000-7000-8000-000000000001");
  log.set_request_id("0191f8a0-0000-7000-8000-000000000001");
  log.mutable_contact()->set_channel(xixinting::common::v1::CHANNEL_PHONE);
  log.mutable_contact()->set_counterpart(v1::Contact::COUNTERPART_APPLICANT);
  log.mutable_contact()->set_direction(v1::Contact::DIRECTION_OUTBOUND);
  log.mutable_contact()->set_result(v1::Contact::RESULT_REACHED);
  log.mutable_contact()->set_summary("已告知");
  EXPECT_THAT(Fields(log), IsEmpty());
  log.mutable_contact()->mutable_occur_time()->set_nanos(-1);
  EXPECT_THAT(Fields(log), ElementsAre("contact.occur_time"));
}

TEST(Violations, IgnoresOutputOnlyFields) {
  v1::CreateCaseRequest request = Good();
  request.mutable_case_()->set_owner("anything\x01");
  request.mutable_case_()->set_name("whatever");
  EXPECT_THAT(Fields(request), IsEmpty());
}

}  // namespace
}  // namespace xxt::rpc
