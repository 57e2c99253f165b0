#include "absl/strings/str_cat.h"
#include "services/intake/testing.h"
#include "xixinting/intake/v1/contact.pb.h"
#include "xixinting/intake/v1/question.pb.h"

namespace xxt::intake {
namespace {

namespace v1 = ::xixinting::intake::v1;
using test::Partially;

class QuestionTest : public IntakeTest {
 protected:
  std::string Contact() {
    return Must<v1::Contact>(
               "LogContact",
               "parent: '$case' request_id: '$id' contact: {channel: CHANNEL_PHONE counterpart: "
               "COUNTERPART_APPLICANT direction: DIRECTION_INBOUND result: RESULT_REACHED summary: '来电'}")
        .name();
  }
  static std::string In(absl::string_view contact) {
    return absl::StrCat("parent: '$case' request_id: '$id' question: {text: '鉴定那天要带什么'} contact: '", contact,
                        "'");
  }
  static std::string Again(const v1::Question& it, absl::string_view contact) {
    return absl::StrCat("name: '", it.name(), "' request_id: '$id' contact: '", contact, "'");
  }
};

TEST_F(QuestionTest, AskedAgainIsCountedAndAnsweredOnce) {
  const auto asked = Must<v1::Question>("CreateQuestion", In(Contact()));
  EXPECT_EQ(asked.asked_count(), 1);
  EXPECT_EQ(asked.author(), "");  // nobody has given an answer
  Must<v1::Question>("AnswerQuestion",
                     absl::StrCat("name: '", asked.name(), "' request_id: '$id' answer: '身份证和病历'"));
  Must<v1::Question>("RepeatQuestion", Again(asked, Contact()));
  EXPECT_THAT(Must<v1::Question>("RepeatQuestion", Again(asked, Contact())),
              Partially("asked_count: 3 answer: '身份证和病历' author: 'staff/wang' etag: '4'"));
  EXPECT_EQ(Must<v1::ListQuestionsResponse>("ListQuestions", "parent: '$case'").questions_size(), 1);
}

TEST_F(QuestionTest, CountsAContactOnceAndOnlyOneOfItsCase) {
  const std::string contact = Contact();
  const auto asked = Must<v1::Question>("CreateQuestion", In(contact));
  EXPECT_EQ(ReasonFor("RepeatQuestion", Again(asked, contact)), "STATE_FORBIDS");
  EXPECT_EQ(ReasonFor("RepeatQuestion", Again(asked, "$case/contacts/$id")), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("RepeatQuestion", Again(asked, "cases/$id/contacts/$id")), "RESOURCE_NOT_FOUND");
  EXPECT_THAT(Must<v1::Question>("GetQuestion", absl::StrCat("name: '", asked.name(), "'")),
              Partially("asked_count: 1 etag: '1'"));
}

}  // namespace
}  // namespace xxt::intake
