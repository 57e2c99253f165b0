#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/testing.h"
#include "xixinting/common/v1/task_service.pb.h"
#include "xixinting/referral/v1/entry.pb.h"
#include "xixinting/referral/v1/referral.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;
using ::testing::HasSubstr;

// What a body wants before it answers.
class CounterRequest : public ReferralTest {
 protected:
  std::string Replying(const std::string& reply) const {
    return absl::StrCat("name: '", referral_, "' request_id: '$id' reply { channel: CHANNEL_PHONE ", reply, " }");
  }
  v1::Referral Ask(const std::string& more = "") {
    return Must<v1::Referral>("RecordReply",
                              Replying("kind: KIND_NEEDS_INPUT reason: '先看合同' needed: '劳动合同' " + more));
  }
  std::string Providing() const {
    return absl::StrCat("name: '", referral_, "' request_id: '$id' channel: CHANNEL_POST summary: '合同复印件已寄到'");
  }

  const std::string referral_ = NewReferral();
};

TEST_F(CounterRequest, KeepsTheBodysListAndItsTime) {
  const v1::Referral asked = Ask("needed_by_time { seconds: 4102444800 }");
  EXPECT_EQ(asked.state(), v1::Referral::STATE_NEEDS_INPUT);
  const auto entries = Must<v1::ListEntriesResponse>("ListEntries", absl::StrCat("parent: '", referral_, "'"));
  EXPECT_THAT(entries.entries(0), Partially("reply { needed: '劳动合同' needed_by_time { seconds: 4102444800 } }"));
}

TEST_F(CounterRequest, IsAnsweredAndTheBodyIsChasedAgain) {
  EXPECT_EQ(ReasonFor("ProvideInput", Providing()), "STATE_FORBIDS") << "it has asked for nothing";
  Ask();
  const auto provided = Must<v1::Referral>("ProvideInput", Providing());
  EXPECT_THAT(provided, Partially("state: STATE_ACCEPTED"));
  EXPECT_TRUE(provided.has_next_action_time());
  EXPECT_EQ(provided.state_reason(), "");
  EXPECT_EQ(Sql(absl::StrCat("SELECT count(*) FROM backbone.task WHERE kind = 'referral.carry' AND subject = '",
                             referral_, "'")),
            "0");
}

TEST_F(CounterRequest, IsRefusedWithAnotherReplyAndWithATimeThatIsPast) {
  const auto refused = [this](const std::string& reply) {
    return Call<v1::Referral>("RecordReply", Replying(reply)).status().ToString();
  };
  EXPECT_THAT(refused("kind: KIND_ACKNOWLEDGED needed: '劳动合同'"), HasSubstr("reply.needed"));
  EXPECT_THAT(refused("kind: KIND_ACKNOWLEDGED needed_by_time { seconds: 4102444800 }"),
              HasSubstr("reply.needed_by_time"));
  EXPECT_THAT(refused("kind: KIND_NEEDS_INPUT reason: '先看合同' needed_by_time { seconds: 1000 }"),
              HasSubstr("reply.needed_by_time"));
}

TEST_F(CounterRequest, LeadsToWhatIsAgreed) {
  const auto agreed =
      Must<v1::Entry>("CreateEntry", absl::StrCat("parent: '", referral_,
                                                  "' request_id: '$id' entry { agreement { channel: CHANNEL_POST "
                                                  "agreed_with: '孙会计' waived: '本人到场' } }"));
  EXPECT_THAT(agreed, Partially("author: 'staff/wang' agreement { channel: CHANNEL_POST waived: '本人到场' }"));
}

TEST_F(CounterRequest, OfAWrongNumberHasTheNumberVerified) {
  namespace common = ::xixinting::common::v1;
  const std::string task =
      Sql(absl::StrCat("SELECT id FROM backbone.task WHERE kind = 'referral.carry' AND subject = '", referral_, "'"));
  const auto lease = Must<common::LeaseTaskResponse>("LeaseTask", absl::StrCat("name: 'tasks/", task, "'"));
  Must<common::CompleteTaskResponse>("CompleteTask",
                                     absl::StrCat("name: 'tasks/", task, "' lease_token: '", lease.lease_token(),
                                                  "' outcome: 'WRONG_NUMBER' request_id: '$id'"));
  EXPECT_THAT(Sql("SELECT string_agg(summary, ' ') FROM backbone.task WHERE kind = 'referral.verify_contact'"),
              HasSubstr("请核实名录中的号码"));
}

}  // namespace
}  // namespace xxt::referral
