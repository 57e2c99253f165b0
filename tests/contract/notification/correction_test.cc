// A recipient that was taken down wrongly.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/notification/requests.h"
#include "xixinting/notification/v1/message.grpc.pb.h"

namespace xxt::notification {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The numbers that a try of the message went to.
std::vector<std::string> SentTo(const v1::Message& message, int delivery = 0) {
  std::vector<std::string> numbers;
  for (const Json& row : World::Get().gateway().Taken(message.deliveries(delivery).id())) {
    numbers.push_back(row.at("to").get<std::string>());
  }
  return numbers;
}

void Correct(const v1::CorrectRecipientRequest& request) { Get(&Messages::CorrectRecipient, request, Intake()); }

TEST(CorrectRecipient, OfATextThatWaitsForTheMorningSparesTheStranger) {
  World& world = World::Get();
  world.AdvanceTo(22);
  const v1::Message waiting = Create(CreateRequest());
  const v1::Message other = Create(CreateRequest());
  Correct(RecipientRequest(waiting));
  EXPECT_EQ(Read(waiting.name()).recipient().masked_phone_number(), "138****8111");
  world.AdvanceTo(10);
  Await(waiting.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(SentTo(waiting), ElementsAre("+8613800138111"));
  Await(other.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(SentTo(other), ElementsAre("+8613800138000")) << "it is another case's";
}

TEST(CorrectRecipient, NeverLetsAnEarlierReadingOfThePartyWin) {
  World& world = World::Get();
  world.AdvanceTo(22);
  const v1::Message waiting = Create(CreateRequest());
  v1::CorrectRecipientRequest twice = RecipientRequest(waiting);
  twice.mutable_recipient()->set_phone_number("138 0013 8222");
  twice.mutable_recipient()->set_revision(2);
  Correct(twice);
  Correct(RecipientRequest(waiting));
  world.AdvanceTo(10);
  Await(waiting.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(SentTo(waiting), ElementsAre("+8613800138222"));
}

TEST(CorrectRecipient, WhoCannotReadTextsIsRungUp) {
  World& world = World::Get();
  world.AdvanceTo(22);
  const v1::Message waiting = Create(CreateRequest());
  v1::CorrectRecipientRequest request = RecipientRequest(waiting);
  request.mutable_recipient()->set_no_sms(true);
  request.mutable_recipient()->set_display_name("申女士");
  Correct(request);
  const v1::Message called = Read(waiting.name());
  EXPECT_EQ(called.state(), v1::Message::STATE_HANDED_TO_STAFF);
  EXPECT_THAT(called.text(), StartsWith("申女士您好"));
  TaskOf(waiting.name(), "message.call");
  world.AdvanceTo(10);
  ASSERT_TRUE(Complete(TaskOf(waiting.name(), "message.call"), "REACHED").ok());
  EXPECT_THAT(SentTo(waiting), IsEmpty());
}

TEST(CorrectRecipient, OfACallIsReadByTheOfficerWhoRings) {
  v1::CreateMessageRequest create = CreateRequest();
  create.mutable_message()->mutable_recipient()->set_no_sms(true);
  const v1::Message call = Create(create);
  v1::CorrectRecipientRequest request = RecipientRequest(call);
  request.mutable_recipient()->set_no_sms(true);
  request.mutable_recipient()->set_language_code("en");
  Correct(request);
  const v1::Message read = Read(call.name());
  EXPECT_EQ(read.recipient().masked_phone_number(), "138****8111");
  EXPECT_THAT(read.text(), StartsWith("Hello 沈女士"));
  TaskOf(call.name(), "message.call");
}

TEST(CorrectRecipient, LeavesWhatTheGatewayMayHaveAndSendsAgainToTheRightOne) {
  const v1::Message doubtful = InDoubt();
  Correct(RecipientRequest(doubtful));
  EXPECT_EQ(Read(doubtful.name()).recipient().masked_phone_number(), "138****8000") << "it went there";
  Get(&Messages::ResolveInDoubt, ResolveRequest(doubtful.name(), v1::ResolveInDoubtRequest::RESOLUTION_SEND_AGAIN),
      Officer());
  const v1::Message sent = Await(doubtful.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(SentTo(sent), ElementsAre("+8613800138000"));
  EXPECT_THAT(SentTo(sent, 1), ElementsAre("+8613800138111"));
  EXPECT_EQ(sent.recipient().masked_phone_number(), "138****8111");
}

TEST(CorrectRecipient, WhileAReplyIsLostTheSameKeyGoesToTheSameNumber) {
  World& world = World::Get();
  world.AdvanceTo(10);
  world.gateway().DelayReceipts(3600 * 1000);
  world.gateway().Set("drop_reply");
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return SentTo(message).size() == 1; }));
  Correct(RecipientRequest(message));
  world.gateway().Set("ok");
  EXPECT_TRUE(Eventually([&] { return Read(message.name()).deliveries(0).state() == v1::Delivery::STATE_ACCEPTED; }));
  EXPECT_THAT(SentTo(message), ElementsAre("+8613800138000"));
  world.gateway().DelayReceipts(50);
  world.gateway().AddReceipt(message.deliveries(0).id(), "failed");
  const v1::Message handed = Await(message.name(), v1::Message::STATE_HANDED_TO_STAFF);
  EXPECT_EQ(handed.recipient().masked_phone_number(), "138****8111") << "the person who calls rings the right one";
}

TEST(CorrectRecipient, OfATextThatTheGatewayRefusesForNowGoesOutRight) {
  World& world = World::Get();
  world.AdvanceTo(10);
  world.gateway().Set("reject_temporary");
  const v1::Message message = Create(CreateRequest());
  EXPECT_TRUE(Eventually([&] { return !Read(message.name()).deliveries(0).detail().empty(); }));
  Correct(RecipientRequest(message));
  world.gateway().Set("ok");
  Await(message.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(SentTo(message), ElementsAre("+8613800138111"));
}

TEST(CorrectRecipient, OfWhomNothingIsToBeToldIsKeptBackUntilThatWasAMistake) {
  World& world = World::Get();
  world.AdvanceTo(22);
  const v1::Message waiting = Create(CreateRequest());
  v1::CorrectRecipientRequest gone = RecipientRequest(waiting);
  gone.mutable_recipient()->set_not_told(true);
  Correct(gone);
  EXPECT_EQ(Read(waiting.name()).state(), v1::Message::STATE_SUPPRESSED);
  world.AdvanceTo(10);
  EXPECT_THAT(SentTo(waiting), IsEmpty());
  v1::CorrectRecipientRequest back = RecipientRequest(waiting);
  back.mutable_recipient()->set_revision(2);
  Correct(back);
  const v1::Message told = Await(waiting.name(), v1::Message::STATE_DELIVERED);
  EXPECT_THAT(SentTo(told, 1), ElementsAre("+8613800138111"));
  EXPECT_THAT(SentTo(told), IsEmpty()) << "the first try never went out";
}

TEST(CorrectRecipient, OfWhomNothingIsToBeToldWhatComesLateIsKeptBackToo) {
  v1::CreateMessageRequest create = CreateRequest();
  create.mutable_message()->mutable_recipient()->set_not_told(true);
  const v1::Message kept = Create(create);
  EXPECT_EQ(kept.state(), v1::Message::STATE_SUPPRESSED);
  EXPECT_THAT(TasksOf(kept.name(), /*include_future=*/true), IsEmpty());
  v1::CorrectRecipientRequest back = RecipientRequest(kept);
  back.mutable_recipient()->set_no_sms(true);
  Correct(back);
  TaskOf(kept.name(), "message.call");
}

TEST(CorrectRecipient, OfWhomNothingWasToBeToldIsRungUpAfterAllIfATextMayHaveArrived) {
  const v1::Message doubtful = InDoubt();
  v1::CorrectRecipientRequest gone = RecipientRequest(doubtful);
  gone.mutable_recipient()->set_not_told(true);
  Correct(gone);
  Get(&Messages::ResolveInDoubt, ResolveRequest(doubtful.name(), v1::ResolveInDoubtRequest::RESOLUTION_CALL),
      Officer());
  EXPECT_EQ(Read(doubtful.name()).state(), v1::Message::STATE_SUPPRESSED);
  v1::CorrectRecipientRequest back = RecipientRequest(doubtful);
  back.mutable_recipient()->set_revision(2);
  Correct(back);
  TaskOf(doubtful.name(), "message.call");
  EXPECT_EQ(Read(doubtful.name()).deliveries_size(), 2) << "and no second text message";
}

TEST(CorrectRecipient, NamesTheFieldThatIsUnfit) {
  v1::CorrectRecipientRequest request = RecipientRequest(Create(CreateRequest()));
  request.mutable_recipient()->set_phone_number("12");
  v1::CorrectRecipientResponse response;
  EXPECT_THAT(contract::FieldsOf(contract::Ask(&Messages::CorrectRecipient, request, &response, Intake())),
              ElementsAre(HasSubstr("recipient.phone_number")));
}

}  // namespace
}  // namespace xxt::notification
