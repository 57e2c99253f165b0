#include "tools/xxt/noun_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/xxt/comments.h"
#include "tools/xxt/convert.h"
#include "tools/xxt/field.h"
#include "tools/xxt/nouns.h"
#include "tools/xxt/run_rpc.h"
#include "tools/xxt/schema.h"
#include "tools/xxt/words.h"
#include "xixinting/common/v1/field.pb.h"
#include "xixinting/common/v1/noun.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::cli {
namespace {

namespace v1 = ::xixinting::common::v1;
namespace pb = ::google::protobuf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// The commands of the program that call a method, by their paths.
const std::map<std::string, Command>& CommandsIn(Language language) {
  static auto* const made = new std::map<Language, std::map<std::string, Command>>();
  std::map<std::string, Command>& commands = (*made)[language];
  if (commands.empty()) {
    for (const Command& command : Commands(language)) {
      if (command.method == nullptr) continue;
      EXPECT_TRUE(commands.emplace(command.path, command).second) << command.path << " twice";
    }
  }
  return commands;
}

const Command& CommandAt(const std::string& path, Language language = Language::kEnglish) {
  return CommandsIn(language).at(path);
}

std::vector<std::string> FlagsOf(const std::string& path) {
  std::vector<std::string> names;
  for (const Flag& flag : CommandAt(path).flags) names.push_back(flag.name);
  return names;
}

const Flag& FlagAt(const std::string& path, const std::string& name, Language language = Language::kEnglish) {
  const Command& command = CommandAt(path, language);
  for (const Flag& flag : command.flags) {
    if (flag.name == name) return flag;
  }
  ADD_FAILURE() << path << " has no " << name;
  return command.flags.front();
}

struct Named {
  std::string method;
  std::string path;
};

void PrintTo(const Named& named, std::ostream* out) { *out << named.method; }

class PathOfCommand : public testing::TestWithParam<Named> {};

TEST_P(PathOfCommand, IsTheNounAndTheMethodWithoutIt) {
  const auto method = FindMethod(GetParam().method);
  ASSERT_TRUE(method.ok()) << method.status();
  const Deed deed = DeedOf(**method);
  EXPECT_EQ(absl::StrCat(deed.group, " ", deed.verb), GetParam().path);
}

INSTANTIATE_TEST_SUITE_P(
    All, PathOfCommand,
    testing::Values(Named{"GetCase", "case get"}, Named{"ListStaff", "staff list"}, Named{"LogContact", "contact log"},
                    Named{"SetNextAction", "case set-next-action"}, Named{"CorrectParty", "party correct"},
                    Named{"GetRota", "rota get"}, Named{"LookupDutyOfficer", "rota lookup-duty-officer"},
                    Named{"ListEntries", "entry list"}, Named{"FileUnmatchedMail", "unmatched-mail file"},
                    Named{"ListBodies", "body list"}, Named{"PutBody", "body put"},
                    Named{"ListRuleNotes", "rule-note list"}, Named{"IssueRouteSheet", "route-sheet issue"},
                    Named{"RecordGap", "paper record-gap"}, Named{"IssueChecklist", "paper issue-checklist"},
                    Named{"SetCutOff", "referral set-cut-off"}, Named{"RecordReply", "referral record-reply"},
                    Named{"GetUnmatchedMail", "unmatched-mail get"}, Named{"GetAttachment", "attachment get"},
                    Named{"ResolveInDoubt", "message resolve-in-doubt"}, Named{"CompleteTask", "task complete"},
                    Named{"AdvanceClock", "clock advance"}),
    [](const auto& tested) { return tested.param.method; });

TEST(NounCommands, LeaveOutWhatOnlyServicesCall) {
  for (const Command& command : NounCommands(Language::kEnglish)) {
    EXPECT_THAT(command.callers, Contains(testing::Ne("service"))) << command.path;
    EXPECT_NE(command.method->name(), "ReportReferral");
  }
}

TEST(NounCommands, HaveFlagsForWhatCallersSayOfABody) {
  EXPECT_THAT(FlagsOf("case set-next-action"), ElementsAre("CASE", "--summary", "--due-time", "--etag"));
  EXPECT_THAT(FlagsOf("contact log"), ElementsAre("CASE", "--channel", "--counterpart", "--direction", "--result",
                                                  "--summary", "--occur-time", "--visibility", "--corrects"));
  EXPECT_THAT(FlagsOf("case list"),
              ElementsAre("--hall", "--states", "--owner", "--display-code", "--order", "--page-size", "--page-token"));
}

TEST(NounCommands, PutTheNameOfAPartBeforeItsFlags) {
  EXPECT_THAT(FlagsOf("referral create"), Contains("--lawful-basis-kind"));
  EXPECT_THAT(FlagsOf("entry create"), Contains("--attempt-channel"));
  EXPECT_THAT(FlagsOf("case hand-off"), Contains("--hand-off-counter"));
  EXPECT_EQ(FlagAt("case hand-off", "--hand-off-counter").field, "hand_off.counter");
  EXPECT_EQ(FlagAt("case hand-off", "--hand-off-counter", Language::kChinese).help, "转办：柜台");
}

TEST(NounCommands, HaveNoFlagForWhatCallersNeverSay) {
  EXPECT_THAT(FlagsOf("entry create"), Not(Contains("--mail-text")));
  EXPECT_THAT(FlagsOf("contact log"), Not(Contains("--record-time")));
}

TEST(NounCommands, TakeAFileForTheBodyAndForAllThatIsNoBody) {
  EXPECT_EQ(CommandAt("contact log").file_field, "contact");
  EXPECT_EQ(CommandAt("case hand-off").file_field, ".");
  EXPECT_EQ(CommandAt("case get").file_field, "");
}

TEST(NounCommands, NeedAFileForWhatNoFlagSays) {
  EXPECT_TRUE(CommandAt("case create").file_required);  // the parties
  EXPECT_FALSE(CommandAt("contact log").file_required);
}

TEST(NounCommands, SayWhatIsNeededWithoutAFileWhereThatMayBeLeftAway) {
  EXPECT_THAT(FlagAt("contact log", "--channel").help, testing::EndsWith("; needed without -f"));
  for (const auto& [path, command] : CommandsIn(Language::kEnglish)) {
    for (const Flag& flag : command.flags) {
      if (!command.file_required) continue;
      EXPECT_THAT(flag.help, Not(testing::HasSubstr("without -f"))) << path << " " << flag.name;
    }
  }
}

TEST(NounCommands, NeedTheirFlagsUnlessThereIsAFile) {
  const Command& log = CommandAt("contact log");
  Arguments arguments;
  ASSERT_NE(MissingFlag(log, arguments), nullptr);
  EXPECT_EQ(MissingFlag(log, arguments)->name, "CASE");
  arguments.values["CASE"] = {"x"};
  ASSERT_NE(MissingFlag(log, arguments), nullptr);
  EXPECT_EQ(MissingFlag(log, arguments)->name, "--channel");
  arguments.values["-f"] = {"contact.yaml"};
  EXPECT_EQ(MissingFlag(log, arguments), nullptr);
}

TEST(NounCommands, CallTheirPositionalAfterWhatItNames) {
  EXPECT_EQ(FlagAt("promise get", "PROMISE").help, "the promise: cases/…/promises/…");
  EXPECT_EQ(FlagAt("promise list", "CASE").help, "the case: display code or id");
  EXPECT_EQ(FlagAt("body get", "BODY").prefix, "bodies/");
  EXPECT_EQ(FlagAt("attachment get", "ATTACHMENT").prefix, "");
  EXPECT_FALSE(FlagAt("case watch", "CASE").required);
}

TEST(NounCommands, SayWhatAFlagTakes) {
  EXPECT_THAT(FlagAt("case review-closure", "--decision").choices, ElementsAre("approve", "return"));
  EXPECT_THAT(FlagAt("task list", "--lane").choices, ElementsAre("desk", "urgent", "normal", "bulk"));
  EXPECT_THAT(FlagAt("party correct", "--no-sms").choices, ElementsAre("true", "false"));
  EXPECT_EQ(FlagAt("referral list", "--include-ended").kind, Flag::Kind::kSwitch);
  EXPECT_THAT(FlagAt("case set-next-action", "--due-time").help, testing::HasSubstr("+2d"));
}

TEST(NounCommands, ShowHowSomebodyWhoMayTypesThem) {
  EXPECT_THAT(CommandAt("case set-next-action").examples,
              Contains("xxt case set-next-action 0102-26-000042-1 --summary … --due-time +1d --as staff/wang"));
  EXPECT_THAT(CommandAt("case find").examples,
              ElementsAre(testing::StartsWith("xxt case find --phone-number 13800138010 --purpose call")));
  EXPECT_THAT(CommandAt("referral create").examples.front(),
              testing::HasSubstr(" --lawful-basis-recorded-in cases/0193…/contacts/0193… "));
  EXPECT_THAT(CommandAt("rota replace").examples, ElementsAre("xxt rota replace -f rota.yaml --as staff/li-min"));
  EXPECT_THAT(CommandAt("case hand-off").examples.back(), testing::StartsWith("xxt case hand-off -f "));
}

TEST(NounCommands, AskEveryServiceForWhatEachServes) {
  EXPECT_THAT(FlagAt("task list", "--service").choices, ElementsAre("intake", "referral", "notification"));
  EXPECT_THAT(FlagsOf("case list"), Not(Contains("--service")));
}

TEST(NounCommands, TakeATaskBeforeTheySettleIt) {
  EXPECT_NE(CommandAt("task complete").prepare, nullptr);
  EXPECT_FALSE(FlagAt("task complete", "--lease-token").required);
  EXPECT_TRUE(FlagAt("task complete", "--outcome").required);
  EXPECT_THAT(CommandAt("task release").examples, ElementsAre("xxt task release 0193… --as staff/wang"));
}

bool IsChinese(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return true;
  }
  return false;
}

