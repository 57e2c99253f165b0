// Mail to bodies and from them; lists and watches.

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/referral/requests.h"
#include "xixinting/common/v1/task_service.grpc.pb.h"
#include "xixinting/referral/v1/entry.grpc.pb.h"
#include "xixinting/referral/v1/mail.grpc.pb.h"
#include "xixinting/referral/v1/referral.grpc.pb.h"

namespace xxt::referral {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// --- Mail ------------------------------------------------------------------------

TEST(EmailReferral, SendsOneMailWithTheCodeAndNothingMore) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  AwaitState(referral.name(), v1::Referral::STATE_SENT);
  const std::vector<v1::Entry> entries = EntriesOf(referral.name());
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].mail().state(), v1::Mail::STATE_ACCEPTED);
  EXPECT_THAT(entries[0].mail().subject(), HasSubstr("[" + referral.answer_code() + "]"));
  EXPECT_THAT(entries[0].mail().text(), HasSubstr("郑某某"));
  EXPECT_THAT(entries[0].mail().text(), Not(HasSubstr("补办火化证明")));
  const std::string mailbox = World::Get().mail().Get("/mailbox/archive@crematorium.example");
  EXPECT_THAT(mailbox, HasSubstr(referral.answer_code()));
}

TEST(EmailReferral, AnAnswerIsFiledOnceAndShownToTheOwner) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const v1::Referral sent = AwaitState(referral.name(), v1::Referral::STATE_SENT);
  World::Get().mail().Deliver("回复：协查函 【" + referral.answer_code() + "】", "档案室在二层，赵师傅。");
  const common::Task task = AwaitTask(referral.name(), "referral.read_mail");
  const std::vector<v1::Entry> entries = EntriesOf(referral.name());
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[1].mail().direction(), v1::Mail::DIRECTION_IN);
  EXPECT_THAT(entries[1].mail().text(), HasSubstr("档案室在二层，赵师傅。"));
  EXPECT_EQ(entries[1].mail().address(), "archive@crematorium.example");

  EXPECT_EQ(ReasonOf(Complete(task, "DONE")), "STATE_FORBIDS");
  // The officer says what it means; that settles the task.
  v1::RecordReplyRequest reply = ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, "");
  reply.mutable_reply()->set_channel(common::CHANNEL_EMAIL);
  reply.mutable_reply()->set_mail(entries[1].name());
  EXPECT_EQ(Get(&Referrals::RecordReply, reply, Officer()).state(), v1::Referral::STATE_ANSWERED);
  EXPECT_THAT(TasksAbout(referral.name()), IsEmpty());
}

TEST(EmailReferral, AMailThatComesLateIsFiledAndMovesNothing) {
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  AwaitState(referral.name(), v1::Referral::STATE_SENT);
  Get(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer());
  World::Get().mail().Deliver("回复 " + referral.answer_code(), "查到了。");
  AwaitTask(referral.name(), "referral.read_mail");
  v1::RecordReplyRequest reply = ReplyRequest(referral.name(), v1::Reply::KIND_ANSWERED, "");
  for (const v1::Entry& entry : EntriesOf(referral.name())) {
    if (entry.mail().direction() == v1::Mail::DIRECTION_IN) reply.mutable_reply()->set_mail(entry.name());
  }
  EXPECT_EQ(Get(&Referrals::RecordReply, reply, Officer()).state(), v1::Referral::STATE_CANCELLED);
}

TEST(EmailReferral, IsSentAgainAfterARefusalForNow) {
  World::Get().mail().Post("/control", R"({"smtp":"tempfail","count":1})");
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  AwaitState(referral.name(), v1::Referral::STATE_SENT);
  EXPECT_THAT(EntriesOf(referral.name()), SizeIs(1));
}

TEST(EmailReferral, ARefusalForGoodGoesToAPerson) {
  World::Get().mail().SetSmtp("reject");
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const common::Task task = AwaitTask(referral.name(), "referral.mail_trouble");
  World::Get().mail().SetSmtp("ok");
  EXPECT_EQ(EntriesOf(referral.name()).back().mail().state(), v1::Mail::STATE_REFUSED);
  EXPECT_EQ(Read(referral.name()).state(), v1::Referral::STATE_QUEUED);
  EXPECT_TRUE(Complete(task, "CALL_INSTEAD").ok());
  AwaitTask(referral.name(), "referral.carry");
  EXPECT_EQ(Read(referral.name()).connector(), v1::Referral::CONNECTOR_STAFF);
}

TEST(EmailReferral, AMailInDoubtIsNeverSentAgainByItself) {
  World::Get().mail().Post("/control", R"({"smtp":"drop_after_data","count":1})");
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const common::Task task = AwaitTask(referral.name(), "referral.mail_trouble");
  EXPECT_EQ(EntriesOf(referral.name()).back().mail().state(), v1::Mail::STATE_IN_DOUBT);
  EXPECT_EQ(Read(referral.name()).state(), v1::Referral::STATE_QUEUED);
  EXPECT_TRUE(Complete(task, "WAS_SENT", "对方说收到了").ok());
  EXPECT_EQ(Read(referral.name()).state(), v1::Referral::STATE_SENT);
}

