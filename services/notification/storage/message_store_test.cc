#include "services/notification/storage/message_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/identifiers/uuid.h"
#include "common/status/macros.h"
#include "common/testing/database.h"
#include "services/notification/storage/receipt_store.h"
#include "services/notification/storage/report_store.h"

namespace xxt::notification {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const absl::Time kNow = calendar::AtTimeOfDay(absl::CivilDay(2026, 11, 23), 10, 0);

std::string NewId() { return identifiers::NewUuid(absl::Now()); }

Message NewMessage(const std::string& event) {
  Message message;
  message.id = NewId();
  message.event = event;
  message.audience = "cases/x/parties/y";
  message.case_id = NewId();
  message.hall = "halls/110102016";
  message.recipient = {"申女士", "+8613800000001", "", "138****0001", true, false, "zh-CN"};
  message.template_id = "case-received";
  message.template_version = 2;
  message.parameters = {{"code", "016"},
                        {"count", std::int64_t{3}},
                        {"day", absl::CivilDay(2026, 12, 18)},
                        {"by", kNow + absl::Microseconds(7)}};
  message.sms_text = "短信\"引号\"";
  message.call_text = "电话";
  message.late_text = "晚了";
  message.true_until = kNow + absl::Hours(1);
  message.headline = "事情已收下";
  message.create_time = kNow;
  message.update_time = kNow;
  AddDelivery(message, NewId(), Channel::kSms, kNow);
  return message;
}

class MessageStoreTest : public ::testing::Test {
 protected:
  // Runs `body` in a transaction that must succeed.
  template <typename Body>
  void Do(Body body) {
    const absl::Status status = pg::InTransaction(database_.pool(), absl::Now() + absl::Seconds(10), body);
    ASSERT_TRUE(status.ok()) << status;
  }
  bool Insert(const Message& message) {
    bool inserted = false;
    Do([&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(inserted, message_store::Insert(session, message));
      return absl::OkStatus();
    });
    return inserted;
  }
  void Save(const Message& message) {
    Do([&](pg::Session& session) {
      message_store::Save(session, message);
      return absl::OkStatus();
    });
  }
  Message Load(const std::string& id) {
    Message found;
    Do([&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(found, message_store::Load(session, id));
      return absl::OkStatus();
    });
    return found;
  }
  std::vector<std::string> ListIds(const message_store::Filter& filter) {
    std::vector<std::string> ids;
    Do([&](pg::Session& session) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const std::vector<Message> messages, message_store::List(session, filter));
      for (const Message& message : messages) ids.push_back(message.id);
      return absl::OkStatus();
    });
    return ids;
  }

  test::Database database_{"notification"};
};

TEST_F(MessageStoreTest, GivesBackWhatWasStored) {
  const Message stored = NewMessage("cases/x#received");
  ASSERT_TRUE(Insert(stored));
  const Message found = Load(stored.id);
  EXPECT_EQ(found.event, stored.event);
  EXPECT_EQ(found.recipient.phone_number, stored.recipient.phone_number);
  EXPECT_TRUE(found.recipient.mobile);
  EXPECT_EQ(found.parameters, stored.parameters);
  EXPECT_EQ(found.sms_text, stored.sms_text);
  EXPECT_EQ(found.true_until, stored.true_until);
  EXPECT_EQ(found.create_time, kNow);
  ASSERT_THAT(found.deliveries, SizeIs(1));
  EXPECT_EQ(found.deliveries[0].id, stored.deliveries[0].id);
  EXPECT_EQ(found.deliveries[0].update_time, kNow);
}

TEST_F(MessageStoreTest, StoresOneMessagePerEventAndAudience) {
  const Message first = NewMessage("cases/x#received");
  EXPECT_TRUE(Insert(first));
  Message again = NewMessage("cases/x#received");
  EXPECT_TRUE(Insert(again)) << "another case's event of the same name is another one";
  again.id = NewId();
  again.case_id = first.case_id;
  EXPECT_FALSE(Insert(again));
  Message other = again;
  other.audience = "cases/x/parties/z";
  other.deliveries.clear();
  EXPECT_TRUE(Insert(other));
  Do([&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const Message told,
                         message_store::LoadByEvent(session, first.case_id, first.event, first.audience));
    EXPECT_EQ(told.id, first.id);
    return absl::OkStatus();
  });
}

TEST_F(MessageStoreTest, KeepsTheOrderOfDeliveriesMadeInOneMoment) {
  Message message = NewMessage("cases/x#received");
  ASSERT_TRUE(Insert(message));
  message.deliveries[0].state = DeliveryState::kFailed;
  message.deliveries[0].failure = FailureKind::kPermanent;
  AddDelivery(message, NewId(), Channel::kVoiceCall, kNow);
  message.state = MessageState::kHandedToStaff;
  Save(message);
  const Message found = Load(message.id);
  EXPECT_EQ(found.state, MessageState::kHandedToStaff);
  ASSERT_THAT(found.deliveries, SizeIs(2));
  EXPECT_EQ(found.deliveries[0].failure, FailureKind::kPermanent);
  EXPECT_EQ(found.current().channel, Channel::kVoiceCall);
  EXPECT_EQ(found.WordsBy(Channel::kVoiceCall, kNow), "电话");
  EXPECT_EQ(found.WordsBy(Channel::kVoiceCall, kNow + absl::Hours(1)), "晚了");
}