TEST(EveryCommand, HasHelpInBothLanguages) {
  for (const auto& [path, command] : CommandsIn(Language::kChinese)) {
    EXPECT_TRUE(IsChinese(command.help)) << path << ": no rpc.zh";
    for (const Flag& flag : command.flags) EXPECT_TRUE(IsChinese(flag.help)) << path << " " << flag.name << ": no zh";
  }
  for (const auto& [path, command] : CommandsIn(Language::kEnglish)) {
    EXPECT_FALSE(command.help.empty()) << path << ": no comment";
    for (const Flag& flag : command.flags) EXPECT_FALSE(flag.help.empty()) << path << " " << flag.name;
  }
}

TEST(EveryCommand, HasAGroupThatSaysWhatItIs) {
  for (const Language language : {Language::kChinese, Language::kEnglish}) {
    std::map<std::string, std::string> groups;
    for (const Group& group : CommandGroups(language)) groups.emplace(group.name, group.help);
    for (const Command& command : Commands(language)) {
      const std::string group = command.path.substr(0, command.path.find(' '));
      if (group != command.path) {
        EXPECT_NE(groups[group], "") << group;
      }
    }
  }
}

TEST(EveryCommand, FillsFieldsThatExist) {
  for (const auto& [path, command] : CommandsIn(Language::kEnglish)) {
    for (const Flag& flag : command.flags) {
      if (flag.field.empty()) continue;
      EXPECT_TRUE(FieldAt(*command.method->input_type(), flag.field).ok()) << path << " " << flag.name;
    }
  }
}

