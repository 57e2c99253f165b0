#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/mandate.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;

class MandateTest : public IntakeTest {
 protected:
  void SetUp() override {
    daughter_ =
        Must<v1::Case>("AddParty", "parent: '$case' request_id: '$id' party: {role: ROLE_KIN display_name: '郑岚'}")
            .parties(1)
            .name();
    const v1::Paper gap = Must<v1::Paper>("RecordGap",
                                          "parent: '$case' request_id: '$id' paper: {title: '委托书' source: "
                                          "'民法典第一百六十五条'}");
    paper_ = gap.name();
  }
  void Receive() { Must<v1::Paper>("ReceivePaper", absl::StrCat("name: '", paper_, "' request_id: '$id'")); }
  // Until the end of today.
  std::string Request(const std::string& agent, absl::string_view matter = "开具退休关系证明") const {
    const absl::CivilDay last = calendar::ToCivilDay(now());
    return absl::StrCat("parent: '$case' request_id: '$id' mandate: {agent: '", agent, "' matter: '", matter,
                        "' scope: '代交材料' valid_to: {year: ", last.year(), " month: ", last.month(),
                        " day: ", last.day(), "} signature: SIGNATURE_HANDWRITTEN evidence: '", paper_, "'}");
  }
  static std::string Of(const v1::Mandate& mandate, absl::string_view more = "") {
    return absl::StrCat("name: '", mandate.name(), "' ", more);
  }

  std::string daughter_, paper_;
};

TEST_F(MandateTest, StandsOnASignedPaperThatTheHallHasSeenUntilItsLastDayIsOver) {
  EXPECT_THAT(Call<v1::Mandate>("CreateMandate", Request(daughter_)).status().ToString(),
              HasSubstr("mandate.evidence"));
  Receive();
  const v1::Mandate made = Must<v1::Mandate>("CreateMandate", Request(daughter_));
  EXPECT_THAT(made, Partially("state: STATE_IN_FORCE principal: '$party' author: 'staff/wang'"));
  Advance(absl::Hours(24));
  EXPECT_THAT(Must<v1::Mandate>("GetMandate", Of(made)), Partially("state: STATE_EXPIRED scope: '代交材料'"));
}

TEST_F(MandateTest, IsRevokedOnceAtThePersonsWord) {
  Receive();
  const v1::Mandate made = Must<v1::Mandate>("CreateMandate", Request(daughter_));
  const std::string request = Of(made, "request_id: '$id' reason: '本人改主意了'");
  EXPECT_THAT(Must<v1::Mandate>("RevokeMandate", request),
              Partially("state: STATE_REVOKED revoke_reason: '本人改主意了'"));
  EXPECT_EQ(ReasonFor("RevokeMandate", request), "STATE_FORBIDS");
}

TEST_F(MandateTest, IsRefusedForWhatMustBeDoneInPerson) {
  Receive();
  Must<v1::InPersonItem>(
      "RecordInPersonItem",
      "parent: '$case' request_id: '$id' in_person_item: {matter: '异地就医备案' ground: GROUND_NATURE "
      "source: '医保窗口来电'}");
  for (const char* matter : {"异地就医备案", "遗嘱公证"}) {
    EXPECT_THAT(Call<v1::Mandate>("CreateMandate", Request(daughter_, matter)).status().ToString(),
                HasSubstr("mandate.matter"))
        << matter;
  }
  EXPECT_EQ(ReasonFor("CreateMandate", Request("$case/parties/$id")), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::intake
