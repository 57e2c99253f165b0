#include "services/intake/progress/progress_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace xxt::intake {
namespace {

const absl::Time kOpened = absl::FromUnixSeconds(1768900000);

// "1 您的事已受理|2 …".
std::string Said(const ProgressFacts& facts, bool english = false) {
  std::string said;
  for (const ProgressLine& line : SayProgress(facts, english)) {
    absl::StrAppend(&said, said.empty() ? "" : "|", static_cast<int>(line.kind), " ", line.text);
  }
  return said;
}

TEST(NormaliseProgressCode, ForgivesWhatPeopleType) {
  EXPECT_EQ(NormaliseProgressCode("k7 3o-wil9a"), "K730W119A");
  EXPECT_EQ(NormaliseProgressCode(""), "");
}

TEST(ProofOf, IsTheEndOfTheNumberWithoutItsExtension) {
  EXPECT_EQ(ProofOf("+8613800138111"), "8111");
  EXPECT_EQ(ProofOf("+861083172345;ext=8"), "2345");
  EXPECT_EQ(ProofOf("12345"), "2345");
  EXPECT_EQ(ProofOf("114"), "");
  EXPECT_EQ(ProofOf(""), "");
}

TEST(SayProgress, SaysWhatIsDoneWhatWeWaitForAndWhatThePersonMayDo) {
  const ProgressFacts facts{.opened = kOpened,
                            .next = kOpened + absl::Hours(24),
                            .bodies_asked = 2,
                            .papers = {{"火化证明", false, false}, {"身份证", true, true}, {"存折", false, true}},
                            .steps = {"打印银行流水"}};
  EXPECT_EQ(Said(facts),
            "1 您的事已受理|1 已收到：身份证|3 正在等外单位答复，共 2 件|4 请您准备：存折|4 "
            "请您或家人办理：打印银行流水|5 我们的下一步，不晚于");
  EXPECT_EQ(Said({.opened = kOpened}, /*english=*/true),
            "1 We have taken in your matter|2 The window works on your matter");
  EXPECT_EQ(Said({.opened = kOpened, .in_review = true}), "1 您的事已受理|2 结果正在由同事复核");
}

TEST(SayProgress, OfAClosedCaseAsksForNothing) {
  EXPECT_EQ(Said({.opened = kOpened, .closed = kOpened + absl::Hours(1), .papers = {{"存折", false, true}}}),
            "1 您的事已受理|1 您的事已办结");
}

}  // namespace
}  // namespace xxt::intake
