#include "common/rpc/peer_answer.h"

#include <algorithm>
#include <map>
#include <string>

#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "common/tasks/claim.h"
#include "gtest/gtest.h"
#include "xixinting/common/v1/error_reason.pb.h"

namespace xxt::rpc {
namespace {

constexpr PeerAnswer kDone = PeerAnswer::kDone;
constexpr PeerAnswer kTryAgain = PeerAnswer::kTryAgain;
constexpr PeerAnswer kRefused = PeerAnswer::kRefused;

TEST(ReadAnswer, KnowsEveryCode) {
  const std::map<grpc::StatusCode, PeerAnswer> expected = {
      {grpc::OK, kDone},
      {grpc::CANCELLED, kTryAgain},
      {grpc::UNKNOWN, kTryAgain},
      {grpc::INVALID_ARGUMENT, kRefused},
      {grpc::DEADLINE_EXCEEDED, kTryAgain},
      {grpc::NOT_FOUND, kRefused},
      {grpc::ALREADY_EXISTS, kRefused},
      {grpc::PERMISSION_DENIED, kTryAgain},
      {grpc::RESOURCE_EXHAUSTED, kTryAgain},
      {grpc::FAILED_PRECONDITION, kRefused},
      {grpc::ABORTED, kTryAgain},
      {grpc::OUT_OF_RANGE, kRefused},
      {grpc::UNIMPLEMENTED, kTryAgain},
      {grpc::INTERNAL, kTryAgain},
      {grpc::UNAVAILABLE, kTryAgain},
      {grpc::DATA_LOSS, kRefused},
      {grpc::UNAUTHENTICATED, kTryAgain},
  };
  for (int code = grpc::OK; code <= grpc::UNAUTHENTICATED; ++code) {
    const grpc::Status wire(static_cast<grpc::StatusCode>(code), "words");
    ASSERT_EQ(expected.count(wire.error_code()), 1U) << code;
    EXPECT_EQ(ReadAnswer(FromGrpcStatus(wire)), expected.at(wire.error_code())) << code;
  }
}

// A status with each reason, and what it means.
struct Expected {
  absl::Status status;
  PeerAnswer answer;
};

std::map<std::string, Expected> ByReason() {
  const absl::Duration soon = absl::Seconds(1);
  return {
      {"FIELD_INVALID", {errors::FieldInvalid("f", "", ""), kRefused}},
      {"PAGE_TOKEN_INVALID", {errors::PageTokenInvalid(), kRefused}},
      {"REQUEST_ID_REUSED", {errors::RequestIdReused("id"), kDone}},
      {"RESOURCE_NOT_FOUND", {errors::NotFound("t", "n"), kRefused}},
      {"OTHER_CELL", {errors::NotFound("t", "cases/019a0000-0000-7000-8000-0000000000a7"), kRefused}},
      {"RESOURCE_EXISTS", {errors::AlreadyExists("t", "n"), kRefused}},
      {"ETAG_MISMATCH", {errors::EtagMismatch("n"), kTryAgain}},
      {"STATE_FORBIDS", {errors::StateForbids("n", "", ""), kRefused}},
      {"PERSONAL_DATA_ERASED", {errors::PersonalDataErased("n"), kRefused}},
      {"CLOSURE_INCOMPLETE", {errors::ClosureIncomplete("n", {}), kRefused}},
      {"SECOND_REVIEWER_NEEDED", {errors::SecondReviewerNeeded("n"), kRefused}},
      {"LAWFUL_BASIS_MISSING", {errors::LawfulBasisMissing("f"), kRefused}},
      {"NOBODY_ON_DUTY", {errors::NobodyOnDuty("h"), kTryAgain}},
      {"LEASE_LOST", {errors::LeaseLost("t"), kRefused}},
      {"RESPONSE_GONE", {errors::ResponseGone("n"), kDone}},
      {"TEMPLATE_PARAMETER_INVALID", {errors::TemplateParameterInvalid("p", "", ""), kRefused}},
      {"RESUME_TOKEN_EXPIRED", {errors::ResumeTokenExpired(), kRefused}},
      {"TOKEN_INVALID", {errors::TokenInvalid(""), kTryAgain}},
      {"ROLE_MISSING", {errors::RoleMissing("m"), kTryAgain}},
      {"PEER_MISMATCH", {errors::PeerMismatch(), kTryAgain}},
      {"OTHER_HALL", {errors::OtherHall("n"), kRefused}},
      {"AT_CAPACITY", {errors::AtCapacity(soon), kTryAgain}},
      {"STORE_UNAVAILABLE", {errors::StoreUnavailable(soon), kTryAgain}},
      {"PEER_UNAVAILABLE", {errors::PeerUnavailable("p", soon), kTryAgain}},
      {"OUTCOME_UNKNOWN", {errors::OutcomeUnknown(), kTryAgain}},
      {"DEADLINE", {errors::DeadlineExceeded(""), kTryAgain}},
      {"INTERNAL", {errors::Internal("w"), kTryAgain}},
      {"STORE_CONFLICT", {errors::StoreConflict("s", soon), kTryAgain}},
  };
}

TEST(ReadAnswer, KnowsEveryReasonOverTheWire) {
  const std::map<std::string, Expected> expected = ByReason();
  const auto* reasons = ::xixinting::common::v1::ErrorReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const std::string reason = reasons->value(i)->name().substr(std::string("ERROR_REASON_").size());
    ASSERT_EQ(expected.count(reason), 1U) << reason << ": say what it means for a task";
    const absl::Status heard = FromGrpcStatus(ToGrpcStatus(expected.at(reason).status));
    EXPECT_EQ(errors::ReasonOf(heard), reason);
    EXPECT_EQ(ReadAnswer(heard), expected.at(reason).answer) << reason;
  }
}

TEST(VerdictOf, SaysCodeAndReasonAndNoWords) {
  const tasks::Verdict dead = VerdictOf(errors::NotFound("t", "messages/secret"), "intake");
  EXPECT_EQ(dead.kind, tasks::Verdict::Kind::kDead);
  EXPECT_EQ(dead.reason, "intake: NOT_FOUND RESOURCE_NOT_FOUND");
  EXPECT_EQ(VerdictOf(errors::RequestIdReused("id"), "intake").kind, tasks::Verdict::Kind::kDone);
  EXPECT_EQ(VerdictOf(absl::UnavailableError("x"), "intake").kind, tasks::Verdict::Kind::kRetry);
}

TEST(ForCaller, SaysThatThePeerIsAwayUnlessItHasRefused) {
  EXPECT_TRUE(ForCaller(absl::OkStatus(), "intake").ok());
  EXPECT_EQ(errors::ReasonOf(ForCaller(errors::NotFound("t", "cases/1"), "intake")), "RESOURCE_NOT_FOUND");
  for (const absl::Status& passing : {errors::DeadlineExceeded(""), errors::Internal("w"), errors::TokenInvalid("")}) {
    EXPECT_EQ(errors::ReasonOf(ForCaller(passing, "intake")), "PEER_UNAVAILABLE") << passing;
  }
}

// Each call that asks it fails, and says so in a line of its own.
TEST(ForCaller, SaysSeldomThatAPeerIsAway) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) {
    for (const absl::Status& status : {absl::UnavailableError("x"), absl::DeadlineExceededError("y")}) {
      EXPECT_FALSE(ForCaller(status, "one that is away").ok());
    }
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 2) << log;
}

TEST(PeerKind, IsTriedAgainWithinHalfAMinuteHoweverLongThePeerWasAway) {
  const tasks::MachineKind kind = PeerKind("test.tell", {});
  EXPECT_EQ(tasks::Backoff(kind.retry_base, kind.retry_cap, 1000, 1), absl::Seconds(30));
}

}  // namespace
}  // namespace xxt::rpc
