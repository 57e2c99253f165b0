#include "services/intake/paper/checklist_rules.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'770'000'000);

Paper Of(const std::string& title, const std::string& item = "丧葬费申领") {
  Paper paper;
  paper.title = title;
  paper.service_items = {item};
  paper.source = "事项清单";
  return paper;
}

TEST(IssueChecklist, MakesTheFirstVersion) {
  const auto list = IssueChecklist({Of("火化证明"), Of("户口本")});
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->version, 1);
  EXPECT_THAT(list->amendments, IsEmpty());
  ASSERT_EQ(list->papers.size(), 2U);
  EXPECT_EQ(list->papers[0].title, "火化证明");
  EXPECT_EQ(list->papers[0].since_version, 1);
}

TEST(IssueChecklist, NamesTheSamePaperOnceForSeveralItems) {
  Paper copy = Of(" 户口 本", "低保认定");
  copy.form = PaperForm::kCopy;
  copy.copies = 2;
  copy.source = "低保清单";
  const auto list = IssueChecklist({Of("户口本"), Of("火化证明"), copy, copy});
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->papers.size(), 2U);
  EXPECT_EQ(list->papers[0].title, "户口本");
  EXPECT_THAT(list->papers[0].service_items, ElementsAre("丧葬费申领", "低保认定"));
  EXPECT_EQ(list->papers[0].copies, 2);
  EXPECT_EQ(list->papers[0].form, PaperForm::kOriginalAndCopy);
  EXPECT_EQ(list->papers[0].source, "事项清单；低保清单");
}

TEST(IssueChecklist, KeepsOnlyAlternativesThatEveryItemTakes) {
  Paper one = Of("火化证明");
  one.alternatives = {"殡葬馆证明", "死亡医学证明"};
  Paper other = Of("火化证明", "抚恤金");
  other.alternatives = {"死亡医学证明"};
  EXPECT_THAT(IssueChecklist({one, other})->papers[0].alternatives, ElementsAre("死亡医学证明"));
  EXPECT_THAT(IssueChecklist({one})->papers[0].alternatives, ElementsAre("殡葬馆证明", "死亡医学证明"));
}

TEST(FindSeen, KnowsAPaperByItsTitleWhateverTheSpaces) {
  const std::vector<Paper> papers = {Of("户口本"), Of("火化证明"), Of("身份　证")};
  EXPECT_THAT(FindSeen(papers, {"身份证", " 户口 本"}), ElementsAre(0U, 2U));
  EXPECT_THAT(FindSeen(papers, {"结婚证"}), IsEmpty());
}

TEST(IssueChecklist, RefusesWhatNobodyMayAskFor) {
  const auto message = [](const Paper& paper) {
    return std::string(IssueChecklist({Of("户口本"), paper}).status().message());
  };
  EXPECT_THAT(message(Of(" 　")), HasSubstr("papers[1].title"));
  for (const char* title :
       {"其他", "其 它", "有关", "相关", "等", "其他材料", "有关证明", "窗口要求的其他 有关 材料", "相关材料等"}) {
    EXPECT_THAT(message(Of(title)), HasSubstr("names no particular paper")) << title;
  }
  for (const char* title : {"房屋等级证明", "其他国籍亲属的有效证件", "有关部门出具的死亡证明"}) {
    EXPECT_TRUE(IssueChecklist({Of(title)}).ok()) << title;
  }
  Paper unsourced = Of("无犯罪记录证明");
  unsourced.source = " ";
  EXPECT_THAT(message(unsourced), HasSubstr("papers[1].source"));
  Paper needless = Of("照片");
  needless.service_items.clear();
  EXPECT_THAT(message(needless), HasSubstr("papers[1].service_items"));
  for (const int copies : {0, -1, 21}) {
    Paper many = Of("照片");
    many.copies = copies;
    EXPECT_THAT(message(many), HasSubstr("papers[1].copies"));
  }
  EXPECT_EQ(IssueChecklist({}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(AmendChecklist, MakesANewVersionAndCountsADefect) {
  const Checklist told = *IssueChecklist({Of("火化证明"), Of("户口本")});
  const auto amended = AmendChecklist(told, {Of("火化证明"), Of("身份证")}, "漏告知身份证", "staff/li", kNow);
  ASSERT_TRUE(amended.ok()) << amended.status();
  EXPECT_EQ(amended->version, 2);
  ASSERT_THAT(amended->amendments, SizeIs(1));
  const Amendment& amendment = amended->amendments[0];
  EXPECT_EQ(amendment.reason, "漏告知身份证");
  EXPECT_EQ(amendment.actor, "staff/li");
  EXPECT_EQ(amendment.amend_time, kNow);
  EXPECT_THAT(amendment.added, ElementsAre("身份证"));
  EXPECT_THAT(amendment.removed, ElementsAre("户口本"));
  EXPECT_EQ(amended->papers[0].since_version, 1);
  EXPECT_EQ(amended->papers[1].since_version, 2);
}

TEST(AmendChecklist, CountsAChangedPaperWithoutAddingOrRemovingOne) {
  const Checklist told = *IssueChecklist({Of("照片")});
  Paper more = Of("照片");
  more.copies = 3;
  const auto amended = AmendChecklist(told, {more}, "张数写错", "staff/li", kNow);
  ASSERT_TRUE(amended.ok()) << amended.status();
  EXPECT_THAT(amended->amendments[0].added, IsEmpty());
  EXPECT_THAT(AmendChecklist(*amended, {Of("照片")}, "改回", "staff/li", kNow)->amendments, SizeIs(2));
}

TEST(AmendChecklist, NeedsAReasonAndAChangeAndSomethingTold) {
  const Checklist told = *IssueChecklist({Of("照片")});
  EXPECT_EQ(AmendChecklist(told, {Of("照片"), Of("身份证")}, " ", "staff/li", kNow).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(AmendChecklist(told, {Of("照片")}, "没有变化", "staff/li", kNow).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const Checklist two = *IssueChecklist({Of("照片"), Of("身份证")});
  EXPECT_EQ(AmendChecklist(two, {Of("身份证"), Of("照片")}, "换了次序", "staff/li", kNow).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(AmendChecklist(Checklist{}, {Of("照片")}, "补", "staff/li", kNow).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(AmendChecklist(told, {}, "清空", "staff/li", kNow).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace xxt::intake
