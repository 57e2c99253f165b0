// What is typed and calls a service.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/testing/scratch_dir.h"
#include "tools/xxt/context.h"
#include "tools/xxt/typing_world.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::cli {
namespace {

namespace intake = ::xixinting::intake::v1;

constexpr char kCode[] = "0102-26-000042-1";
constexpr char kName[] = "cases/01940000-0000-7000-8000-000000000001";

// An intake service that keeps one case, a closed one.
class ClosedCase final : public intake::CaseService::Service {
 public:
  grpc::Status ListCases(grpc::ServerContext*, const intake::ListCasesRequest* request,
                         intake::ListCasesResponse* response) override {
    const auto& states = request->states();
    const bool wanted = std::find(states.begin(), states.end(), intake::Case::STATE_CLOSED) != states.end();
    if (wanted && request->display_code() == kCode) response->add_cases()->set_name(kName);
    return grpc::Status::OK;
  }
  grpc::Status GetCase(grpc::ServerContext*, const intake::GetCaseRequest* request, intake::Case* response) override {
    response->set_name(request->name());
    response->set_state(intake::Case::STATE_CLOSED);
    return grpc::Status::OK;
  }
};

// An instance with nothing but an intake service, which serves this.
class Instance {
 public:
  explicit Instance(grpc::Service* service) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    EXPECT_TRUE(MakeKeys(dir_.File("keys")).ok());
    context_ = dir_.Write("context.yaml", absl::StrCat("endpoints: {intake: \"127.0.0.1:", port,
                                                       "\"}\nkeys_dir: ", dir_.File("keys"), "\n"));
  }

  // Somebody types this.
  Said Type(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--as", "staff/wang"});
    return TypeAsNobody(std::move(words));
  }
  Said TypeAsNobody(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--context", context_, "--lang", "en"});
    return cli::Type(std::move(words));
  }

 private:
  test::ScratchDir dir_;
  std::string context_;
  std::unique_ptr<grpc::Server> server_;
};

TEST(CaseGet, FindsAClosedCaseByItsCode) {
  ClosedCase service;
  const Instance instance(&service);
  testing::internal::CaptureStdout();
  const Said said = instance.Type({"-o", "name", "case", "get", kCode});
  EXPECT_EQ(testing::internal::GetCapturedStdout(), absl::StrCat(kName, "\n"));
  EXPECT_EQ(said.code, 0) << said.text;
}

TEST(CaseGet, AsNobodySaysThatItMustBeSaidAsWhom) {
  unsetenv("XXT_AS");
  ClosedCase service;
  const Instance instance(&service);
  const Said said = instance.TypeAsNobody({"case", "get", kName});
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.text, testing::StartsWith("--as is missing"));
}

// An intake service that keeps what it was brought.
class Porter final : public intake::CaseService::Service {
 public:
  grpc::Status GetCase(grpc::ServerContext* context, const intake::GetCaseRequest*, intake::Case*) override {
    const auto& metadata = context->client_metadata();
    const auto found = metadata.find("authorization");
    if (found != metadata.end()) authorization = std::string(found->second.data(), found->second.size());
    return grpc::Status::OK;
  }
  std::string authorization;
};

TEST(ActingByToken, BringsWhatTheFileHolds) {
  Porter service;
  const Instance instance(&service);
  const test::ScratchDir dir;
  const Said said =
      instance.TypeAsNobody({"--as", absl::StrCat("@", dir.Write("token", "a.b.c\n")), "case", "get", kName});
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_EQ(service.authorization, "Bearer a.b.c");
}

TEST(ActingByToken, NamesTheFileThatHoldsNone) {
  Porter service;
  const Instance instance(&service);
  const test::ScratchDir dir;
  for (const std::string& text : {std::string(), std::string("two words"), std::string("令牌")}) {
    const Said said =
        instance.TypeAsNobody({"--as", absl::StrCat("@", dir.Write("token", text)), "case", "get", kName});
    EXPECT_EQ(said.code, 2) << text;
    EXPECT_THAT(said.text, testing::HasSubstr("token holds no token")) << text;
  }
  EXPECT_NE(instance.TypeAsNobody({"--as", absl::StrCat("@", dir.File("absent")), "case", "get", kName}).code, 0);
  EXPECT_EQ(service.authorization, "");
}