TEST_F(MessageStoreTest, RemembersSinceWhenTheGatewayMayHaveIt) {
  Message message = NewMessage("cases/x#received");
  ASSERT_TRUE(Insert(message));
  message.current().in_flight = true;
  Save(message);
  const std::string since = database_.Sql("SELECT in_flight_since FROM notification.deliveries");
  Save(message);
  EXPECT_EQ(database_.Sql("SELECT in_flight_since FROM notification.deliveries"), since) << "the first time counts";
  EXPECT_GT(Load(message.id).current().in_flight_for, absl::ZeroDuration());
  message.current().in_flight = false;
  Save(message);
  EXPECT_FALSE(Load(message.id).current().in_flight);
}

TEST_F(MessageStoreTest, FindsAMessageByItsDelivery) {
  const Message message = NewMessage("cases/x#received");
  ASSERT_TRUE(Insert(message));
  Do([&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const Message found, message_store::LoadForUpdateByDelivery(session, message.current().id));
    EXPECT_EQ(found.id, message.id);
    EXPECT_TRUE(absl::IsNotFound(message_store::LoadForUpdateByDelivery(session, NewId()).status()));
    return absl::OkStatus();
  });
}

TEST_F(MessageStoreTest, ListsNewestFirstAndByPages) {
  Message first = NewMessage("cases/x#1");
  Message second = NewMessage("cases/x#2");
  Message third = NewMessage("cases/x#3");
  second.create_time = kNow + absl::Seconds(1);
  third.hall = "halls/110102001";
  for (const Message* message : {&first, &second, &third}) ASSERT_TRUE(Insert(*message));
  message_store::Filter filter;
  filter.halls = identity::HallScope::One("halls/110102016");
  EXPECT_THAT(ListIds(filter), ElementsAre(second.id, first.id));
  filter.before_time = second.create_time;
  filter.before_id = second.id;
  EXPECT_THAT(ListIds(filter), ElementsAre(first.id));
  message_store::Filter by_case;
  by_case.halls = identity::HallScope::All();
  by_case.case_id = third.case_id;
  by_case.state = MessageState::kSending;
  EXPECT_THAT(ListIds(by_case), ElementsAre(third.id));
  by_case.state = MessageState::kInDoubt;
  EXPECT_THAT(ListIds(by_case), ElementsAre());
}

TEST_F(MessageStoreTest, ListsOfTheHallsThatItIsToldAndNothingWhereItIsToldNone) {
  const Message message = NewMessage("cases/x#1");
  ASSERT_TRUE(Insert(message));
  for (const std::string& case_id : {std::string(), message.case_id}) {
    message_store::Filter filter;
    filter.case_id = case_id;
    EXPECT_THAT(ListIds(filter), SizeIs(0)) << "nobody said which";
    filter.halls = identity::HallScope::One("halls/110102001");
    EXPECT_THAT(ListIds(filter), SizeIs(0));
    filter.halls = identity::HallScope::One(message.hall);
    EXPECT_THAT(ListIds(filter), SizeIs(1));
    filter.halls = identity::HallScope::All();
    EXPECT_THAT(ListIds(filter), SizeIs(1));
  }
}

TEST_F(MessageStoreTest, TakesEachReceiptOnceAndNeverMovesTheCursorBack) {
  Do([](pg::Session& session) -> absl::Status {
    const Receipt receipt = {7, NewId(), "gw-1", Receipt::State::kDelivered, "DELIVERED", ""};
    XXT_ASSIGN_OR_RETURN(const bool first, receipt_store::Insert(session, "gateway", 1, receipt));
    XXT_ASSIGN_OR_RETURN(const bool second, receipt_store::Insert(session, "gateway", 1, receipt));
    EXPECT_TRUE(first);
    EXPECT_FALSE(second);
    receipt_store::MoveCursor(session, "gateway", 1, 7);
    receipt_store::MoveCursor(session, "gateway", 1, 3);
    receipt_store::MoveCursor(session, "gateway", 0, 9);
    XXT_ASSIGN_OR_RETURN(const receipt_store::Cursor cursor, receipt_store::ReadCursor(session, "gateway"));
    EXPECT_EQ(cursor.epoch, 1);
    EXPECT_EQ(cursor.seq, 7);
    EXPECT_TRUE(cursor.last.has_value() && IsSame(*cursor.last, receipt));
    return absl::OkStatus();
  });
}

TEST_F(MessageStoreTest, ForgetsTheCursorsNumberWhenTheGatewayCountsAgain) {
  Do([](pg::Session& session) -> absl::Status {
    receipt_store::MoveCursor(session, "gateway", 0, 7);
    receipt_store::MoveCursor(session, "gateway", 1, 0);
    XXT_ASSIGN_OR_RETURN(const receipt_store::Cursor cursor, receipt_store::ReadCursor(session, "gateway"));
    EXPECT_EQ(cursor.epoch, 1);
    EXPECT_EQ(cursor.seq, 0);
    EXPECT_FALSE(cursor.last.has_value());
    return absl::OkStatus();
  });
}

TEST_F(MessageStoreTest, KeepsWhatTheCaseIsTold) {
  const report_store::Report report = {NewId(), NewId(), 3, MessageState::kNotReached, Channel::kVoiceCall, kNow};
  Do([&](pg::Session& session) -> absl::Status {
    report_store::Insert(session, report);
    XXT_ASSIGN_OR_RETURN(const report_store::Report found, report_store::Load(session, report.id));
    EXPECT_EQ(found.message_id, report.message_id);
    EXPECT_EQ(found.version, 3);
    EXPECT_EQ(found.state, MessageState::kNotReached);
    EXPECT_EQ(found.channel, Channel::kVoiceCall);
    EXPECT_EQ(found.time, kNow);
    return absl::OkStatus();
  });
}

}  // namespace
}  // namespace xxt::notification
