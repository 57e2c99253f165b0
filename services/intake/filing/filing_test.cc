#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "services/intake/testing.h"
#include "tests/contract/every_rpc.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/case_service.pb.h"
#include "xixinting/intake/v1/filing.pb.h"
#include "xixinting/intake/v1/progress.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;
using ::testing::ElementsAre;

constexpr char kShop[] =
    "role: ROLE_APPLICANT display_name: '京西小吃店' credit_code: '91350100M000100Y43' phone_number: '138 0013 8077'";

class FilingTest : public IntakeTest {
 protected:
  static std::string Portal() { return test::Token("staff/portal", "", {"portal"}); }
  static std::string Request(const std::string& said, const std::string& applicant = kShop) {
    return absl::StrCat("request_id: '$id' case: {hall: 'halls/110102016' ", said, " parties: {", applicant, "}}");
  }
  static std::string Plain(const std::string& more = "") {
    return Request("title: '营业执照变更材料不全' service_item: '营业执照变更' " + more);
  }
  v1::FileCaseResponse Filed(const std::string& more = "") {
    return Must<v1::FileCaseResponse>("FileCase", Plain(more), Portal());
  }
  // What the system has to mend.
  std::vector<std::string> Faults(const std::string& request) {
    return contract::FieldsOf(Call<v1::FileCaseResponse>("FileCase", request, Portal()).status());
  }
};

TEST_F(FilingTest, IsACaseAsAnyOtherKeptByTheOfficerOnDuty) {
  const v1::FileCaseResponse filed = Filed();
  EXPECT_EQ(filed.ticket().owner(), "staff/wang");
  EXPECT_THAT(Must<v1::Case>("GetCase", absl::StrCat("name: '", filed.case_name(), "'")),
              Partially("channel: CHANNEL_WEB owner: 'staff/wang' state: STATE_IN_PROGRESS "
                        "parties: {credit_code: '91350100M000100Y43' phone_number: '+8613800138077'}"));
  const auto listed =
      Must<v1::ListCasesResponse>("ListCases", absl::StrCat("display_code: '", filed.ticket().display_code(), "'"));
  ASSERT_EQ(listed.cases_size(), 1);
  EXPECT_EQ(listed.cases(0).name(), filed.case_name());
  EXPECT_EQ(Sql(absl::StrCat("SELECT kind || ' ' || assignee FROM backbone.task WHERE lane = 'desk' AND subject = '",
                             filed.case_name(), "'")),
            "case.act staff/wang");
}

TEST_F(FilingTest, KeepsByWhichSystemItCame) {
  for (const char* channel : {"CHANNEL_WECHAT", "CHANNEL_HOTLINE", "CHANNEL_COMMUNITY"}) {
    const v1::FileCaseResponse filed = Filed(absl::StrCat("channel: ", channel));
    EXPECT_THAT(Must<v1::Case>("GetCase", absl::StrCat("name: '", filed.case_name(), "'")),
                Partially(absl::StrCat("channel: ", channel)));
  }
  EXPECT_THAT(Faults(Plain("channel: CHANNEL_WINDOW")), ElementsAre("case.channel"));
}

TEST_F(FilingTest, IsFollowedByCodeAndProofWithoutAnAccount) {
  const v1::FileCaseResponse filed = Filed();
  const std::string by_code = absl::StrCat("code: '", filed.code(), "' ");
  EXPECT_THAT(Must<v1::Progress>("LookupProgress", by_code + "proof: '8077'", Portal()),
              Partially("finding: FINDING_FOUND items: {kind: KIND_DONE text: '您的事已受理'} "
                        "items: {kind: KIND_WE_ARE_DOING} items: {kind: KIND_COMING}"));
  EXPECT_THAT(Must<v1::Progress>("LookupProgress", by_code + "proof: '8078'", Portal()),
              Partially("finding: FINDING_NO_MATCH"));
}

TEST_F(FilingTest, RefusesWhatNobodyCouldFollowAndWhatWouldTellOfPeople) {
  const std::string person = "role: ROLE_APPLICANT display_name: '韩福生' phone_number: '13800138020'";
  EXPECT_THAT(Faults(Request("title: '韩福生找档案' service_item: '丧葬费申领'", person)), ElementsAre("case.title"));
  EXPECT_THAT(Faults(Request("title: '找档案' service_item: '回电13800138020'", person)),
              ElementsAre("case.service_item"));
  const std::string words = "title: '找档案' service_item: '丧葬费申领'";
  EXPECT_THAT(Faults(Request(words, "role: ROLE_APPLICANT display_name: '韩福生'")),
              ElementsAre("case.parties[0].phone_number"));
  EXPECT_THAT(Faults(Request(words, "role: ROLE_APPLICANT display_name: '韩福生' phone_number: '114'")),
              ElementsAre("case.parties[0].phone_number"));
  EXPECT_THAT(Faults(Request(words, "role: ROLE_KIN display_name: '韩福生'")), ElementsAre("case.parties"));
  EXPECT_THAT(Faults(Request(words,
                             "role: ROLE_APPLICANT display_name: '店' credit_code: '91350100M000100Y4Z' "
                             "phone_number: '13800138020'")),
              ElementsAre("case.parties[0].credit_code"));
}

// The ledger of events is not sealed, and keeps what is written for good.
TEST_F(FilingTest, NorDoWordsOfTheCounterThatEverybodySeesNameThePeople) {
  const std::string person = "parties: {role: ROLE_APPLICANT display_name: '韩福生' phone_number: '13800138020'}";
  const auto opened = [&](absl::string_view title) {
    return absl::StrCat("request_id: '$id' case: {hall: 'halls/110102016' title: '", title,
                        "' service_item: '丧葬费申领' ", person, "}");
  };
  EXPECT_EQ(ReasonFor("CreateCase", opened("韩福生找档案")), "FIELD_INVALID");
  const auto made = Must<v1::Case>("CreateCase", opened("找档案，证号 20260001234"));
  const auto next = [&](absl::string_view words) {
    return absl::StrCat("name: '", made.name(), "' request_id: '$id' next_action: {summary: '", words,
                        "' due_time: {seconds: ", absl::ToUnixSeconds(now() + absl::Hours(24)), "}}");
  };
  EXPECT_EQ(ReasonFor("SetNextAction", next("给韩福生打电话")), "FIELD_INVALID");
  Must<v1::Case>("SetNextAction", next("给当事人打电话"));
}

TEST_F(FilingTest, IsForPortalsWhoMayReadNothing) {
  EXPECT_EQ(ReasonFor("FileCase", Plain()), "ROLE_MISSING");
  EXPECT_EQ(ReasonFor("FileCase", Plain(), test::Token("staff/district", "", {"district"})), "ROLE_MISSING");
  EXPECT_EQ(ReasonFor("GetCase", absl::StrCat("name: '", Filed().case_name(), "'"), Portal()), "ROLE_MISSING");
  EXPECT_EQ(ReasonFor("ListCases", "", Portal()), "ROLE_MISSING");
  EXPECT_EQ(ReasonFor("FileCase",
                      "request_id: '$id' case: {title: '材料不全' hall: 'halls/110199' service_item: '变更' parties: {"
                      "role: ROLE_APPLICANT display_name: '店' phone_number: '13800138020'}}",
                      Portal()),
            "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace xxt::intake
