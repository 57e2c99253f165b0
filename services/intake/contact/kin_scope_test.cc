#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/kin_scope.pb.h"
#include "xixinting/intake/v1/paper.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::HasSubstr;

class KinScopeTest : public IntakeTest {
 protected:
  void SetUp() override {
    const v1::Case made = Must<v1::Case>(
        "CreateCase",
        "request_id: '$id' case: {title: '异地就医备案' hall: 'halls/110102016' service_item: '异地就医备案' parties: "
        "{role: ROLE_APPLICANT "
        "display_name: '郑桂芬' phone_number: '13800138011'} parties: {role: ROLE_KIN display_name: '郑岚' "
        "phone_number: '13800138012'} parties: {role: ROLE_KIN display_name: '郑峰'}}");
    case_ = made.name();
    applicant_ = made.parties(0).name();
    daughter_ = made.parties(1).name();
    son_ = made.parties(2).name();
  }
  std::string Said(const char* counterpart) {
    return Must<v1::Contact>("LogContact",
                             absl::StrCat("parent: '", case_, "' request_id: '$id' contact: {channel: CHANNEL_WINDOW ",
                                          "counterpart: ", counterpart, " direction: DIRECTION_INBOUND ",
                                          "result: RESULT_REACHED summary: '同意告诉女儿'}"))
        .name();
  }
  std::string Agreed(const std::string& kin, const std::string& contact,
                     const char* topics = "topics: TOPIC_PROGRESS") {
    return absl::StrCat("parent: '", case_, "' request_id: '$id' kin_scope: {kin: '", kin, "' agreed_in: '", contact,
                        "' ", topics, "}");
  }
  // How many are told something that happens now.
  int Told(int version) {
    const int before = Tellings();
    Must<v1::Checklist>("IssueChecklist",
                        absl::StrCat("parent: '", case_, "' request_id: '$id' amendment_reason: '漏了一份' ",
                                     "papers: {title: '材料", version, "' source: '办事指南'}"));
    return Tellings() - before;
  }
  // Of the case, done or not.
  int Tellings() {
    const std::string of_case = absl::StrCat("WHERE kind = 'case.tell' AND subject = '", case_, "'");
    return std::stoi(Sql(absl::StrCat("SELECT (SELECT count(*) FROM backbone.task ", of_case,
                                      ") + (SELECT count(*) FROM backbone.task_settled ", of_case, ")")));
  }

  std::string case_, applicant_, daughter_, son_;
};

TEST_F(KinScopeTest, TellsKinThatThereIsNewsUntilItIsWithdrawn) {
  EXPECT_EQ(Told(1), 1);
  const v1::KinScope made = Must<v1::KinScope>("AgreeKinScope", Agreed(daughter_, Said("COUNTERPART_APPLICANT")));
  EXPECT_THAT(made, Partially("state: STATE_AGREED topics: TOPIC_PROGRESS author: 'staff/wang'"));
  EXPECT_EQ(Told(2), 2);
  const std::string request = absl::StrCat("name: '", made.name(), "' request_id: '$id' reason: '不想让她操心'");
  EXPECT_THAT(Must<v1::KinScope>("WithdrawKinScope", request),
              Partially("state: STATE_WITHDRAWN withdraw_reason: '不想让她操心'"));
  EXPECT_EQ(Told(3), 1);
  EXPECT_EQ(ReasonFor("WithdrawKinScope", request), "STATE_FORBIDS");
}

TEST_F(KinScopeTest, TellsOnlyOfWhatWasAgreedTo) {
  Must<v1::KinScope>("AgreeKinScope", Agreed(daughter_, Said("COUNTERPART_APPLICANT"), "topics: TOPIC_RESULT"));
  EXPECT_EQ(Told(1), 1);
  Must<v1::KinScope>("AgreeKinScope",
                     Agreed(daughter_, Said("COUNTERPART_APPLICANT"), "topics: TOPIC_RESULT topics: TOPIC_PROGRESS"));
  EXPECT_EQ(Told(2), 2);
  EXPECT_THAT(Must<v1::ListKinScopesResponse>("ListKinScopes", absl::StrCat("parent: '", case_, "'")),
              Partially("kin_scopes: {state: STATE_AGREED} kin_scopes: {state: STATE_REPLACED}"));
}

TEST_F(KinScopeTest, IsAgreedByThePersonForKinWithATelephone) {
  EXPECT_EQ(ReasonFor("AgreeKinScope", Agreed(daughter_, Said("COUNTERPART_KIN"))), "STATE_FORBIDS");
  const std::string agreed = Said("COUNTERPART_APPLICANT");
  EXPECT_THAT(Call<v1::KinScope>("AgreeKinScope", Agreed(applicant_, agreed)).status().ToString(),
              HasSubstr("kin_scope.kin"));
  EXPECT_THAT(Call<v1::KinScope>("AgreeKinScope", Agreed(son_, agreed)).status().ToString(),
              HasSubstr("kin_scope.kin"));
  EXPECT_EQ(ReasonFor("AgreeKinScope", Agreed(daughter_, case_ + "/contacts/$id")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("AgreeKinScope", Agreed(daughter_, agreed, "")), "FIELD_INVALID");
}

TEST_F(KinScopeTest, IsAgreedInNoContactThatWasCorrected) {
  const std::string agreed = Said("COUNTERPART_APPLICANT");
  Must<v1::Contact>("LogContact",
                    absl::StrCat("parent: '", case_, "' request_id: '$id' contact: {channel: CHANNEL_WINDOW ",
                                 "counterpart: COUNTERPART_KIN direction: DIRECTION_INBOUND result: RESULT_REACHED ",
                                 "summary: '是女儿说的' corrects: '", agreed, "'}"));
  EXPECT_EQ(ReasonFor("AgreeKinScope", Agreed(daughter_, agreed)), "STATE_FORBIDS");
  EXPECT_EQ(Told(1), 1);
}

}  // namespace
}  // namespace xxt::intake
