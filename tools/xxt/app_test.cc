#include "tools/xxt/app.h"

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

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/testing/scratch_dir.h"
#include "tools/xxt/context.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"

namespace xxt::cli {
namespace {

struct Said {
  int code;
  std::string text;
};

Said Type(std::vector<std::string> words, const std::string& locale = "zh_CN.UTF-8") {
  setenv("LC_ALL", locale.c_str(), 1);
  words.insert(words.begin(), "xxt");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStderr();
  const int code = RunApp(static_cast<int>(argv.size()), argv.data());
  return {code, testing::internal::GetCapturedStderr()};
}

struct Mistake {
  std::string name;
  std::vector<std::string> words;
  std::string zh;
  std::string en;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class CommandLine : public testing::TestWithParam<Mistake> {};

TEST_P(CommandLine, AMistakeIsSaidInTheLanguageThatIsWanted) {
  const Mistake& mistake = GetParam();
  std::vector<std::string> words = mistake.words;
  const Said chinese = Type(words);
  EXPECT_EQ(chinese.code, 2);
  EXPECT_EQ(chinese.text, mistake.zh + "；用 --help 查看用法\n");
  words.insert(words.begin(), {"--lang", "en"});
  const Said english = Type(words);
  EXPECT_EQ(english.code, 2);
  EXPECT_EQ(english.text, mistake.en + "; see --help\n");
}

TEST(CommandLineText, IsUtf8) {
  const Said said = Type({"case", "list", "--as", "staff/\xff"});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.text, "第 4 个参数不是 UTF-8 文本\n");
}

TEST(CommandLineLanguage, IsThatOfTheLocaleUnlessToldOtherwise) {
  EXPECT_EQ(Type({}, "en_GB.UTF-8").text, "a command is missing; see --help\n");
  EXPECT_EQ(Type({"--lang", "zh"}, "en_GB.UTF-8").text, "还缺一个命令；用 --help 查看用法\n");
  EXPECT_EQ(Type({}, "C.UTF-8").text, "还缺一个命令；用 --help 查看用法\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, CommandLine,
    testing::Values(
        Mistake{"NoCommand", {}, "还缺一个命令", "a command is missing"},
        Mistake{"GroupAlone", {"message"}, "还缺一个命令", "a command is missing"},
        Mistake{"UnknownCommand", {"foo"}, "看不懂“foo”", "not understood: 'foo'"},
        Mistake{"OneWordTooMany", {"case", "get", "a", "b"}, "看不懂“b”", "not understood: 'b'"},
        Mistake{"NoPositional", {"case", "get"}, "还缺 CASE", "CASE is missing"},
        Mistake{"NoFile", {"case", "hand-off"}, "还缺 --file", "--file is missing"},
        Mistake{"NoFlagAndNoFile",
                {"case", "set-next-action", "0102-26-000042-1"},
                "还缺 --summary",
                "--summary is missing"},
        Mistake{"NoFlagThatNoFileSays", {"case", "review-closure", "x"}, "还缺 --decision", "--decision is missing"},
        Mistake{"NoValue", {"case", "list", "--page-size"}, "--page-size 后面要跟值", "--page-size needs a value"},
        Mistake{"NoSuchFormat",
                {"-o", "bad", "case", "list"},
                "命令行有误：--output: “bad”不在可选值之中：table、json、yaml、name",
                "--output: 'bad' is none of table, json, yaml, name"}),
    [](const auto& tested) { return tested.param.name; });

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
    words.insert(words.begin(), {"--context", context_, "--as", "staff/wang", "--lang", "en"});
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

}  // namespace
}  // namespace xxt::cli
