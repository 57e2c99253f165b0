// What a referral reports to its case, through the service.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using ::testing::Contains;
using ::testing::HasSubstr;

class FeedTest : public IntakeTest {
 protected:
  std::string Report(const char* kind, int referral, const char* more = "") {
    return ReasonFor("ReportReferral",
                     absl::StrCat("case_name: '$case' request_id: '$id' summary: '消息' kind: ", kind,
                                  " referral: 'referrals/018f0000-0000-4000-8000-",
                                  absl::Dec(referral, absl::kZeroPad12), "' ", more),
                     Service());
  }
  // That the person does not want it any more.
  std::string Proposal() {
    const auto said = Must<v1::Contact>(
        "LogContact",
        "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: COUNTERPART_APPLICANT "
        "direction: DIRECTION_INBOUND result: RESULT_REACHED summary: '不办了'}");
    return absl::StrCat(
        "name: '$case' request_id: '$id' closure: {resolution: RESOLUTION_WITHDRAWN explanation: '本人撤回' told_in: '",
        said.name(), "'}");
  }
  // "OK" if the case may be closed as the person wants it, else why not.
  std::string Propose() { return ReasonFor("ProposeClosure", Proposal()); }
  void Close() {
    EXPECT_EQ(Propose(), "OK");
    Must<v1::Case>("ReviewClosure", "name: '$case' request_id: '$id' decision: DECISION_APPROVE", Leader());
  }
};

// CreateReferral saw the case open; the reviewer was faster than the report.
TEST_F(FeedTest, OfAReferralThatTheCaseDoesNotKnowIsRefusedOnceItIsClosed) {
  EXPECT_EQ(Report("KIND_OPENED", 1), "OK");
  EXPECT_EQ(Report("KIND_ENDED", 1), "OK");
  Close();
  EXPECT_EQ(Report("KIND_OPENED", 2), "STATE_FORBIDS");
  EXPECT_EQ(Report("KIND_PROGRESS", 2), "STATE_FORBIDS");
  EXPECT_EQ(Report("KIND_ENDED", 2), "OK");
  EXPECT_EQ(Report("KIND_OPENED", 1), "OK");
}

TEST_F(FeedTest, AnOriginalThatIsNotBackKeepsTheCaseOpen) {
  EXPECT_EQ(Report("KIND_OPENED", 3, "version: 1"), "OK");
  EXPECT_EQ(Report("KIND_PROGRESS", 3, "version: 2 originals_counted: true unreturned_originals: 1"), "OK");
  EXPECT_EQ(Report("KIND_ENDED", 3, "version: 3"), "OK");
  EXPECT_THAT(Call<v1::Case>("ProposeClosure", Proposal()).status().ToString(),
              ::testing::HasSubstr("originals are not back with their person: 1"));
  EXPECT_EQ(Report("KIND_PROGRESS", 3, "version: 4 originals_counted: true"), "OK");
  EXPECT_EQ(ReasonFor("ProposeClosure", Proposal()), "OK");
}

TEST_F(FeedTest, OfAVisitKeepsTheCaseOpenUntilThePersonIsHome) {
  for (const char* kind : {"KIND_OPENED", "KIND_ANSWERED", "KIND_VISIT open_visits: 1"})
    EXPECT_EQ(Report(kind, 1), "OK");
  EXPECT_EQ(Propose(), "CLOSURE_INCOMPLETE");
  EXPECT_EQ(Report("KIND_VISIT", 1), "OK");
  Close();
}

TEST_F(FeedTest, OfAnIncidentIsWhatTheOwnerDoesNext) {
  EXPECT_EQ(Report("KIND_OPENED", 1), "OK");
  EXPECT_EQ(Report("KIND_INCIDENT", 1), "OK");
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("陪同途中出了情况")));
}

TEST_F(FeedTest, OfAnAnswerThatIsTakenBackIsThePersonsCall) {
  EXPECT_EQ(Report("KIND_OPENED", 1, "version: 1"), "OK");
  EXPECT_EQ(Report("KIND_ANSWERED", 1, "version: 2"), "OK");
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("告知当事人")));
  EXPECT_EQ(Report("KIND_TAKEN_BACK", 1, "version: 3"), "OK");
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("已告知的答复有误，请联系当事人")));
  EXPECT_EQ(Report("KIND_ANSWERED", 1, "version: 2"), "OK");
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("已告知的答复有误，请联系当事人"))) << "it came late";
  EXPECT_EQ(Report("KIND_OPENED", 2), "OK");
  EXPECT_EQ(Report("KIND_ENDED", 2), "OK");
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("外单位收回了答复，请联系当事人"))) << "whatever another body says";
  EXPECT_EQ(Must<v1::Case>("GetCase", "name: '$case'").effort().answers(), 0);
}

TEST_F(FeedTest, OfAnAnswerThatIsTakenBackAfterTheClosingIsAPersonsWorkToo) {
  EXPECT_EQ(Report("KIND_ANSWERED", 1, "version: 2"), "OK");
  Close();
  EXPECT_EQ(Report("KIND_TAKEN_BACK", 1, "version: 3"), "OK");
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("外单位收回了答复，请联系当事人")));
}

// What is refused is withdrawn before the body is asked; of what is known everything is taken.
TEST_F(FeedTest, IsOfThreeHundredReferralsAtMost) {
  for (int i = 100; i < 400; ++i) EXPECT_EQ(Report("KIND_OPENED", i), "OK");
  EXPECT_EQ(Report("KIND_OPENED", 400), "STATE_FORBIDS");
  EXPECT_EQ(Report("KIND_PROGRESS", 399), "OK");
}

}  // namespace
}  // namespace xxt::intake
