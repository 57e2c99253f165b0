#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/calendar/shanghai_time.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/mandate.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;

class MandateTest : public IntakeTest {
 protected:
  void SetUp() override {
    const v1::Case made = Must<v1::Case>(
        "CreateCase",
        "request_id: '$id' case: {title: '异地就医备案' hall: 'halls/110102016' service_item: '异地就医备案' parties: "
        "{role: ROLE_APPLICANT "
        "display_name: '郑桂芬' phone_number: '13800138011'} parties: {role: ROLE_KIN display_name: '郑岚'} "
        "parties: {role: ROLE_SUBJECT display_name: '郑老' deceased: true}}");
    case_ = made.name();
    principal_ = made.parties(0).name();
    daughter_ = made.parties(1).name();
    deceased_ = made.parties(2).name();
  }
  // Until the end of today.
  std::string Request(const std::string& agent, absl::string_view matter = "异地就医备案") const {
    const absl::CivilDay last = calendar::ToCivilDay(now());
    return absl::StrCat("parent: '", case_, "' request_id: '$id' mandate: {principal: '", principal_, "' agent: '",
                        agent, "' matter: '", matter, "' scope: '代交材料' start_date: {year: 2025 month: 1 day: 5} ",
                        "end_date: {year: ", last.year(), " month: ", last.month(), " day: ", last.day(),
                        "} signature: SIGNATURE_HANDWRITTEN ", "evidence: '委托书原件，存卷第 3 页'}");
  }
  v1::Mandate Recorded() { return Must<v1::Mandate>("RecordMandate", Request(daughter_)); }
  v1::Mandate Read(const v1::Mandate& mandate) {
    return Must<v1::Mandate>("GetMandate", absl::StrCat("name: '", mandate.name(), "'"));
  }
  std::string RuledOut() const {
    return absl::StrCat("parent: '", case_, "' request_id: '$id' matter: '异地就医备案' source: '原单位人事科来电'");
  }

  std::string case_, principal_, daughter_, deceased_;
};

TEST_F(MandateTest, IsInForceUntilItsLastDayIsOver) {
  const v1::Mandate made = Recorded();
  EXPECT_THAT(made, Partially("state: STATE_IN_FORCE author: 'staff/wang' scope: '代交材料' matter: '异地就医备案'"));
  Advance(absl::Hours(24));
  EXPECT_THAT(Read(made), Partially("state: STATE_EXPIRED evidence: '委托书原件，存卷第 3 页'"));
}

TEST_F(MandateTest, IsRevokedOnceAtThePersonsWord) {
  const v1::Mandate made = Recorded();
  const std::string request = absl::StrCat("name: '", made.name(), "' request_id: '$id' reason: '本人改主意了'");
  EXPECT_THAT(Must<v1::Mandate>("RevokeMandate", request),
              Partially("state: STATE_REVOKED state_reason: '本人改主意了'"));
  EXPECT_EQ(ReasonFor("RevokeMandate", request), "STATE_FORBIDS");
}

TEST_F(MandateTest, IsRefusedForWhatMustBeDoneInPerson) {
  const v1::Mandate made = Recorded();
  EXPECT_THAT(Must<v1::Mandate>("RuleOutMandate", RuledOut()),
              Partially("state: STATE_RULED_OUT matter: '异地就医备案' state_reason: '原单位人事科来电'"));
  EXPECT_THAT(Read(made), Partially("state: STATE_REVOKED state_reason: '原单位人事科来电'"));
  EXPECT_EQ(ReasonFor("RecordMandate", Request(daughter_)), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("RuleOutMandate", RuledOut()), "STATE_FORBIDS");
  EXPECT_THAT(Must<v1::Mandate>("RecordMandate", Request(daughter_, "取药")), Partially("state: STATE_IN_FORCE"));
}

TEST_F(MandateTest, NamesWhatIsWrongWithIt) {
  EXPECT_THAT(Call<v1::Mandate>("RecordMandate", Request(principal_)).status().ToString(), HasSubstr("mandate.agent"));
  EXPECT_THAT(Call<v1::Mandate>("RecordMandate", Request(deceased_)).status().ToString(), HasSubstr("mandate.agent"));
  EXPECT_THAT(Call<v1::Mandate>("RecordMandate", Request(daughter_, "遗嘱公证")).status().ToString(),
              HasSubstr("mandate.matter"));
  EXPECT_EQ(ReasonFor("RecordMandate", Request(absl::StrCat(case_, "/parties/$id"))), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::intake
