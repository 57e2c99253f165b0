#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/referral/testing.h"
#include "xixinting/referral/v1/entry.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;

class EntryTest : public ReferralTest {
 protected:
  v1::Entry Add(const std::string& content) {
    return Must<v1::Entry>("CreateEntry",
                           absl::StrCat("parent: '", referral_, "' request_id: '$id' entry { ", content, " }"));
  }
  v1::ListEntriesResponse List(const std::string& more = "") {
    return Must<v1::ListEntriesResponse>("ListEntries", absl::StrCat("parent: '", referral_, "' ", more));
  }

  const std::string referral_ = NewReferral();
};

TEST_F(EntryTest, IsListedInTheOrderOfWritingPageByPageAndReadAsItWasWritten) {
  const v1::Entry claim = Add("claim { said_by: '营业室' said_to: '沈女士' text: '不能补办' }");
  const v1::Entry verdict =
      Add(absl::StrCat("verdict { claim: '", claim.name(), "' kind: KIND_REFUTED basis: '问过了' }"));
  EXPECT_THAT(claim, Partially("author: 'staff/wang' claim { said_to: '沈女士' text: '不能补办' }"));
  EXPECT_EQ(claim.occur_time().seconds(), claim.record_time().seconds());
  const v1::ListEntriesResponse first = List("page_size: 1");
  ASSERT_EQ(first.entries_size(), 1);
  EXPECT_THAT(first.entries(0), test::EqualsProto(claim.DebugString()));
  const v1::ListEntriesResponse second = List(absl::StrCat("page_size: 1 page_token: '", first.next_page_token(), "'"));
  ASSERT_EQ(second.entries_size(), 1);
  EXPECT_THAT(second.entries(0), test::EqualsProto(verdict.DebugString()));
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(EntryTest, IsTheHallsAlone) {
  const std::string name = Add("hop { to_unit: '档案室' person: '赵师傅' }").name();
  EXPECT_EQ(ReasonFor("GetEntry", absl::StrCat("name: '", name, "'"), Stranger()), "OTHER_HALL");
  EXPECT_EQ(ReasonFor("ListEntries", absl::StrCat("parent: '", referral_, "'"), Stranger()), "OTHER_HALL");
  EXPECT_EQ(ReasonFor("GetEntry", absl::StrCat("name: '", name, "'"), District()), "OK");
}

TEST_F(EntryTest, IsSealedAndGoneWithTheReferralsKey) {
  const std::string name = Add("attempt { channel: CHANNEL_PHONE result: RESULT_NO_ANSWER unit: '门房老郑' "
                               "person: '孟师傅' summary: '说档案在二层' }")
                               .name();
  const std::string hop = Add("hop { from_unit: '营业室老李' to_unit: '库房老周' extension: '8' }").name();
  Add("finding { reference_number: '7号' holder_unit: '保管员老吴' text: '在二层' }");
  const std::string of = absl::StrCat(" = '", referral_.substr(std::string("referrals/").size()), "'");
  for (const char* word : {"门房老郑", "孟师傅", "说档案在二层", "营业室老李", "库房老周", "保管员老吴"}) {
    EXPECT_EQ(Sql(absl::StrCat("SELECT bool_or(position('", word, "'::bytea IN message || sealed) > 0) ",
                               "FROM referral.entries WHERE referral_id", of)),
              "f")
        << word;
  }
  Sql("UPDATE referral.referrals SET key = NULL WHERE id" + of);
  const auto erased = Must<v1::Entry>("GetEntry", absl::StrCat("name: '", name, "'"));
  EXPECT_EQ(erased.attempt().unit() + erased.attempt().person() + erased.attempt().summary(), "");
  EXPECT_THAT(erased, Partially("attempt { result: RESULT_NO_ANSWER }"));
  EXPECT_EQ(Must<v1::Entry>("GetEntry", absl::StrCat("name: '", hop, "'")).hop().extension(), "");
}

}  // namespace
}  // namespace xxt::referral