TEST(ActingByToken, IsActingAsItsSubject) {
  const test::ScratchDir dir;
  const absl::StatusOr<Context> context = Context::Load(dir.Write("context.yaml", "{}"));
  ASSERT_TRUE(context.ok()) << context.status();
  const std::string claims = absl::WebSafeBase64Escape(R"({"sub": "staff/qian"})");
  EXPECT_EQ(*context->CallerOf(absl::StrCat("@", dir.Write("token", absl::StrCat("a.", claims, ".c")))), "staff/qian");
  EXPECT_EQ(*context->CallerOf(absl::StrCat("@", dir.Write("token", "a.b.c"))), "");
  EXPECT_EQ(*context->CallerOf("staff/wang"), "staff/wang");
}

TEST(Doctor, AsksNothingThatNeedsATokenWhereTheContextHasNoKeys) {
  grpc::EnableDefaultHealthCheckService(true);
  ClosedCase service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const std::string at = absl::StrCat("\"127.0.0.1:", port, "\"");
  const test::ScratchDir dir;
  const std::string context = dir.Write(
      "context.yaml", absl::StrCat("endpoints: {intake: ", at, ", referral: ", at, ", notification: ", at, "}\n"));
  testing::internal::CaptureStdout();
  const Said said = Type({"--context", context, "--lang", "en", "doctor", "--serving"});
  const std::string report = testing::internal::GetCapturedStdout();
  EXPECT_THAT(report, testing::HasSubstr("intake health: SERVING"));
  EXPECT_THAT(report, testing::Not(testing::HasSubstr("token")));
  EXPECT_EQ(said.code, 0) << report << said.text;
}

// Types the line that was said to repeat it safely.
Said Repeat(const Said& said) {
  const std::string lead = "to repeat it safely: xxt ";
  const std::size_t begin = said.text.find(lead);
  EXPECT_NE(begin, std::string::npos) << said.text;
  if (begin == std::string::npos) return said;
  const std::string line = said.text.substr(begin + lead.size());
  return Type(absl::StrSplit(line.substr(0, line.find('\n')), ' '));
}

// An intake service whose first answer is lost.
class Forgetful final : public intake::CaseService::Service {
 public:
  grpc::Status SetNextAction(grpc::ServerContext*, const intake::SetNextActionRequest* request,
                             intake::Case*) override {
    requests.push_back(request->SerializeAsString());
    return requests.size() == 1 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "away") : grpc::Status::OK;
  }
  std::vector<std::string> requests;
};

TEST(Repeating, MeansTheSameThoughTimeHasGoneOn) {
  Forgetful service;
  const Instance instance(&service);
  const Said said = instance.Type({"case", "set-next-action", kName, "--summary", "+1d", "--due-time", "+1d"});
  EXPECT_EQ(said.code, 7);
  EXPECT_THAT(said.text, testing::Not(testing::HasSubstr("--due-time +1d")));
  EXPECT_THAT(said.text, testing::HasSubstr("--summary +1d"));
  EXPECT_EQ(Repeat(said).code, 0);
  ASSERT_EQ(service.requests.size(), 2);
  EXPECT_EQ(service.requests[0], service.requests[1]);
}

namespace common = ::xixinting::common::v1;

// Whose task is done, though the first answer is lost.
class DoneOnce final : public common::TaskService::Service {
 public:
  grpc::Status GetTask(grpc::ServerContext*, const common::GetTaskRequest* request, common::Task* response) override {
    if (!requests.empty()) return {grpc::StatusCode::NOT_FOUND, "settled"};
    response->set_name(request->name());
    return grpc::Status::OK;
  }
  grpc::Status LeaseTask(grpc::ServerContext*, const common::LeaseTaskRequest*,
                         common::LeaseTaskResponse* response) override {
    if (!requests.empty()) return {grpc::StatusCode::NOT_FOUND, "settled"};
    response->set_lease_token("the-lease");
    return grpc::Status::OK;
  }
  grpc::Status CompleteTask(grpc::ServerContext*, const common::CompleteTaskRequest* request,
                            common::CompleteTaskResponse*) override {
    requests.push_back(request->SerializeAsString());
    return requests.size() == 1 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "away") : grpc::Status::OK;
  }
  std::vector<std::string> requests;
};

