#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/referral/testing.h"
#include "xixinting/referral/v1/body.pb.h"
#include "xixinting/referral/v1/rule_note.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::EqualsProto;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RuleNoteTest : public ReferralTest {
 protected:
  RuleNoteTest() {
    Must<v1::Body>(
        "PutBody",
        absl::StrCat("name: 'bodies/", body_, "' request_id: '$id' body { title: '档案馆' kind: KIND_BUREAU }"),
        District());
  }
  // Of the body that the test has.
  std::string Request(const std::string& more = "") const {
    return absl::StrCat("parent: 'bodies/", body_,
                        "' request_id: '$id' rule_note { service_item: '补办' text: '十年内' ",
                        "source: '孟师傅，来电' ", more, "}");
  }
  std::string Write(const std::string& more = "") { return Must<v1::RuleNote>("CreateRuleNote", Request(more)).name(); }
  // A page of it; `token_` is of the next.
  std::vector<std::string> Listed(const std::string& more = "") {
    const auto page =
        Must<v1::ListRuleNotesResponse>("ListRuleNotes", absl::StrCat("parent: 'bodies/", body_, "'", more));
    token_ = page.next_page_token();
    std::vector<std::string> names;
    for (const v1::RuleNote& note : page.rule_notes()) names.push_back(note.name());
    return names;
  }

  const std::string body_ = absl::StrCat("r-", ::testing::UnitTest::GetInstance()->current_test_info()->line());
  std::string token_;
};

TEST_F(RuleNoteTest, IsReadAsItWasWrittenWithWhoCheckedIt) {
  const auto made = Must<v1::RuleNote>("CreateRuleNote", Request("period: 'P10Y' anchor: '火化之日'"));
  EXPECT_THAT(Must<v1::RuleNote>("GetRuleNote", absl::StrCat("name: '", made.name(), "'")),
              EqualsProto(made.DebugString()));
  EXPECT_THAT(made, Partially("text: '十年内' source: '孟师傅，来电' period: 'P10Y' verifier: 'staff/wang'"));
  EXPECT_TRUE(made.has_verify_time());
  EXPECT_THAT(
      Must<v1::ListRuleNotesResponse>("ListRuleNotes", absl::StrCat("parent: 'bodies/", body_, "'")).rule_notes(),
      ElementsAre(EqualsProto(made.DebugString())));
}

TEST_F(RuleNoteTest, IsSealedWhereItMayNameSomebody) {
  Write();
  for (const char* word : {"孟师傅", "十年内"}) {
    EXPECT_EQ(Sql(absl::StrCat("SELECT bool_or(position('", word,
                               "'::bytea IN message || sealed) > 0) FROM referral.rule_notes")),
              "f");
  }
}

TEST_F(RuleNoteTest, IsListedNewestFirstIfItHoldsToday) {
  const std::string first = Write();
  Write("valid_to { year: 2020 month: 1 day: 1 }");
  Write("valid_from { year: 2999 month: 1 day: 1 }");
  const std::string second = Write("valid_from { year: 2020 month: 1 day: 1 } valid_to { year: 2999 month: 1 day: 1 }");
  EXPECT_THAT(Listed(), ElementsAre(second, first));
  std::vector<std::string> paged;
  int pages = 0;
  do {
    const std::string from = pages == 0 ? "" : absl::StrCat(" page_token: '", token_, "'");
    const std::vector<std::string> page = Listed(absl::StrCat(" page_size: 1", from));
    EXPECT_THAT(page, SizeIs(1)) << "what does not hold is no page of its own";
    paged.insert(paged.end(), page.begin(), page.end());
  } while (!token_.empty() && ++pages < 9);
  EXPECT_THAT(paged, ElementsAre(second, first));
}

TEST_F(RuleNoteTest, IsRefusedWithWhatCannotBeAndOfNoBody) {
  for (const char* wrong : {"period: 'P2Y'", "period: 'P' anchor: '火化之日'",
                            "valid_from { year: 2026 month: 2 day: 1 } valid_to { year: 2026 month: 1 day: 1 }"}) {
    EXPECT_EQ(ReasonFor("CreateRuleNote", Request(wrong)), "FIELD_INVALID") << wrong;
  }
  EXPECT_THAT(Listed(), IsEmpty());
  for (const char* parent : {"bodies/nowhere", "bodies/-"}) {
    EXPECT_EQ(ReasonFor("ListRuleNotes", absl::StrCat("parent: '", parent, "'")), "RESOURCE_NOT_FOUND");
  }
  const std::string note = Write();
  EXPECT_EQ(ReasonFor("GetRuleNote", absl::StrCat("name: 'bodies/nowhere", note.substr(note.find("/ruleNotes")), "'")),
            "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::referral
