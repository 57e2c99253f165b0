// Reading single things, watching them, and correcting what was taken down wrongly.

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/rpc/wire_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/intake/requests.h"

namespace xxt::intake {
namespace {

using contract::ReasonFor;
using contract::ReasonOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(CorrectParty, ReplacesWhatIsSaidAndNotesWhoAndWhy) {
  const v1::Case before = NewCase();
  v1::CorrectPartyRequest request = CorrectionRequest(before);
  request.set_etag(before.etag());
  const v1::Case after = Get(&People::CorrectParty, request, Officer());
  EXPECT_EQ(after.parties(0).phone_number(), "+8613800138111");
  EXPECT_EQ(after.parties(0).display_name(), before.parties(0).display_name());
  EXPECT_EQ(after.parties(0).resident_id(), before.parties(0).resident_id());
  EXPECT_NE(after.etag(), before.etag());
  ASSERT_EQ(after.corrections_size(), 1);
  EXPECT_EQ(after.corrections(0).party(), before.parties(0).name());
  EXPECT_THAT(after.corrections(0).fields(), ElementsAre("phone_number"));
  EXPECT_EQ(after.corrections(0).reason(), request.reason());
  EXPECT_EQ(after.corrections(0).author(), "staff/wang");
  EXPECT_EQ(Read(before.name()).SerializeAsString(), after.SerializeAsString());
}

TEST(CorrectParty, KeepsTheOldNumberAndTheNewOutOfTheLedger) {
  const v1::Case of = NewCase();
  Get(&People::CorrectParty, CorrectionRequest(of), Officer());
  const std::string told = World::Get().database().Sql(
      "SELECT string_agg(e::text, ' ') FROM backbone.event AS e WHERE subject = '" + of.name() + "'");
  EXPECT_THAT(told, HasSubstr("已更正当事人信息：电话"));
  EXPECT_THAT(told, Not(HasSubstr("13800138")));  // ids are made of digits, too
  EXPECT_THAT(told, Not(HasSubstr("138 0013")));
  const std::string row = World::Get().database().Sql(
      "SELECT encode(message || sealed, 'hex') FROM intake.cases WHERE 'cases/' || id = '" + of.name() + "'");
  EXPECT_THAT(row, HasSubstr(absl::BytesToHexString(of.title())));
  for (const char* said : {"138001", "沈玉兰"}) EXPECT_THAT(row, Not(HasSubstr(absl::BytesToHexString(said)))) << said;
}

TEST(CorrectParty, TakesAnIdentityNumberAwayAndChecksANewOne) {
  const v1::Case of = NewCase();
  v1::CorrectPartyRequest request = CorrectionRequest(of);
  request.clear_phone_number();
  request.set_resident_id("");
  EXPECT_EQ(Get(&People::CorrectParty, request, Officer()).parties(0).resident_id(), "");
  request.set_request_id(NewId());
  request.set_resident_id("110105194912310020");
  EXPECT_EQ(ReasonFor(&People::CorrectParty, request, Officer()), "FIELD_INVALID");
}

TEST(CorrectParty, RefusesNothingANamelessPartyAndAStranger) {
  const v1::Case of = NewCase();
  v1::CorrectPartyRequest request = CorrectionRequest(of);
  request.clear_phone_number();
  EXPECT_EQ(ReasonFor(&People::CorrectParty, request, Officer()), "FIELD_INVALID");
  request.set_display_name("");
  EXPECT_EQ(ReasonFor(&People::CorrectParty, request, Officer()), "FIELD_INVALID");
  request.set_display_name("沈玉兰");
  request.set_name(of.name() + "/parties/00000000-0000-4000-8000-0000000000a7");
  EXPECT_EQ(ReasonFor(&People::CorrectParty, request, Officer()), "RESOURCE_NOT_FOUND");
}

TEST(FindCases, TakesANumberAsPeopleWriteItAndFindsWhoseWasCorrected) {
  const v1::Case of = NewCase();
  const auto first = [](const char* number) {
    const auto found = Get(&Cases::FindCases,
                           Text<v1::FindCasesRequest>("phone_number: '$0' purpose: PURPOSE_CALL", number), Officer());
    return found.cases().empty() ? "" : found.cases(0).name();
  };
  EXPECT_EQ(first("+86 138 0013 8000"), of.name());
  Get(&People::CorrectParty, CorrectionRequest(of), Officer());
  EXPECT_NE(first("13800138000"), of.name());
  EXPECT_EQ(first("+86 138 0013 8111"), of.name());
  EXPECT_EQ(ReasonFor(&Cases::FindCases, Text<v1::FindCasesRequest>("purpose: PURPOSE_CALL"), Officer()),
            "FIELD_INVALID");
}

TEST(WatchCases, TellsWhatHappenedSinceTheList) {
  const v1::ListCasesResponse list = Get(&Cases::ListCases, v1::ListCasesRequest(), Officer());
  const v1::Case created = NewCase();
  NewContact(created.name());
  v1::WatchCasesRequest request;
  request.set_name(created.name());
  request.set_resume_token(list.resume_token());
  Cases stub(World::Get().channel());
  grpc::ClientContext context;
  contract::Prepare(context, Officer());
  const auto stream = stub.WatchCases(&context, request);
  std::vector<std::string> types;
  v1::WatchCasesResponse response;
  while (types.size() < 2 && stream->Read(&response)) {
    for (const common::Event& event : response.events()) types.push_back(event.type());
  }
  context.TryCancel();
  EXPECT_THAT(types, ElementsAre("case.created.v1", "case.contact_logged.v1"));
}

TEST(WatchCases, RefusesATokenItDoesNotKnow) {
  v1::WatchCasesRequest request;
  request.set_resume_token("nonsense");
  Cases stub(World::Get().channel());
  grpc::ClientContext context;
  contract::Prepare(context, Officer());
  const auto stream = stub.WatchCases(&context, request);
  v1::WatchCasesResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(ReasonOf(rpc::FromGrpcStatus(stream->Finish())), "RESUME_TOKEN_EXPIRED");
}

}  // namespace
}  // namespace xxt::intake
