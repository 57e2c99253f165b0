#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/timestamp.h"
#include "services/intake/cases/policy_rules.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/feed.pb.h"
#include "xixinting/intake/v1/term.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class SilenceTest : public IntakeTest {
 protected:
  v1::Case Case() { return Must<v1::Case>("GetCase", "name: '$case'"); }
  v1::ListTermsResponse Terms() { return Must<v1::ListTermsResponse>("ListTerms", "parent: '$case'"); }
  void AdvanceTo(absl::Time time) { Advance(time - now() + absl::Seconds(1)); }
  // Somebody rings up, and the clocks are looked at.
  void Ring(const char* result = "REACHED", absl::Time when = absl::InfiniteFuture()) {
    const absl::Time occurred = std::min(when, now());
    Must<v1::Contact>(
        "LogContact",
        absl::StrCat("parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
                     "COUNTERPART_APPLICANT direction: DIRECTION_OUTBOUND summary: '说了说' result: RESULT_",
                     result, " occur_time: {seconds: ", absl::ToUnixSeconds(occurred), "}}"));
    Advance(absl::Seconds(1));
  }
  static std::string Told(const v1::Case& about, absl::string_view type) {
    return Sql(absl::StrCat("SELECT count(*) FROM backbone.event WHERE type = '", type, "' AND subject = '",
                            about.name(), "'"));
  }
  const Policy policy_ = {};
};

TEST_F(SilenceTest, AFirstContactThatComesLateIsListedUntilItComes) {
  AdvanceTo(rpc::FromProto(Case().respond_due_time()));
  EXPECT_THAT(Terms(), Partially("terms: {kind: KIND_RESPOND state: STATE_BROKEN}"));
  Ring("NOT_REACHED");
  EXPECT_THAT(Terms(), Partially("terms: {kind: KIND_RESPOND state: STATE_BROKEN}"));
  EXPECT_EQ(ReasonFor("MeetTerm", absl::StrCat("name: '", Terms().terms(0).name(), "' request_id: '$id'")),
            "STATE_FORBIDS");
  Ring();
  EXPECT_THAT(Terms(), Partially("terms: {kind: KIND_RESPOND state: STATE_MET_LATE}"));
  EXPECT_TRUE(Case().has_respond_time());
}

TEST_F(SilenceTest, AFirstContactThatIsNotedLateMayHaveComeInTime) {
  const absl::Time due = rpc::FromProto(Case().respond_due_time());
  AdvanceTo(due);
  Ring("REACHED", due - absl::Minutes(10));
  EXPECT_THAT(Terms(), Partially("terms: {kind: KIND_RESPOND state: STATE_MET}"));
}

TEST_F(SilenceTest, AFirstContactInTimeIsNoTerm) {
  Ring();
  AdvanceTo(rpc::FromProto(Case().respond_due_time()));
  EXPECT_EQ(Terms().terms_size(), 0);
}

TEST_F(SilenceTest, AMessageThatArrivedIsAWordAndNoFirstContact) {
  Must<v1::ReportMessageResponse>(
      "ReportMessage",
      absl::StrCat("message: 'messages/018f0000-0000-4000-8000-000000000009' case_name: '$case' request_id: '$id' "
                   "kind: KIND_DELIVERED channel: CHANNEL_SMS text: '收下了' version: 1 occur_time: {seconds: ",
                   absl::ToUnixSeconds(now()), "}"),
      Service());
  EXPECT_TRUE(Case().has_told_time());
  EXPECT_FALSE(Case().has_respond_time());
}

TEST_F(SilenceTest, AMonthWithoutAWordIsForetoldListedCountedAndEndsWithTheNextWord) {
  Case();
  Advance(absl::Minutes(5));
  Ring();
  const v1::Case about = Case();
  const absl::Time word = rpc::FromProto(about.told_time());
  const absl::Time over = word + policy_.silence_days * absl::Hours(24);
  AdvanceTo(over - policy_.silence_notice_days * absl::Hours(24));
  Advance(absl::Hours(24));
  EXPECT_EQ(Told(about, "case.no_news_told.v1"), "1");
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("case.silent"))));
  AdvanceTo(over);
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("case.silent")));
  EXPECT_THAT(Terms(), Partially("terms: {kind: KIND_SILENCE state: STATE_BROKEN}"));
  EXPECT_EQ(Case().silence_count(), 1);
  Ring();
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("case.silent"))));
  EXPECT_THAT(Terms(), Partially("terms: {kind: KIND_SILENCE state: STATE_MET_LATE}"));
  Advance(absl::Hours(48));
  EXPECT_EQ(Told(about, "case.fell_silent.v1"), "1") << "counted from the next word";
}

}  // namespace
}  // namespace xxt::intake
