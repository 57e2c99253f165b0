#include <string>

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
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class MandateTest : public IntakeTest {
 protected:
  std::string Added(absl::string_view party) {
    const auto found =
        Must<v1::Case>("AddParty", absl::StrCat("parent: '$case' request_id: '$id' party: {", party, "}"));
    return found.parties(found.parties_size() - 1).name();
  }
  std::string Paper() {
    return Must<v1::Paper>("RecordGap", "parent: '$case' request_id: '$id' paper: {title: '委托书' source: '办事指南'}")
        .name();
  }
  void Receive(absl::string_view paper) {
    Must<v1::Paper>("ReceivePaper", absl::StrCat("name: '", paper, "' request_id: '$id'"));
  }
  std::string By(absl::string_view agent, absl::string_view matter, absl::string_view more = "") {
    return absl::StrCat("parent: '$case' request_id: '$id' mandate: {agent: '", agent, "' matter: '", matter,
                        "' scope: '提交材料、领取结果' signature: SIGNATURE_HANDWRITTEN evidence: '", paper_, "' ",
                        more, more.empty() ? "valid_to: {year: 2099 month: 12 day: 31}" : "", "}");
  }
  v1::Mandate Made() { return Must<v1::Mandate>("CreateMandate", By(agent_, "异地医疗备案")); }
  static std::string Of(const v1::Mandate& it, absl::string_view more = "") {
    return absl::StrCat("name: '", it.name(), "' ", more);
  }
  v1::Mandate Read(const v1::Mandate& it) { return Must<v1::Mandate>("GetMandate", Of(it)); }

  const std::string agent_ = Added("role: ROLE_PROXY display_name: '邻居老张'");
  const std::string paper_ = Paper();
};

TEST_F(MandateTest, NamesAgentMatterScopeAndTermBySignedPaper) {
  EXPECT_EQ(ReasonFor("CreateMandate", By(agent_, "异地医疗备案")), "FIELD_INVALID") << "the paper is not there";
  Receive(paper_);
  const v1::Mandate made = Made();
  EXPECT_THAT(made, Partially(absl::StrCat("state: STATE_IN_FORCE agent: '", agent_, "' matter: '异地医疗备案' scope: ",
                                           "'提交材料、领取结果' author: 'staff/wang' evidence: '", paper_, "'")));
  EXPECT_TRUE(made.has_valid_from());
  EXPECT_EQ(made.principal(), Must<v1::Case>("GetCase", "name: '$case'").parties(0).name());
  EXPECT_EQ(Must<v1::ListMandatesResponse>("ListMandates", "parent: '$case'").mandates_size(), 1);
}

TEST_F(MandateTest, NamesTheFieldThatIsAtFault) {
  Receive(paper_);
  const auto fault = [this](const std::string& request) {
    return Call<v1::Mandate>("CreateMandate", request).status().ToString();
  };
  EXPECT_THAT(fault(By("$party", "异地医疗备案")), HasSubstr("mandate.agent"));
  EXPECT_THAT(fault(By(agent_, "异地医疗备案", "valid_to: {year: 2020 month: 1 day: 1}")),
              HasSubstr("mandate.valid_to"));
  EXPECT_EQ(ReasonFor("CreateMandate", By("$case/parties/$id", "异地医疗备案")), "RESOURCE_NOT_FOUND");
}

TEST_F(MandateTest, IsRefusedForWhatMustBeDoneInPerson) {
  Receive(paper_);
  EXPECT_THAT(Call<v1::Mandate>("CreateMandate", By(agent_, "离婚登记")).status().ToString(),
              HasSubstr("mandate.matter"));
  const std::string item =
      "parent: '$case' request_id: '$id' in_person_item: {matter: '异地医疗备案' ground: GROUND_NATURE source: "
      "'单位人事科来电'}";
  EXPECT_THAT(Must<v1::InPersonItem>("RecordInPersonItem", item), Partially("author: 'staff/wang'"));
  EXPECT_THAT(Call<v1::Mandate>("CreateMandate", By(agent_, "异地医疗备案")).status().ToString(),
              HasSubstr("mandate.matter"));
  EXPECT_EQ(Must<v1::ListInPersonItemsResponse>("ListInPersonItems", "parent: '$case'").in_person_items_size(), 1);
}

TEST_F(MandateTest, IsRevokedBeforeItsMatterIsRecordedAsInPerson) {
  Receive(paper_);
  const v1::Mandate made = Made();
  const std::string item =
      "parent: '$case' request_id: '$id' in_person_item: {matter: '医疗备案' ground: GROUND_LAW source: '办事指南'}";
  EXPECT_EQ(ReasonFor("RecordInPersonItem", item), "STATE_FORBIDS");
  const std::string revoke = Of(made, "request_id: '$id' reason: '本人改主意'");
  EXPECT_THAT(Must<v1::Mandate>("RevokeMandate", revoke),
              Partially("state: STATE_REVOKED revoke_reason: '本人改主意'"));
  EXPECT_EQ(ReasonFor("RevokeMandate", revoke), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("RecordInPersonItem", item), "OK");
}

TEST_F(MandateTest, ExpiresAfterItsLastDayAndTheOwnerIsAsked) {
  Receive(paper_);
  const absl::CivilDay today = calendar::ToCivilDay(now());
  const auto made = Must<v1::Mandate>(
      "CreateMandate",
      By(agent_, "异地医疗备案",
         absl::StrCat("valid_to: {year: ", today.year(), " month: ", today.month(), " day: ", today.day(), "}")));
  EXPECT_THAT(DeskTasks(), Not(Contains(HasSubstr("mandate.expired"))));
  Advance(absl::Hours(24));
  EXPECT_THAT(Read(made), Partially("state: STATE_EXPIRED"));
  EXPECT_THAT(DeskTasks(), Contains(HasSubstr("mandate.expired")));
}

TEST_F(MandateTest, NobodyIsAddedAsASecondApplicant) {
  const auto fault = [this](absl::string_view party) {
    return Call<v1::Case>("AddParty", absl::StrCat("parent: '$case' request_id: '$id' party: {", party, "}"))
        .status()
        .ToString();
  };
  EXPECT_THAT(fault("role: ROLE_APPLICANT display_name: '甲'"), HasSubstr("party.role"));
  EXPECT_THAT(fault("role: ROLE_KIN display_name: '甲' deceased: true"), HasSubstr("party.deceased"));
}

}  // namespace
}  // namespace xxt::intake