TEST(Repeating, TakesNoTaskThatIsDone) {
  DoneOnce service;
  const Instance instance(&service);
  const Said said =
      instance.Type({"task", "complete", "01940000-0000-7000-8000-000000000002", "--outcome", "keep-waiting",
                     "--next-action-time=+2d", "--request-id", "01940000-0000-7000-8000-000000000003"});
  EXPECT_EQ(said.code, 7);
  const Said again = Repeat(said);
  EXPECT_EQ(again.code, 0) << again.text;
  ASSERT_EQ(service.requests.size(), 2);
  EXPECT_EQ(service.requests[0], service.requests[1]);
}

// Whose task nobody can complete like this.
class Refusing final : public common::TaskService::Service {
 public:
  grpc::Status GetTask(grpc::ServerContext*, const common::GetTaskRequest*, common::Task* response) override {
    *response = task;
    return grpc::Status::OK;
  }
  grpc::Status LeaseTask(grpc::ServerContext*, const common::LeaseTaskRequest*,
                         common::LeaseTaskResponse* response) override {
    response->set_lease_token("the-lease");
    return grpc::Status::OK;
  }
  grpc::Status CompleteTask(grpc::ServerContext*, const common::CompleteTaskRequest*,
                            common::CompleteTaskResponse*) override {
    return answer;
  }
  grpc::Status ReleaseTask(grpc::ServerContext*, const common::ReleaseTaskRequest* request, common::Task*) override {
    given_back.push_back(request->lease_token());
    return grpc::Status::OK;
  }
  common::Task task;
  grpc::Status answer{grpc::StatusCode::INVALID_ARGUMENT, "no such outcome"};
  std::vector<std::string> given_back;
};

constexpr char kTask[] = "01940000-0000-7000-8000-000000000002";

TEST(TaskComplete, GivesBackWhatItTookWhenItIsRefused) {
  Refusing service;
  const Instance instance(&service);
  const Said said = instance.Type({"task", "complete", kTask, "--outcome", "gone"});
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.text, testing::HasSubstr("The task was given back."));
  EXPECT_THAT(service.given_back, testing::ElementsAre("the-lease"));
  EXPECT_EQ(instance.Type({"task", "complete", kTask, "--outcome", "done", "--next-action-time", "soon"}).code, 2);
  EXPECT_THAT(service.given_back, testing::SizeIs(2)) << "also what is wrong on this side";
}

TEST(TaskComplete, LeavesWithItsHolderWhatTheyHadTaken) {
  Refusing service;
  service.task.set_state(common::Task::STATE_RUNNING);
  service.task.set_holder("staff/wang");
  service.task.mutable_lease_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Minutes(30)));
  const Instance instance(&service);
  EXPECT_EQ(instance.Type({"task", "complete", kTask, "--outcome", "gone"}).code, 2);
  EXPECT_THAT(service.given_back, testing::IsEmpty());
}

TEST(TaskComplete, KeepsItsLeaseForARepeatWhenNobodyKnowsWhatCameOfIt) {
  Refusing service;
  service.answer = {grpc::StatusCode::UNAVAILABLE, "away"};
  const Instance instance(&service);
  const Said said = instance.Type({"task", "complete", kTask, "--outcome", "done"});
  EXPECT_EQ(said.code, 7);
  EXPECT_THAT(said.text, testing::HasSubstr("--lease-token=the-lease"));
  EXPECT_THAT(service.given_back, testing::IsEmpty());
}

}  // namespace
}  // namespace xxt::cli