TEST(EveryCommand, ThatPagesAndAdviceShowIsThere) {
  std::set<std::string> paths;
  for (const Command& command : Commands(Language::kEnglish)) paths.insert(command.path);
  const std::filesystem::path root(XXT_SOURCE_DIR);
  std::vector<std::filesystem::path> pages = {root / "README.md", root / "README.zh-CN.md"};
  for (const char* folder : {"docs", "tools/xxt"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder))
      pages.push_back(entry.path());
  }
  int shown = 0;
  for (const std::filesystem::path& page : pages) {
    if (page.extension() != ".md" && page.extension() != ".cc") continue;
    const std::string text = ReadFile(page.string()).value();
    re2::StringPiece rest(text);
    std::string first;
    std::string second;
    while (re2::RE2::FindAndConsume(&rest, "`(?:[a-z/]+/)?xxt ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", &first, &second)) {
      const bool known = paths.count(first) > 0 || paths.count(absl::StrCat(first, " ", second)) > 0;
      EXPECT_TRUE(known) << page << " shows xxt " << first << " " << second;
      ++shown;
    }
  }
  EXPECT_GT(shown, 10);
}

void AddShown(const pb::Descriptor& type, std::set<const pb::Descriptor*>* all) {
  if (!absl::StartsWith(type.full_name(), "xixinting.") || !all->insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    const bool internal = field.options().GetExtension(v1::internal);
    if (field.message_type() != nullptr && !internal) AddShown(*field.message_type(), all);
  }
}

