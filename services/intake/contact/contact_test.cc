#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/contact.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::EqualsProto;
using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ContactTest : public IntakeTest {
 protected:
  static std::string Request(absl::string_view channel, absl::string_view counterpart = "APPLICANT",
                             absl::string_view more = "") {
    return absl::StrCat("parent: '$case' request_id: '$id' contact: {channel: CHANNEL_", channel,
                        " counterpart: COUNTERPART_", counterpart,
                        " direction: DIRECTION_OUTBOUND result: RESULT_REACHED summary: '已说明办理进展'", more, "}");
  }
  std::string AtHour(int from_now) {
    return absl::StrCat(" occur_time: {seconds: ", absl::ToUnixSeconds(now() + absl::Hours(from_now)), "}");
  }
  static std::string District() { return test::Token("staff/district", "", {"district"}); }
  v1::Contact Logged(const std::string& request = Request("PHONE")) { return Must<v1::Contact>("LogContact", request); }
};

TEST_F(ContactTest, IsListedInTheOrderOfWritingWithBothTimes) {
  const v1::Contact late = Logged(Request("PHONE"));
  const v1::Contact early = Logged(Request("WINDOW", "KIN", AtHour(-5)));
  const auto first = Must<v1::ListContactsResponse>("ListContacts", "parent: '$case' page_size: 1");
  EXPECT_THAT(first.contacts(0), EqualsProto(late.DebugString()));
  const auto second = Must<v1::ListContactsResponse>(
      "ListContacts", absl::StrCat("parent: '$case' page_size: 1 page_token: '", first.next_page_token(), "'"));
  EXPECT_THAT(second.contacts(0), EqualsProto(early.DebugString()));
  EXPECT_EQ(second.contacts_size(), 1);
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_LT(early.occur_time().seconds(), early.record_time().seconds());
  EXPECT_EQ(late.occur_time().seconds(), late.record_time().seconds());
  EXPECT_THAT(early, Partially("author: 'staff/wang' summary: '已说明办理进展' result: RESULT_REACHED"));
}

TEST_F(ContactTest, IsCountedInTheCaseByItsChannelButNotAmongColleagues) {
  for (const char* channel : {"PHONE", "WINDOW", "VISIT", "WEB", "WECHAT", "SMS", "EMAIL", "POST"}) {
    Logged(Request(channel));
    Logged(Request(channel, "COLLEAGUE"));
  }
  EXPECT_THAT(Must<v1::Case>("GetCase", "name: '$case'"), Partially("effort: {calls: 1 meetings: 2 messages: 5}"));
}

TEST_F(ContactTest, InTheFutureIsRefused) {
  const auto refused = Call<v1::Contact>("LogContact", Request("PHONE", "APPLICANT", AtHour(1)));
  EXPECT_THAT(refused.status().ToString(), HasSubstr("contact.occur_time"));
  EXPECT_EQ(Must<v1::ListContactsResponse>("ListContacts", "parent: '$case'").contacts_size(), 0);
}

TEST_F(ContactTest, IsReadUnderItsOwnCaseAlone) {
  const v1::Contact logged = Logged();
  EXPECT_THAT(Must<v1::Contact>("GetContact", absl::StrCat("name: '", logged.name(), "'")),
              EqualsProto(logged.DebugString()));
  const std::string of_another = absl::StrCat("cases/$id", logged.name().substr(logged.name().find("/contacts/")));
  EXPECT_EQ(ReasonFor("GetContact", absl::StrCat("name: '", of_another, "'")), "RESOURCE_NOT_FOUND");
}

