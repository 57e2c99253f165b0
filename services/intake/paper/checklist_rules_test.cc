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

PaperFacts Of(const std::string& title) {
  PaperFacts paper;
  paper.title = title;
  paper.source = "事项清单";
  return paper;
}

TEST(MakeChecklist, KeepsTheOrderOfWhatIsAskedFor) {
  const auto list = MakeChecklist({Of("火化证明"), Of("户口本")});
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_THAT(*list, SizeIs(2));
  EXPECT_EQ(list->at(0).facts.title, "火化证明");
  EXPECT_EQ(list->at(0).first, 0U);
  EXPECT_EQ(list->at(1).first, 1U);
}

TEST(MakeChecklist, NamesTheSamePaperOnce) {
  PaperFacts copy = Of(" 户口 本");
  copy.form = 2;
  copy.copies = 2;
  copy.source = "低保清单";
  const auto list = MakeChecklist({Of("火化证明"), Of("户口本"), copy, copy});
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_THAT(*list, SizeIs(2));
  EXPECT_FALSE(list->at(0).several_forms);
  EXPECT_EQ(list->at(1).first, 1U);
  EXPECT_EQ(list->at(1).facts.title, "户口本");
  EXPECT_EQ(list->at(1).facts.copies, 2);
  EXPECT_TRUE(list->at(1).several_forms);
  EXPECT_EQ(list->at(1).facts.source, "事项清单；低保清单");
}

TEST(MakeChecklist, KeepsOnlyAlternativesThatAllTake) {
  PaperFacts one = Of("火化证明");
  one.alternatives = {"殡葬馆证明", "死亡医学证明"};
  PaperFacts other = Of("火化证明");
  other.alternatives = {"死亡医学证明"};
  EXPECT_THAT(MakeChecklist({one, other})->at(0).facts.alternatives, ElementsAre("死亡医学证明"));
  EXPECT_THAT(MakeChecklist({one})->at(0).facts.alternatives, ElementsAre("殡葬馆证明", "死亡医学证明"));
}

TEST(FindSeen, KnowsAPaperByItsTitleWhateverTheSpaces) {
  const std::vector<PaperFacts> papers = {Of("户口本"), Of("火化证明"), Of("身份　证")};
  EXPECT_THAT(FindSeen(papers, {"身份证", " 户口 本"}), ElementsAre(0U, 2U));
  EXPECT_THAT(FindSeen(papers, {"结婚证"}), IsEmpty());
}

TEST(MakeChecklist, RefusesWhatNobodyMayAskFor) {
  const auto message = [](const PaperFacts& paper) {
    return std::string(MakeChecklist({Of("户口本"), paper}).status().message());
  };
  EXPECT_THAT(message(Of(" 　")), HasSubstr("papers[1].title"));
  for (const char* title :
       {"其他", "其 它", "有关", "相关", "等", "其他材料", "有关证明", "窗口要求的其他 有关 材料", "相关材料等"}) {
    EXPECT_THAT(message(Of(title)), HasSubstr("names no particular paper")) << title;
  }
  for (const char* title : {"房屋等级证明", "其他国籍亲属的有效证件", "有关部门出具的死亡证明"}) {
    EXPECT_TRUE(MakeChecklist({Of(title)}).ok()) << title;
  }
  PaperFacts unsourced = Of("无犯罪记录证明");
  unsourced.source = " ";
  EXPECT_THAT(message(unsourced), HasSubstr("papers[1].source"));
}

}  // namespace
}  // namespace xxt::intake