// Every message that is shown to people or said by them.
std::set<const pb::Descriptor*> AllShown() {
  std::set<const pb::Descriptor*> all;
  for (const auto& [path, command] : CommandsIn(Language::kEnglish)) {
    AddShown(*command.method->output_type(), &all);
    AddShown(*command.method->input_type(), &all);
  }
  return all;
}

TEST(EveryField, IsForPeopleButForThese) {
  std::vector<std::string> unnamed;
  for (const pb::Descriptor* type : AllShown()) {
    const bool of_request = absl::EndsWith(type->name(), "Request");
    if (of_request) continue;
    for (int i = 0; i < type->field_count(); ++i) {
      const pb::FieldDescriptor& field = *type->field(i);
      const bool token = field.name() == "next_page_token" || field.name() == "resume_token";
      const bool in_list = absl::EndsWith(type->name(), "Response") && field.is_repeated();
      if (token || in_list || field.options().GetExtension(v1::internal)) continue;
      if (!IsForPeople(field)) unnamed.push_back(field.full_name());
    }
  }
  EXPECT_THAT(unnamed,
              UnorderedElementsAre("xixinting.common.v1.Event.id", "xixinting.notification.v1.Delivery.id",
                                   "xixinting.referral.v1.Mail.message_id", "xixinting.referral.v1.RouteSheet.html",
                                   "xixinting.referral.v1.UnmatchedMail.message_id"));
}

// What names look like follows from what a field refers to, so that no service takes one that its neighbours refuse.
// These name more than one resource.
TEST(EveryPattern, LeavesNamesToWhatTheFieldRefersTo) {
  std::vector<std::string> said;
  for (const pb::Descriptor* type : AllShown()) {
    for (int i = 0; i < type->field_count(); ++i) {
      const std::string& pattern = type->field(i)->options().GetExtension(v1::rule).pattern();
      if (absl::StrContains(pattern, "/")) said.push_back(type->field(i)->full_name());
    }
  }
  EXPECT_THAT(said, UnorderedElementsAre("xixinting.referral.v1.GetAttachmentRequest.name",
                                         "xixinting.referral.v1.GetRouteSheetRequest.name",
                                         "xixinting.referral.v1.LawfulBasis.recorded_in",
                                         "xixinting.referral.v1.Withdrawal.recorded_in"));
}

TEST(EveryValue, HasAChineseName) {
  std::vector<std::string> unnamed;
  for (const pb::Descriptor* type : AllShown()) {
    for (int i = 0; i < type->field_count(); ++i) {
      const pb::EnumDescriptor* choices = type->field(i)->enum_type();
      if (choices == nullptr || type->field(i)->options().GetExtension(v1::internal)) continue;
      for (int v = 1; v < choices->value_count(); ++v) {
        if (choices->value(v)->options().GetExtension(v1::value_zh).empty()) {
          unnamed.push_back(choices->value(v)->full_name());
        }
      }
    }
  }
  EXPECT_THAT(unnamed, IsEmpty());
}

TEST(EveryColumn, IsAFieldOrAChoice) {
  for (const pb::Descriptor* type : AllShown()) {
    for (const std::string& column : ColumnsOf(*type)) {
      EXPECT_TRUE(type->FindOneofByName(column) != nullptr || FieldAt(*type, column).ok())
          << type->full_name() << " " << column;
    }
  }
}

TEST(Comments, AreThoseOfTheProtos) {
  const auto method = FindMethod("SetNextAction");
  ASSERT_TRUE(method.ok());
  EXPECT_THAT(CommentOn(**method), testing::StartsWith("Says what the officer will do next, and when. That is"));
  EXPECT_EQ(HelpOf(**method, Language::kEnglish), "Says what the officer will do next, and when");
  EXPECT_EQ(FirstSentence("One of RFC 3339. Two."), "One of RFC 3339");
  EXPECT_EQ(FirstSentence(""), "");
}

}  // namespace
}  // namespace xxt::cli
