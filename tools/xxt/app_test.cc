#include "tools/xxt/app.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/scratch_dir.h"
#include "tools/xxt/context.h"
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

TEST(CaseGet, FindsAClosedCaseByItsCode) {
  ClosedCase service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  test::ScratchDir dir;
  ASSERT_TRUE(MakeKeys(dir.File("keys")).ok());
  const std::string context = dir.Write("context.yaml", absl::StrCat("endpoints: {intake: \"127.0.0.1:", port,
                                                                     "\"}\nkeys_dir: ", dir.File("keys"), "\n"));
  testing::internal::CaptureStdout();
  const Said said = Type({"--context", context, "--as", "staff/wang", "-o", "name", "case", "get", kCode});
  EXPECT_EQ(testing::internal::GetCapturedStdout(), absl::StrCat(kName, "\n"));
  EXPECT_EQ(said.code, 0) << said.text;
}

}  // namespace
}  // namespace xxt::cli
