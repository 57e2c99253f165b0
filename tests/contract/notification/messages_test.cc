// Making, previewing and reading messages.

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/notification/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::notification {
namespace {

using contract::FieldsOf;
using contract::ReasonOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// --- CreateMessage ---------------------------------------------------------------

TEST(CreateMessage, AnswersTheExactWordsWithoutThePhoneNumber) {
  const v1::Message message = Create(CreateRequest());
  EXPECT_THAT(message.name(), StartsWith("messages/"));
  EXPECT_THAT(message.text(), StartsWith("【西城悉心听】去八宝山殡仪馆的办理路线给您备好了"));
  EXPECT_THAT(message.text(), HasSubstr("2037年3月5日"));
  EXPECT_THAT(message.text(), Not(HasSubstr("沈女士")));
  EXPECT_EQ(message.recipient().masked_phone_number(), "138****8000");
  EXPECT_EQ(message.recipient().phone_number(), "");
  EXPECT_EQ(message.state(), v1::Message::STATE_SENDING);
  EXPECT_EQ(message.deliveries(0).channel(), common::CHANNEL_SMS);
}

TEST(CreateMessage, TellsAnEventOnceWhateverTheRequest) {
  v1::CreateMessageRequest request = CreateRequest();
  const v1::Message first = Create(request);
  request.set_request_id(NewId());
  EXPECT_EQ(Create(request).name(), first.name());
  Await(first.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(World::Get().gateway().Taken(first.deliveries(0).id()), SizeIs(1));
}

TEST(CreateMessage, OfAnEventThatWasToldOtherwiseIsRefusedWithItsName) {
  const v1::CreateMessageRequest told = CreateRequest();
  const v1::Message first = Create(told);
  const std::vector<std::function<void(v1::Message*)>> changes = {
      [](v1::Message* message) { ParameterOf(message, "body").set_text("另一家殡仪馆"); },
      [](v1::Message* message) { message->mutable_recipient()->set_phone_number("138 0013 8111"); },
      [](v1::Message* message) { message->mutable_recipient()->set_display_name("别人"); },
      [](v1::Message* message) {
        message->set_template_("route-sheet-plain");
        DropParameter(message, "last_day");
      },
      [](v1::Message* message) { message->set_hall(kOtherHall); },
  };
  for (const auto& change : changes) {
    v1::CreateMessageRequest request = told;
    request.set_request_id(NewId());
    change(request.mutable_message());
    v1::Message response;
    const absl::Status refused = Ask(&Messages::CreateMessage, request, &response, Intake());
    EXPECT_EQ(ReasonOf(refused), "RESOURCE_EXISTS") << request.ShortDebugString();
    EXPECT_THAT(std::string(refused.message()), HasSubstr(first.name()));
  }
}

TEST(CreateMessage, IsNeverSwallowedByAnotherCasesMessage) {
  const v1::CreateMessageRequest ours = CreateRequest();
  v1::CreateMessageRequest theirs = CreateRequest();
  theirs.mutable_message()->set_event(ours.message().event());
  v1::Message response;
  EXPECT_THAT(FieldsOf(Ask(&Messages::CreateMessage, theirs, &response, Intake())), ElementsAre("message.event"));
  theirs = CreateRequest();
  theirs.mutable_message()->set_audience(ours.message().audience());
  EXPECT_THAT(FieldsOf(Ask(&Messages::CreateMessage, theirs, &response, Intake())), ElementsAre("message.audience"));
  Create(ours);
}

TEST(CreateMessage, ByAnOfficerIsForACaseOfTheirHall) {
  FakeIntake& intake = World::Get().intake();
  v1::Message response;
  v1::CreateMessageRequest request = CreateRequest();
  intake.Miss(request.message().case_name());
  EXPECT_EQ(ReasonOf(Ask(&Messages::CreateMessage, request, &response, Officer())), "RESOURCE_NOT_FOUND");
  request = CreateRequest();
  intake.Place(request.message().case_name(), kOtherHall);
  EXPECT_EQ(ReasonOf(Ask(&Messages::CreateMessage, request, &response, Officer())), "OTHER_HALL");
  intake.Place(request.message().case_name(), kHall);
  EXPECT_TRUE(Ask(&Messages::CreateMessage, request, &response, Officer()).ok());
}

TEST(CreateMessage, ByAnOfficerIsForSomebodyOfTheCase) {
  v1::CreateMessageRequest request = CreateRequest();
  request.mutable_message()->set_audience(request.message().case_name() + "/parties/nobody");
  v1::Message response;
  const absl::Status refused = Ask(&Messages::CreateMessage, request, &response, Officer());
  EXPECT_EQ(ReasonOf(refused), "FIELD_INVALID");
  EXPECT_THAT(FieldsOf(refused), ElementsAre("message.audience"));
  request.mutable_message()->set_audience(request.message().case_name() + "/parties/y");
  EXPECT_TRUE(Ask(&Messages::CreateMessage, request, &response, Officer()).ok());
}

TEST(CreateMessage, ByAnOfficerTellsKinWhatThePersonAgreedToAndTheDeadNothing) {
  using Party = ::xixinting::intake::v1::Party;
  v1::CreateMessageRequest request = CreateRequest();
  FakeIntake::Case about;
  about.set_name(request.message().case_name());
  Party& kin = *about.add_parties();
  kin.set_name(about.name() + "/parties/kin");
  kin.set_role(Party::ROLE_KIN);
  request.mutable_message()->set_audience(kin.name());
  const auto answered = [&] {
    World::Get().intake().Say(about);
    v1::Message response;
    return FieldsOf(Ask(&Messages::CreateMessage, request, &response, Officer()));
  };
  EXPECT_THAT(answered(), ElementsAre("message.audience")) << "nothing was agreed";
  kin.add_told_topics(Party::TOPIC_RESULT);
  EXPECT_THAT(answered(), ElementsAre("message.audience")) << "they may know what came of it, not how it goes";
  kin.add_told_topics(Party::TOPIC_PROGRESS);
  kin.set_deceased(true);
  EXPECT_THAT(answered(), ElementsAre("message.audience"));
  kin.set_deceased(false);
  EXPECT_THAT(answered(), IsEmpty());
}

TEST(CreateMessage, NamesTheParameterThatIsUnfit) {
  const auto refused = [](const std::function<void(v1::Message*)>& spoil) {
    v1::CreateMessageRequest request = CreateRequest();
    spoil(request.mutable_message());
    v1::Message response;
    return Ask(&Messages::CreateMessage, request, &response, Intake());
  };
  const absl::Status missing = refused([](v1::Message* message) { DropParameter(message, "body"); });
  EXPECT_EQ(ReasonOf(missing), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(missing.message()), HasSubstr("body"));
  const absl::Status unknown = refused([](v1::Message* message) { ParameterOf(message, "colour").set_text("red"); });
  EXPECT_EQ(ReasonOf(unknown), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("colour"));
  const absl::Status type = refused([](v1::Message* message) { ParameterOf(message, "last_day").set_text("soon"); });
  EXPECT_EQ(ReasonOf(type), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(type.message()), HasSubstr("last_day"));
  const absl::Status twice = refused([](v1::Message* message) {
    const v1::Parameter again = ParameterOf(message, "body");
    *message->add_parameters() = again;
  });
  EXPECT_EQ(ReasonOf(twice), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(twice.message()), HasSubstr("body"));
  const absl::Status identity =
      refused([](v1::Message* message) { ParameterOf(message, "body").set_text("11010519491231002X"); });
  EXPECT_EQ(ReasonOf(identity), "TEMPLATE_PARAMETER_INVALID");
  EXPECT_THAT(std::string(identity.message()), Not(HasSubstr("110105")));
}

TEST(CreateMessage, NamesTheFieldThatIsUnfit) {
  v1::CreateMessageRequest request = CreateRequest("12");
  v1::Message response;
  EXPECT_THAT(FieldsOf(Ask(&Messages::CreateMessage, request, &response, Intake())),
              ElementsAre("message.recipient.phone_number"));
  request = CreateRequest();
  ParameterOf(request.mutable_message(), "last_day").mutable_date()->set_month(13);
  EXPECT_THAT(FieldsOf(Ask(&Messages::CreateMessage, request, &response, Intake())),
              ElementsAre("message.parameters[2].date"));
}

TEST(CreateMessage, OfAnUnknownTemplateIsNotFound) {
  v1::CreateMessageRequest request = CreateRequest();
  request.mutable_message()->set_template_("no-such-words");
  v1::Message response;
  EXPECT_EQ(ReasonOf(Ask(&Messages::CreateMessage, request, &response, Intake())), "RESOURCE_NOT_FOUND");
}

TEST(CreateMessage, ForWhoCannotReadMessagesIsACallAtOnce) {
  v1::CreateMessageRequest request = CreateRequest();
  request.mutable_message()->mutable_recipient()->set_no_sms(true);
  const v1::Message message = Create(request);
  EXPECT_EQ(message.deliveries(0).channel(), common::CHANNEL_PHONE);
  EXPECT_THAT(message.text(), StartsWith("沈女士您好"));
  const common::Task task = TaskOf(message.name(), "message.call");
  EXPECT_EQ(task.summary(), absl::StrCat("请电话告知当事人：办理路线已备好（诉求 ", kCode, "）"));
  EXPECT_THAT(World::Get().gateway().Taken(message.deliveries(0).id()), IsEmpty());
}

TEST(CreateMessage, WaitsForTheMorningUnlessItIsUrgent) {
  World& world = World::Get();
  world.AdvanceTo(22);
  const v1::Message patient = Create(CreateRequest());
  v1::CreateMessageRequest request = CreateRequest();
  request.mutable_message()->set_template_("cut-off-near");
  const v1::Message urgent = Create(request);
  Await(urgent.name(), v1::Message::STATE_DELIVERED);
  EXPECT_EQ(Read(patient.name()).deliveries(0).state(), v1::Delivery::STATE_CREATED);
  world.AdvanceTo(10);
  Await(patient.name(), v1::Message::STATE_DELIVERED);
}

TEST(CreateMessage, WhoseLastDayHasPassedIsACallWithOtherWords) {
  v1::CreateMessageRequest request = CreateRequest();
  rpc::ToProto(calendar::ToCivilDay(World::Get().now()) - 1,
               ParameterOf(request.mutable_message(), "last_day").mutable_date());
  const v1::Message message = Create(request);
  EXPECT_EQ(message.deliveries(0).channel(), common::CHANNEL_PHONE);
  EXPECT_THAT(message.text(), HasSubstr("已经过了"));
  EXPECT_EQ(message.state_reason(), "短信已赶不上期限，由窗口电话告知");
  TaskOf(message.name(), "message.call");
}

// --- PreviewMessage, GetMessage, ListMessages ------------------------------------

TEST(PreviewMessage, CountsPartsAndStoresNothing) {
  v1::PreviewMessageRequest request;
  FillMessage(request.mutable_message());
  const v1::PreviewMessageResponse preview = Get(&Messages::PreviewMessage, request, Officer());
  EXPECT_EQ(preview.message().name(), "");
  EXPECT_THAT(preview.message().text(), StartsWith("【西城悉心听】"));
  EXPECT_EQ(preview.sms_parts(), 2);
  v1::ListMessagesRequest list;
  list.set_case_name(request.message().case_name());
  EXPECT_THAT(Get(&Messages::ListMessages, list, Officer()).messages(), IsEmpty());
  request.mutable_message()->mutable_recipient()->set_language_code("en");
  request.mutable_message()->mutable_recipient()->set_no_sms(true);
  const v1::PreviewMessageResponse english = Get(&Messages::PreviewMessage, request, Officer());
  EXPECT_THAT(english.message().text(), StartsWith("Hello 沈女士"));
  EXPECT_EQ(english.sms_parts(), 0);
}

TEST(GetMessage, ThatDoesNotExistIsNotFound) {
  v1::GetMessageRequest request;
  request.set_name("messages/" + NewId());
  v1::Message response;
  EXPECT_EQ(ReasonOf(Ask(&Messages::GetMessage, request, &response, Officer())), "RESOURCE_NOT_FOUND");
  request.set_name("messages/------------------------------------");
  EXPECT_EQ(ReasonOf(Ask(&Messages::GetMessage, request, &response, Officer())), "FIELD_INVALID");
}

TEST(ListMessages, PagesThroughACaseNewestFirstForItsHallOnly) {
  v1::CreateMessageRequest request = CreateRequest();
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    request.mutable_message()->set_event(absl::StrCat(request.message().case_name(), "#", i));
    request.set_request_id(NewId());
    names.insert(names.begin(), Create(request).name());
  }
  v1::ListMessagesRequest list;
  list.set_case_name(request.message().case_name());
  list.set_page_size(2);
  const v1::ListMessagesResponse first = Get(&Messages::ListMessages, list, Officer());
  ASSERT_THAT(first.messages(), SizeIs(2));
  list.set_page_token(first.next_page_token());
  const v1::ListMessagesResponse second = Get(&Messages::ListMessages, list, Officer());
  ASSERT_THAT(second.messages(), SizeIs(1));
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_THAT((std::vector<std::string>{first.messages(0).name(), first.messages(1).name(), second.messages(0).name()}),
              ElementsAre(names[0], names[1], names[2]));

  list.set_case_name("cases/" + NewId());
  v1::ListMessagesResponse response;
  EXPECT_EQ(ReasonOf(Ask(&Messages::ListMessages, list, &response, Officer())), "PAGE_TOKEN_INVALID");
  list.set_case_name(request.message().case_name());
  list.clear_page_token();
  EXPECT_THAT(Get(&Messages::ListMessages, list, Stranger()).messages(), IsEmpty());
  EXPECT_THAT(Get(&Messages::ListMessages, list, District()).messages(), SizeIs(2));
}

// Lists go further than one message does.
TEST(ListMessages, HoldsNoPersonalData) {
  const v1::Message message = Create(CreateRequest());
  v1::ListMessagesRequest list;
  list.set_case_name(message.case_name());
  const v1::ListMessagesResponse listed = Get(&Messages::ListMessages, list, Officer());
  ASSERT_THAT(listed.messages(), SizeIs(1));
  EXPECT_EQ(listed.messages(0).template_(), "route-sheet-ready");
  EXPECT_THAT(listed.messages(0).deliveries(), SizeIs(1));
  EXPECT_FALSE(listed.messages(0).has_recipient());
  EXPECT_THAT(listed.messages(0).parameters(), IsEmpty());
  EXPECT_EQ(listed.messages(0).text(), "");
  EXPECT_NE(Read(message.name()).text(), "");
  EXPECT_EQ(Read(message.name()).recipient().display_name(), "沈女士");
}

}  // namespace
}  // namespace xxt::notification