TEST(EmailReferral, AnAnswersScanIsReadInParts) {
  const v1::Attachment scan = ScanOf(NewReferral(v1::Referral::CONNECTOR_EMAIL));
  EXPECT_EQ(scan.file_name(), "scan.pdf");
  EXPECT_EQ(scan.size(), 8);
  v1::GetAttachmentRequest request;
  request.set_name(scan.name());
  request.set_read_limit(5);
  v1::GetAttachmentResponse read = Get(&Mails::GetAttachment, request, Officer());
  EXPECT_EQ(read.content(), "%PDF-");
  EXPECT_EQ(read.attachment().SerializeAsString(), scan.SerializeAsString());
  request.set_read_offset(5);
  EXPECT_EQ(Get(&Mails::GetAttachment, request, Officer()).content(), "1.7");
  request.set_read_offset(8);
  EXPECT_EQ(Get(&Mails::GetAttachment, request, Officer()).content(), "");
  request.set_name(scan.name() + "2");
  EXPECT_EQ(ReasonFor(&Mails::GetAttachment, request, Officer()), "RESOURCE_NOT_FOUND");
}

TEST(EmailReferral, ABounceMakesAPersonCallAndAnotherVerifyTheAddress) {
  World::Get().mail().Post("/control", R"({"smtp":"bounce","count":1})");
  const v1::Referral referral = NewReferral(v1::Referral::CONNECTOR_EMAIL);
  const common::Task call = AwaitTask(referral.name(), "referral.carry");
  EXPECT_THAT(call.summary(), HasSubstr("退回"));
  const std::vector<v1::Entry> entries = EntriesOf(referral.name());
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[1].mail().bounced_mail(), entries[0].name());
  EXPECT_EQ(entries[1].mail().direction(), v1::Mail::DIRECTION_IN);
  EXPECT_EQ(entries[1].mail().bounce_status(), "5.1.1");
  EXPECT_EQ(Read(referral.name()).connector(), v1::Referral::CONNECTOR_STAFF);
  EXPECT_EQ(ReasonFor(&Referrals::CreateReferral, CreateRequest(v1::Referral::CONNECTOR_EMAIL), Officer()),
            "FIELD_INVALID");
  EXPECT_TRUE(Complete(AwaitTask("bodies/babaoshan", "referral.verify_contact"), "VERIFIED").ok());
  AwaitState(NewReferral(v1::Referral::CONNECTOR_EMAIL).name(), v1::Referral::STATE_SENT);
}

TEST(UnmatchedMail, IsForThePeopleOfTheMailboxsHallOnly) {
  const v1::UnmatchedMail mail = NewUnmatched();
  EXPECT_EQ(ReasonFor(&Mails::ListUnmatchedMails, v1::ListUnmatchedMailsRequest(), Stranger()), "OTHER_HALL");
  const auto one = Text<v1::GetUnmatchedMailRequest>("name: '$0'", mail.name());
  EXPECT_EQ(ReasonFor(&Mails::GetUnmatchedMail, one, Stranger()), "OTHER_HALL");
  const auto aside =
      Text<v1::FileUnmatchedMailRequest>("name: '$0' set_aside_reason: '广告' request_id: '$id'", mail.name());
  EXPECT_EQ(ReasonFor(&Mails::FileUnmatchedMail, aside, Stranger()), "OTHER_HALL");
  EXPECT_FALSE(Get(&Mails::FileUnmatchedMail, aside, District()).has_entry());
}

TEST(UnmatchedMail, IsShownAndFiledByAPerson) {
  const v1::UnmatchedMail mail = NewUnmatched();
  EXPECT_THAT(mail.text(), HasSubstr("查到了"));
  AwaitTask(mail.name(), "referral.unmatched_mail", District());
  const auto listed = Get(&Mails::ListUnmatchedMails, v1::ListUnmatchedMailsRequest(), District());
  EXPECT_GT(listed.unmatched_mails_size(), 0);
  for (const v1::UnmatchedMail& one : listed.unmatched_mails()) {
    EXPECT_EQ(one.subject() + one.text() + one.from_address(), "") << "lists go over mails of anybody";
  }
  const v1::Referral referral = SentReferral();
  auto request =
      Text<v1::FileUnmatchedMailRequest>("name: '$0' referral: '$1' request_id: '$id'", mail.name(), referral.name());
  const v1::Entry entry = Get(&Mails::FileUnmatchedMail, request, Officer()).entry();
  EXPECT_EQ(entry.mail().direction(), v1::Mail::DIRECTION_IN);
  AwaitTask(referral.name(), "referral.read_mail");
  EXPECT_THAT(TasksAbout(mail.name(), District()), IsEmpty());
  EXPECT_THAT(entry.mail().text(), HasSubstr("查到了"));
  const v1::UnmatchedMail filed = ReadMail(mail.name());
  EXPECT_EQ(filed.state(), v1::UnmatchedMail::STATE_FILED);
  EXPECT_EQ(filed.referral(), referral.name());
  EXPECT_EQ(filed.text(), "") << "the entry says it";
  request.set_request_id(NewId());
  EXPECT_EQ(ReasonFor(&Mails::FileUnmatchedMail, request, Officer()), "STATE_FORBIDS");
}

