#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/errors.h"
#include "common/testing/scratch_dir.h"
#include "tools/xxt/completion.h"
#include "tools/xxt/context.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/failure.h"
#include "tools/xxt/field.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/scenario.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/step.h"
#include "tools/xxt/text_time.h"
#include "tools/xxt/values.h"
#include "xixinting/intake/v1/case_service.pb.h"
#include "xixinting/referral/v1/entry.pb.h"

namespace xxt::cli {
namespace {

TEST(Describe, SaysItInTheLanguageThatIsWanted) {
  const absl::Status both = errors::InBothLanguages(absl::StatusCode::kNotFound, "没有这个任务", "no such task");
  EXPECT_THAT(Describe(both, Language::kChinese), testing::StartsWith("没有这个任务\n"));
  EXPECT_THAT(Describe(both, Language::kEnglish), testing::StartsWith("no such task\n"));
  const absl::Status path = absl::NotFoundError("a / b is not there");
  EXPECT_THAT(Describe(path, Language::kChinese), testing::StartsWith("a / b is not there\n"));
  const absl::Status about = About("case.yaml", both);
  EXPECT_THAT(Describe(about, Language::kChinese), testing::StartsWith("case.yaml：没有这个任务\n"));
  EXPECT_THAT(Describe(about, Language::kEnglish), testing::StartsWith("case.yaml: no such task\n"));
}

TEST(WithReason, LeavesWhatAServiceSaidAndGivesTheRestAReasonOfItsOwn) {
  EXPECT_EQ(ReasonOf(WithReason(errors::EtagMismatch("n"))), "ETAG_MISMATCH");
  EXPECT_EQ(ReasonOf(WithReason(errors::InBothLanguages(absl::StatusCode::kInvalidArgument, "甲", "a"))), "USAGE");
  EXPECT_EQ(ReasonOf(WithReason(absl::UnavailableError("connection refused"))), "UNREACHABLE");
  EXPECT_EQ(ReasonOf(WithReason(absl::NotFoundError("x"))), "NOT_FOUND");
}

// It may be done: another id would do it twice.
TEST(Describe, AdvisesToLookFirstWhereAnIdWasUsedBefore) {
  EXPECT_THAT(Describe(errors::RequestIdReused("x"), Language::kEnglish),
              testing::HasSubstr("may be done: look first"));
  EXPECT_THAT(Describe(errors::RequestIdReused("x"), Language::kChinese), testing::HasSubstr("请先查看"));
}

TEST(ReadFile, RefusesWhatIsNoTextInAFile) {
  const test::ScratchDir dir;
  EXPECT_EQ(ReadFile(dir.Write("empty", "")).value(), "");
  EXPECT_EQ(ReadFile(dir.Write("text", "标题: x\n")).value(), "标题: x\n");
  EXPECT_EQ(ReadFile("/").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFile(dir.Write("bytes", "title: \xff\n")).status().code(), absl::StatusCode::kInvalidArgument);
}

// What is wrong with a file that a tester writes is said in both languages, with the file and the place.
TEST(FilesOfTesters, NameTheFileAndWhatIsWrong) {
  const test::ScratchDir dir;
  const auto said = [](const absl::Status& status, Language language) {
    const std::string text = Describe(status, language);
    return text.substr(text.rfind('/') + 1);
  };
  const absl::Status key = LoadScenario(dir.Write("a.yaml", "steps: [{say: x, sya: y}]")).status();
  EXPECT_EQ(said(key, Language::kChinese), "a.yaml：steps[0]：没有 sya 这一项\n");
  EXPECT_EQ(said(key, Language::kEnglish), "a.yaml: steps[0]: unknown key sya\n");
  const absl::Status yaml = LoadScenario(dir.Write("b.yaml", "{steps")).status();
  EXPECT_THAT(said(yaml, Language::kChinese), testing::StartsWith("b.yaml：第 1 行第 1 列不是正确的 YAML 或 JSON（"));
  const absl::Status map = Context::Load(dir.Write("c.yaml", "endpoints: 7")).status();
  EXPECT_EQ(said(map, Language::kChinese), "c.yaml：endpoints 应为映射\n");
  const absl::Status endpoint = Context::Load(dir.Write("d.yaml", "{}"))->Endpoint("intake").status();
  EXPECT_EQ(said(endpoint, Language::kChinese), "d.yaml：endpoints.intake 没有填写\n");
  EXPECT_EQ(said(endpoint, Language::kEnglish), "d.yaml: endpoints.intake is missing\n");
  const absl::Status keys = Context::Load(dir.Write("e.yaml", "keys_dir: [x]")).status();
  EXPECT_EQ(said(keys, Language::kEnglish), "e.yaml: keys_dir is no text\n");
}

constexpr char kId[] = "01940000-0000-7000-8000-000000000001";

absl::Time Now() {
  absl::Time now;
  std::string error;
  absl::ParseTime(absl::RFC3339_full, "2026-11-23T16:00:00+08:00", &now, &error);
  return now;
}

const Command& CommandAt(const std::string& path) {
  static const auto* const kCommands = new std::vector<Command>(Commands(Language::kEnglish));
  for (const Command& command : *kCommands) {
    if (command.path == path) return command;
  }
  ADD_FAILURE() << path;
  return kCommands->front();
}

TEST(BuildRequest, TakesFlagsAsTheFieldsTypesAsk) {
  Arguments arguments;
  arguments.values = {{"--hall", {"110102016"}}, {"--states", {"closed", "in-progress"}}, {"--page-size", {"5"}}};
  const auto request = BuildRequest(CommandAt("case list"), arguments, kId, Now());
  ASSERT_TRUE(request.ok()) << request.status();
  const auto& list = static_cast<const xixinting::intake::v1::ListCasesRequest&>(**request);
  EXPECT_EQ(list.hall(), "halls/110102016");
  EXPECT_THAT(list.states(), testing::ElementsAre(xixinting::intake::v1::Case::STATE_CLOSED,
                                                  xixinting::intake::v1::Case::STATE_IN_PROGRESS));
  EXPECT_EQ(list.page_size(), 5);
}

TEST(BuildRequest, ReadsTimesAgainstNowAndFillsTheRequestId) {
  Arguments arguments;
  arguments.values = {{"CASE", {kId}}, {"--summary", {"回电"}}, {"--due-time", {"+1d"}}};
  const auto request = BuildRequest(CommandAt("case set-next-action"), arguments, kId, Now());
  ASSERT_TRUE(request.ok()) << request.status();
  const auto& next = static_cast<const xixinting::intake::v1::SetNextActionRequest&>(**request);
  EXPECT_EQ(next.name(), std::string("cases/") + kId);
  EXPECT_EQ(next.next_action().due_time().seconds(), absl::ToUnixSeconds(Now() + absl::Hours(24)));
  EXPECT_EQ(next.request_id(), kId);
}

TEST(BuildRequest, FillsOneFieldFromTheFileAndLetsFlagsWin) {
  const test::ScratchDir dir;
  Arguments arguments;
  arguments.values = {
      {"REFERRAL", {kId}},
      {"-f", {dir.Write("request.yaml", "attempt: {channel: CHANNEL_PHONE, result: RESULT_BUSY, summary: 占线}")}},
      {"--attempt-result", {"no-answer"}}};
  const auto request = BuildRequest(CommandAt("entry create"), arguments, kId, Now());
  ASSERT_TRUE(request.ok()) << request.status();
  const auto& create = static_cast<const xixinting::referral::v1::CreateEntryRequest&>(**request);
  EXPECT_EQ(create.entry().attempt().summary(), "占线");
  EXPECT_EQ(create.entry().attempt().result(), xixinting::referral::v1::Attempt::RESULT_NO_ANSWER);
}

TEST(BuildRequest, NamesTheFlagAndWhatIsAllowed) {
  Arguments arguments;
  arguments.values = {{"--states", {"rejected"}}};
  const auto request = BuildRequest(CommandAt("case list"), arguments, kId, Now());
  EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(request.status().message()), testing::HasSubstr("in-progress, closure-proposed, closed"));
}

TEST(BuildRequest, TakesValuesInAFileAsFlagsDo) {
  const test::ScratchDir dir;
  const auto build = [&](const std::string& text) {
    Arguments arguments;
    arguments.values = {{"REFERRAL", {kId}}, {"-f", {dir.Write("request.yaml", text)}}};
    return BuildRequest(CommandAt("entry create"), arguments, kId, Now());
  };
  const auto request = build("attempt: {channel: phone, result: NO_ANSWER, summary: busy}");
  ASSERT_TRUE(request.ok()) << request.status();
  const auto& create = static_cast<const xixinting::referral::v1::CreateEntryRequest&>(**request);
  EXPECT_EQ(create.entry().attempt().channel(), xixinting::common::v1::CHANNEL_PHONE);
  EXPECT_EQ(create.entry().attempt().result(), xixinting::referral::v1::Attempt::RESULT_NO_ANSWER);
  const absl::Status wrong = build("attempt: {result: maybe}").status();
  EXPECT_EQ(ReasonOf(wrong), "FIELD_INVALID");
  EXPECT_THAT(Describe(wrong, Language::kEnglish), testing::HasSubstr("entry.attempt.result must be one of reached"));
  EXPECT_THAT(Describe(wrong, Language::kChinese), testing::HasSubstr("entry.attempt.result 须为其中之一：reached"));
}

TEST(BuildRequest, TakesValuesInListsInAFileAsFlagsDo) {
  const test::ScratchDir dir;
  Arguments arguments;
  arguments.values = {{"-f", {dir.Write("request.yaml", "case: {difficulties: [paper-missing]}")}}};
  const auto request = BuildRequest(CommandAt("case hand-off"), arguments, kId, Now());
  ASSERT_TRUE(request.ok()) << request.status();
  arguments.values = {{"-f", {dir.Write("request.yaml", "case: {difficulties: [paper-missing, x]}")}}};
  const absl::Status wrong = BuildRequest(CommandAt("case hand-off"), arguments, kId, Now()).status();
  EXPECT_THAT(Describe(wrong, Language::kEnglish), testing::HasSubstr("case.difficulties[1]"));
}

TEST(BuildRequest, RefusesAFileWithAnUnknownField) {
  const test::ScratchDir dir;
  Arguments arguments;
  arguments.values = {{"-f", {dir.Write("request.yaml", "{case: {titel: x}}")}}};
  const absl::Status status = BuildRequest(CommandAt("case hand-off"), arguments, kId, Now()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Describe(status, Language::kChinese), testing::HasSubstr("case.titel 没有这一项；可以有："));
}

TEST(ParseYaml, KeepsQuotedNumbersAndTelephonesAsText) {
  const Json value = *ParseYaml("{id: '110102194803150822', ext: 8, phone: +8613800138010, code: 010-6000, yes: true}");
  EXPECT_TRUE(value["id"].is_string());
  EXPECT_EQ(value["ext"], 8);
  EXPECT_EQ(value["phone"], "+8613800138010");
  EXPECT_EQ(value["code"], "010-6000");
  EXPECT_EQ(value["yes"], true);
}

TEST(ParseYaml, TakesOverAnAnchorAndLetsOwnKeysWin) {
  const Json value = *ParseYaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n");
  EXPECT_EQ(value["b"].dump(), R"({"x":1,"y":3})");
}

TEST(ToYaml, ReadsBackAsItWas) {
  const Json value = Json::parse(R"({"a":["1","true","x: y"],"b":{"c":2,"d":"多行\n文字","f":"多行\n文字\n"},"e":[]})");
  EXPECT_EQ(*ParseYaml(ToYaml(value)), value);
}

TEST(Values, FillsTextsAndKeepsTypes) {
  Values values(Now);
  values.Set("case", Json::parse(R"({"name":"cases/1","parties":[{"name":"p1"}],"n":3})"));
  EXPECT_EQ(*values.Fill("${case.n}"), 3);
  EXPECT_EQ(*values.FillText("见 ${case.name} 的 ${case.parties[0].name}"), "见 cases/1 的 p1");
  EXPECT_EQ(values.FillText("${nobody}").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Values, ComputesDaysFromToday) {
  Values values(Now);
  values.Set("day", *values.Fill(*ParseYaml("{today_plus: '-10y+80d'}")));
  EXPECT_EQ(*values.FillText("${day.iso}"), "2017-02-11");
  EXPECT_EQ(*values.FillText("${day.zh}"), "2017年2月11日");
}

TEST(Values, CountsFromADay) {
  Values values(Now);
  values.Set("last", *values.Fill(*ParseYaml("{year: 2027, month: 2, day: 11}")));
  EXPECT_EQ(*values.Fill(*ParseYaml("{day: '${last}', plus: -30d, at: '09:05'}")), "2027-01-12T01:05:00Z");
  EXPECT_EQ(values.Fill(*ParseYaml("{day: soon, plus: 1d}")).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(TextTime, FindsTheNextWorkingDay) {
  // 2026-11-27 is a Friday.
  const absl::Time friday = Now() + absl::Hours(24 * 4);
  EXPECT_EQ(ToChinese(*NextAt("09:30", true, friday)), "11月30日 周一 09:30");
  EXPECT_EQ(ToChinese(*NextAt("17:00", false, friday)), "11月27日 周五 17:00");
  EXPECT_FALSE(NextAt("25:00", false, friday).ok());
}

TEST(TextTime, RefusesWhatIsNoStep) {
  EXPECT_FALSE(ParseStep("soon").ok());
  EXPECT_FALSE(ParseStep("").ok());
  EXPECT_EQ(ParseStep("1h30m")->rest, absl::Minutes(90));
}

TEST(StepRunner, RefusesUnknownKeysAndMethods) {
  EXPECT_TRUE(StepRunner::Check(*ParseYaml("{call: CaseService/GetCase, as: staff/wang}")).ok());
  EXPECT_FALSE(StepRunner::Check(*ParseYaml("{call: CaseService/GetCase, expects: {}}")).ok());
  EXPECT_FALSE(StepRunner::Check(*ParseYaml("{call: CaseService/RejectCase}")).ok());
  EXPECT_FALSE(StepRunner::Check(*ParseYaml("{call: TaskService/ListTasks}")).ok());
  EXPECT_FALSE(StepRunner::Check(*ParseYaml("{as: staff/wang}")).ok());
}

TEST(Failure, ExitCodesTellScriptsWhatToDo) {
  EXPECT_EQ(ExitCodeOf(errors::NotFound("t", "n")), kNotFound);
  EXPECT_EQ(ExitCodeOf(errors::EtagMismatch("n")), kConflict);
  EXPECT_EQ(ExitCodeOf(errors::OtherHall("n")), kNotAllowed);
  EXPECT_EQ(ExitCodeOf(errors::StoreUnavailable(absl::Seconds(1))), kUnavailable);
  EXPECT_EQ(ExitCodeOf(errors::OutcomeUnknown()), kUnavailable);
  EXPECT_EQ(ExitCodeOf(errors::FieldInvalid("f", "甲", "a")), kUsage);
}

TEST(Failure, SurvivesTheWireWithItsDetails) {
  const absl::Status status = FromRpcStatus(ToRpcStatus(errors::FieldInvalid("case.title", "不能为空", "is missing")));
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
  const std::string zh = Describe(status, Language::kChinese);
  EXPECT_THAT(zh, testing::HasSubstr("case.title：不能为空"));
  EXPECT_THAT(zh, testing::Not(testing::HasSubstr("is missing\n")));
  EXPECT_THAT(Describe(status, Language::kEnglish), testing::HasSubstr("case.title: is missing"));
}

TEST(BashCompletion, KnowsCommandsFlagsAndWhatTheyTake) {
  const std::string script = BashCompletion();
  EXPECT_THAT(script, testing::ContainsRegex("\"case\"\\) words=\"[^\"]*hand-off"));
  EXPECT_THAT(script, testing::ContainsRegex("\"case review-closure\"\\) words=\"[^\"]*--decision"));
  EXPECT_THAT(script, testing::HasSubstr("\"case review-closure --decision\") values=\"approve return\""));
  EXPECT_THAT(script, testing::HasSubstr("\"completion\") words=\"bash zsh\""));
  EXPECT_THAT(script, testing::HasSubstr(" --output "));
  EXPECT_THAT(script, testing::HasSubstr("--as|--timeout|--repeat-for|--request-id) return ;;"))
      << "no command is a name";
  EXPECT_THAT(script, testing::HasSubstr("\"api call\") words=\"$(xxt api ls 2>/dev/null | sed 's/.*[.]//')"));
}

}  // namespace
}  // namespace xxt::cli