TEST_F(ContactTest, IsReadByThoseForWhomItIsAndSeenByAll) {
  for (const char* visibility : {"OWNER", "HALL", "DISTRICT"}) {
    Logged(Request("PHONE", "APPLICANT", absl::StrCat(" visibility: VISIBILITY_", visibility)));
  }
  const auto read_by = [this](const std::string& token) {
    std::vector<bool> readable;
    const auto listed = Must<v1::ListContactsResponse>("ListContacts", "parent: '$case'", token);
    for (const v1::Contact& contact : listed.contacts()) {
      readable.push_back(!contact.summary().empty());
      EXPECT_EQ(contact.channel(), ::xixinting::common::v1::CHANNEL_PHONE);
    }
    return readable;
  };
  EXPECT_THAT(read_by(Officer()), ElementsAre(true, true, true));
  EXPECT_THAT(read_by(Leader()), ElementsAre(false, true, true));
  EXPECT_THAT(read_by(District()), ElementsAre(false, false, true));
}

TEST_F(ContactTest, ThatIsNarrowIsReadByItsAuthorAlsoWhenAnotherKeepsTheCase) {
  const auto written =
      Must<v1::Contact>("LogContact", Request("WINDOW", "KIN", " visibility: VISIBILITY_OWNER"), Leader());
  const std::string name = absl::StrCat("name: '", written.name(), "'");
  for (const std::string& token : {Leader(), Officer()}) {
    EXPECT_THAT(Must<v1::Contact>("GetContact", name, token), Partially("summary: '已说明办理进展'"));
  }
  EXPECT_EQ(Must<v1::Contact>("GetContact", name, District()).summary(), "");
}

TEST_F(ContactTest, CorrectsAnEarlierOneOfItsCase) {
  const v1::Contact wrong = Logged();
  EXPECT_THAT(Logged(Request("PHONE", "APPLICANT", absl::StrCat(" corrects: '", wrong.name(), "'"))),
              Partially(absl::StrCat("corrects: '", wrong.name(), "'")));
  for (const char* other : {"$case/contacts/$id", "cases/$id/contacts/$id"}) {
    EXPECT_EQ(ReasonFor("LogContact", Request("PHONE", "APPLICANT", absl::StrCat(" corrects: '", other, "'"))),
              "RESOURCE_NOT_FOUND");
  }
}

TEST_F(ContactTest, ThatWasCorrectedNamesTheLastOfItsCorrections) {
  const auto correction = [this](const v1::Contact& of) {
    return Logged(Request("PHONE", "APPLICANT", absl::StrCat(" corrects: '", of.name(), "'")));
  };
  const v1::Contact wrong = Logged();
  const v1::Contact second = correction(wrong);
  Logged();
  const v1::Contact third = correction(second);
  const auto by = [this](const v1::Contact& one) {
    return Must<v1::Contact>("GetContact", absl::StrCat("name: '", one.name(), "'")).corrected_by();
  };
  EXPECT_EQ(by(wrong), third.name());
  EXPECT_EQ(by(second), third.name());
  EXPECT_EQ(by(third), "");
  const auto listed = Must<v1::ListContactsResponse>("ListContacts", "parent: '$case'");
  std::vector<std::string> all;
  for (const v1::Contact& one : listed.contacts()) all.push_back(one.corrected_by());
  EXPECT_THAT(all, ElementsAre(third.name(), third.name(), "", ""));
  const auto twice =
      Call<v1::Contact>("LogContact", Request("PHONE", "APPLICANT", absl::StrCat(" corrects: '", wrong.name(), "'")));
  EXPECT_EQ(errors::ReasonOf(twice.status()), "STATE_FORBIDS") << "two would correct the same";
  EXPECT_THAT(twice.status().ToString(), HasSubstr(third.name()));
}

TEST_F(ContactTest, StandsSealedAndIsNeverChanged) {
  Logged();
  EXPECT_EQ(Sql("SELECT bool_or(position('已说明'::bytea IN message || sealed) > 0) FROM intake.contacts"), "f");
  EXPECT_EQ(Sql("SELECT has_table_privilege('xxt_runtime', 'intake.contacts', 'UPDATE, DELETE, TRUNCATE')"), "f");
}

}  // namespace
}  // namespace xxt::intake