TEST(UnmatchedMail, CanBeSetAsideWithAReason) {
  v1::FileUnmatchedMailRequest request;
  request.set_name(NewUnmatched().name());
  request.set_request_id(NewId());
  EXPECT_EQ(ReasonFor(&Mails::FileUnmatchedMail, request, Officer()), "FIELD_INVALID");
  request.set_set_aside_reason("广告");
  EXPECT_FALSE(Get(&Mails::FileUnmatchedMail, request, Officer()).has_entry());
  const v1::UnmatchedMail aside = ReadMail(request.name());
  EXPECT_EQ(aside.set_aside_reason(), "广告");
  EXPECT_EQ(aside.filer(), "staff/wang");
}

// --- Listing and watching --------------------------------------------------------

TEST(ListReferrals, ShowsTheOpenOnesOfTheCaseNextFirst) {
  v1::CreateReferralRequest create = CreateRequest();
  const v1::Referral first = Get(&Referrals::CreateReferral, create, Officer());
  create.set_request_id(NewId());
  const v1::Referral second = Get(&Referrals::CreateReferral, create, Officer());
  Get(&Referrals::CancelReferral, CancelRequest(second.name()), Officer());
  v1::ListReferralsRequest request;
  request.set_case_name(first.case_name());
  v1::ListReferralsResponse response = Get(&Referrals::ListReferrals, request, Officer());
  ASSERT_EQ(response.referrals_size(), 1);
  EXPECT_EQ(response.referrals(0).name(), first.name());
  EXPECT_FALSE(response.resume_token().empty());
  request.set_include_ended(true);
  request.set_page_size(1);
  response = Get(&Referrals::ListReferrals, request, Officer());
  EXPECT_EQ(response.referrals(0).name(), first.name());
  request.set_page_token(response.next_page_token());
  EXPECT_EQ(Get(&Referrals::ListReferrals, request, Officer()).referrals(0).name(), second.name());
  request.clear_page_token();
  EXPECT_EQ(Get(&Referrals::ListReferrals, request, Stranger()).referrals_size(), 0);
}

// Lists go further than one referral does.
TEST(ListReferrals, HoldsNoPersonalDataAndNoFreeWords) {
  const v1::Referral referral = NewReferral();
  const v1::Referral cancelled = Get(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer());
  EXPECT_NE(cancelled.state_reason(), "");
  const auto request = Text<v1::ListReferralsRequest>("case_name: '$0' include_ended: true", referral.case_name());
  const v1::ListReferralsResponse response = Get(&Referrals::ListReferrals, request, Officer());
  ASSERT_EQ(response.referrals_size(), 1);
  v1::Referral expected = Read(referral.name());
  expected.clear_question();
  expected.clear_disclosed();
  expected.clear_state_reason();
  expected.mutable_lawful_basis()->clear_purpose();
  EXPECT_EQ(response.referrals(0).SerializeAsString(), expected.SerializeAsString());
  EXPECT_EQ(response.referrals(0).lawful_basis().data_kinds_size(), 2);
}

TEST(WatchReferrals, TellsWhatHappensAfterTheList) {
  const v1::Referral referral = NewReferral();
  const std::string token = Get(&Referrals::ListReferrals, v1::ListReferralsRequest(), Officer()).resume_token();
  Get(&Referrals::CancelReferral, CancelRequest(referral.name()), Officer());
  Referrals stub(World::Get().channel());
  grpc::ClientContext context;
  contract::Prepare(context, Officer());
  const auto request = Text<v1::WatchReferralsRequest>("name: '$0' resume_token: '$1'", referral.name(), token);
  const auto reader = stub.WatchReferrals(&context, request);
  v1::WatchReferralsResponse response;
  std::vector<std::string> types;
  // The list's token may lie before the first event: what nobody could tell yet comes again.
  while ((types.empty() || types.back() != "referral.state_changed.v1") && reader->Read(&response)) {
    for (const common::Event& event : response.events()) types.push_back(event.type());
  }
  context.TryCancel();
  EXPECT_THAT(types, Contains("referral.state_changed.v1"));
}

}  // namespace
}  // namespace xxt::referral
