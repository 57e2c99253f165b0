#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/referral/testing.h"
#include "xixinting/referral/v1/parcel.pb.h"

namespace xxt::referral {
namespace {

namespace v1 = ::xixinting::referral::v1;
using test::Partially;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ParcelTest : public ReferralTest {
 protected:
  // Of the referral that the test has.
  std::string Request(const std::string& direction, const std::string& items,
                      absl::Duration expected = absl::Hours(72)) const {
    return absl::StrCat("parent: '", referral_, "' request_id: '$id' parcel { direction: DIRECTION_", direction, " ",
                        items, " carrier: 'EMS' tracking_number: 'EX123456' expected_time { seconds: ",
                        absl::ToUnixSeconds(now() + expected), " } }");
  }
  v1::Parcel Send(const std::string& direction, const std::string& items = "items { title: '户口簿' original: true }") {
    return Must<v1::Parcel>("CreateParcel", Request(direction, items));
  }
  static std::string Handing(const v1::Parcel& parcel, const std::string& taker) {
    return absl::StrCat("name: '", parcel.name(), "' request_id: '$id' receipt: '孙会计签收' taker: HOLDER_", taker);
  }
  v1::Parcel HandOn(const v1::Parcel& parcel, const std::string& taker) {
    return Must<v1::Parcel>("HandOnParcel", Handing(parcel, taker));
  }
  static std::string Losing(const v1::Parcel& parcel) {
    return absl::StrCat("name: '", parcel.name(), "' request_id: '$id' reason: '快递公司查无下落'");
  }
  static std::string TasksOf(const v1::Parcel& parcel) {
    return Sql(absl::StrCat("SELECT coalesce(string_agg(kind, ' '), '') FROM backbone.task WHERE subject = '",
                            parcel.name(), "'"));
  }

  const std::string referral_ = NewReferral();
};

TEST_F(ParcelTest, KeepsEverybodyWhoHasHeldItUntilItIsThere) {
  const v1::Parcel sent = Send("OUT");
  EXPECT_THAT(sent, Partially("state: STATE_ON_THE_WAY holder: HOLDER_CARRIER handings { giver: HOLDER_HALL taker: "
                              "HOLDER_CARRIER receipt: 'EX123456' author: 'staff/wang' }"));
  EXPECT_EQ(TasksOf(sent), "referral.parcel_due");
  const v1::Parcel there = HandOn(sent, "BODY");
  EXPECT_THAT(there, Partially("state: STATE_ARRIVED holder: HOLDER_BODY"));
  EXPECT_THAT(there.handings(), SizeIs(2));
  EXPECT_EQ(TasksOf(there), "");
  EXPECT_EQ(ReasonFor("HandOnParcel", Handing(there, "HALL")), "STATE_FORBIDS");
}

TEST_F(ParcelTest, SendsNoOriginalThatTheSenderDoesNotHold) {
  HandOn(Send("OUT"), "BODY");
  const std::string again = Request("OUT", "items { title: '申请表' } items { title: '户口簿' original: true }");
  EXPECT_THAT(Call<v1::Parcel>("CreateParcel", again).status().ToString(), HasSubstr("parcel.items[1].title"));
  Send("OUT", "items { title: '户口簿' }");  // a copy
  const v1::Parcel back = HandOn(Send("IN"), "HALL");
  EXPECT_EQ(back.state(), v1::Parcel::STATE_ARRIVED);
  EXPECT_EQ(HandOn(back, "PERSON").holder(), v1::Parcel::HOLDER_PERSON);
  EXPECT_EQ(ReasonFor("CreateParcel", again), "FIELD_INVALID") << "the person has it";
}

TEST_F(ParcelTest, TellsTheCaseWhichOriginalsAreOutUntilThePersonHasThem) {
  const v1::Parcel sent =
      Send("OUT", "items { title: '户口簿' original: true } items { title: '协查函' original: true stays: true }");
  EXPECT_TRUE(IntakeHears(referral_, 1));
  HandOn(sent, "BODY");
  const v1::Parcel back = HandOn(Send("IN", "items { title: '户口簿' original: true }"), "HALL");
  EXPECT_TRUE(IntakeHears(referral_, 1));
  HandOn(back, "PERSON");
  EXPECT_TRUE(IntakeHears(referral_, 0));
}

TEST_F(ParcelTest, MayComeBackAndGoOnceMore) {
  const v1::Parcel back = HandOn(Send("OUT"), "HALL");
  EXPECT_EQ(back.state(), v1::Parcel::STATE_RETURNED);
  EXPECT_EQ(TasksOf(back), "referral.parcel_due") << "somebody still has to see to it";
  EXPECT_EQ(HandOn(HandOn(back, "CARRIER"), "BODY").state(), v1::Parcel::STATE_ARRIVED);
}

TEST_F(ParcelTest, IsLostOnItsWayWithItsOriginals) {
  const v1::Parcel sent = Send("OUT");
  const auto lost = Must<v1::Parcel>("ReportParcelLost", Losing(sent));
  EXPECT_THAT(lost, Partially("state: STATE_LOST lost_reason: '快递公司查无下落'"));
  EXPECT_EQ(TasksOf(lost), "");
  EXPECT_EQ(ReasonFor("ReportParcelLost", Losing(sent)), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("HandOnParcel", Handing(sent, "BODY")), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("CreateParcel", Request("IN", "items { title: '户口簿' original: true }")), "FIELD_INVALID");
}

// Else what a body has mislaid would keep the case open for good.
TEST_F(ParcelTest, IsLostByTheBodyThatHadItAndNotOnceItIsBack) {
  const v1::Parcel there = HandOn(Send("OUT"), "BODY");
  EXPECT_EQ(Must<v1::Parcel>("ReportParcelLost", Losing(there)).state(), v1::Parcel::STATE_LOST);
  EXPECT_TRUE(IntakeHears(referral_, 0));
  const v1::Parcel back = HandOn(Send("OUT", "items { title: '结婚证' original: true }"), "HALL");
  EXPECT_EQ(ReasonFor("ReportParcelLost", Losing(back)), "STATE_FORBIDS");
  const v1::Parcel come = HandOn(Send("IN", "items { title: '存档证明' original: true }"), "HALL");
  EXPECT_EQ(ReasonFor("ReportParcelLost", Losing(come)), "STATE_FORBIDS");
}

TEST_F(ParcelTest, IsRefusedWithNothingInItAndWithATimeThatIsPast) {
  EXPECT_EQ(ReasonFor("CreateParcel", Request("OUT", "")), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("CreateParcel", Request("OUT", "items { title: '表' }", -absl::Hours(1))), "FIELD_INVALID");
  EXPECT_EQ(ReasonFor("CreateParcel", Request("OUT", "items { title: '表' }", absl::Hours(24 * 400))), "FIELD_INVALID")
      << "nobody would ask after it";
  EXPECT_EQ(ReasonFor("GetParcel", absl::StrCat("name: '", Send("OUT").name(), "'"), Stranger()), "OTHER_HALL");
}

TEST_F(ParcelTest, IsListedNewestFirst) {
  const v1::Parcel first = Send("OUT");
  const v1::Parcel second = Send("IN", "items { title: '存档证明' original: true }");
  const auto listed = Must<v1::ListParcelsResponse>("ListParcels", absl::StrCat("parent: '", referral_, "'"));
  ASSERT_THAT(listed.parcels(), SizeIs(2));
  EXPECT_EQ(listed.parcels(0).name(), second.name());
  EXPECT_EQ(listed.parcels(1).name(), first.name());
}

}  // namespace
}  // namespace xxt::referral
