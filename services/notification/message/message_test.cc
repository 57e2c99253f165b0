#include "services/notification/message/message.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "common/rpc/timestamp.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/notification/message/doubt.h"
#include "services/notification/message/message_world.h"
#include "services/notification/message/outcomes.h"
#include "services/notification/message/report.h"

namespace xxt::notification {
namespace {

using test::Partially;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class MessageTest : public ::testing::Test {
 protected:
  // Names of a page of the list, as the officer asks for it.
  std::vector<std::string> List(const std::string& request, const identity::Caller& caller = MessageWorld::Officer()) {
    listed_.Clear();
    const absl::Status status = world_.Change(
        caller, [&](Tx& tx) { return message::List(tx, test::Text<v1::ListMessagesRequest>(request), listed_); });
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> names;
    for (const v1::Message& found : listed_.messages()) names.push_back(found.name());
    return names;
  }
  // Whether a row of the table holds the word in clear.
  bool Holds(const std::string& table, const std::string& word) {
    return world_.db.Sql(absl::StrCat("SELECT count(*) FROM ", table, " AS t WHERE t::text LIKE '%",
                                      absl::BytesToHexString(word), "%' OR t::text LIKE '%", word, "%'")) != "0";
  }

  MessageWorld world_;
  v1::ListMessagesResponse listed_;
};

TEST_F(MessageTest, IsStoredAsItWasMade) {
  const v1::Message made = world_.Made();
  EXPECT_THAT(world_.Stored(made.name()),
              Partially("state: STATE_SENDING hall: 'halls/110102016' template: 'route-sheet-ready' etag: '1' "
                        "recipient { display_name: '沈女士' phone_number: '+8613800138000' language_code: 'zh-CN' } "
                        "parameters { name: 'code' text: '0102-26-000042-1' } "
                        "parameters { name: 'body' text: '八宝山殡仪馆' } "
                        "parameters { name: 'last_day' date { year: 2026 month: 12 day: 18 } } "
                        "headline: '办理路线已备好（诉求 0102-26-000042-1）' deliveries { channel: CHANNEL_SMS }"));
  const v1::Message stored = world_.Stored(made.name());
  EXPECT_THAT(stored.words().sms(), StartsWith("【西城悉心听】"));
  EXPECT_THAT(stored.words().late(), HasSubstr("已经过了"));
  EXPECT_EQ(rpc::FromProto(stored.true_until()), calendar::EndOfDay(absl::CivilDay(2026, 12, 18)));
  EXPECT_EQ(rpc::FromProto(stored.create_time()), world_.now);
  EXPECT_EQ(stored.text() + stored.recipient().masked_phone_number(), "") << "made when it is shown";
  EXPECT_EQ(made.text(), stored.words().sms());
  EXPECT_EQ(made.recipient().masked_phone_number(), "138****8000");
}

TEST_F(MessageTest, IsSealedAndGoneWithItsKey) {
  v1::CreateMessageRequest request = MessageWorld::Input();
  request.mutable_message()->mutable_recipient()->set_no_sms(true);
  const v1::Message made = world_.Made(request);
  world_.Save(made.name(), [](Tx& tx, v1::Message& found) { message::Decide(tx, found, "NOT_REACHED", "家里没人"); });
  EXPECT_TRUE(Holds("notification.messages", made.case_name())) << "else this would find nothing";
  for (const char* word : {"沈女士", "13800138000", "八宝山", "办理路线给您"}) {
    EXPECT_FALSE(Holds("notification.messages", word)) << word;
  }
  EXPECT_TRUE(Holds("notification.decisions", "NOT_REACHED"));
  EXPECT_FALSE(Holds("notification.decisions", "家里没人"));

  world_.db.Sql("UPDATE notification.messages SET key = NULL" + MessageWorld::Where(made.name()));
  v1::Message erased = world_.Stored(made.name());
  EXPECT_EQ(erased.recipient().display_name() + erased.words().call() + erased.parameters(1).text(), "");
  EXPECT_EQ(erased.audience(), made.audience());
  message::Show(world_.now, &erased);
  EXPECT_EQ(erased.text() + erased.recipient().masked_phone_number(), "");
  const auto decide = [&](const std::string& note) {
    return world_.Change(MessageWorld::Officer(), [&](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(const v1::Message found, message::Lock(tx, made.name()));
      message::Decide(tx, found, "REACHED", note);
      return absl::OkStatus();
    });
  };
  EXPECT_EQ(errors::ReasonOf(decide("他女儿接的")), "PERSONAL_DATA_ERASED");
  EXPECT_TRUE(decide("").ok());
}

// As a newer version leaves it, that is about to do something else with the try.
TEST_F(MessageTest, WithATryInAStateThatOnlyANewerVersionKnowsIsShownAndLockedForNobody) {
  const v1::Message made = world_.Made();
  world_.Save(made.name(), [](Tx&, v1::Message& found) {
    found.mutable_deliveries(0)->set_state(static_cast<v1::Delivery::State>(77));
  });
  EXPECT_EQ(world_.Stored(made.name()).deliveries(0).state(), 77);
  const auto lock = [&](Tx& tx) { return message::Lock(tx, made.name()).status(); };
  EXPECT_EQ(world_.Change(MessageWorld::Intake(), lock).code(), absl::StatusCode::kInternal);
}

TEST_F(MessageTest, IsOnePerCaseEventAndAudience) {
  const v1::CreateMessageRequest request = MessageWorld::Input();
  const v1::Message first = world_.Made(request);
  EXPECT_EQ(world_.Made(request).name(), first.name());
  EXPECT_NE(world_.Made().name(), first.name()) << "another case's event of the same name is another one";
  v1::CreateMessageRequest other = request;
  other.mutable_message()->set_audience(first.case_name() + "/parties/z");
  EXPECT_NE(world_.Made(other).name(), first.name());
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM notification.messages"), "3");
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM backbone.task WHERE kind = 'message.send_sms'"), "3");
}

TEST_F(MessageTest, IsOneThoughItIsToldTwiceAtOnce) {
  const v1::CreateMessageRequest request = MessageWorld::Input();
  std::vector<std::string> names(8);
  std::vector<std::thread> callers;
  for (std::string& name : names) callers.emplace_back([&] { name = world_.Made(request).name(); });
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(names, ::testing::Each(names[0]));
  EXPECT_THAT(names[0], StartsWith("messages/"));
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM notification.deliveries"), "1");
}

TEST_F(MessageTest, KeepsTheOrderOfTriesMadeInOneMoment) {
  const v1::Message made = world_.Made();
  world_.Save(made.name(), [&](Tx& tx, v1::Message& found) {
    message::Hear({tx, world_.policy}, found, message::Current(found),
                  {DeliveryState::kFailed, FailureKind::kPermanent, "号码无效", ""});
  });
  const v1::Message found = world_.Stored(made.name());
  EXPECT_EQ(found.state(), v1::Message::STATE_HANDED_TO_STAFF);
  ASSERT_THAT(found.deliveries(), SizeIs(2));
  EXPECT_THAT(found.deliveries(0), Partially("state: STATE_FAILED failure: FAILURE_PERMANENT detail: '号码无效'"));
  EXPECT_THAT(message::Current(found), Partially("channel: CHANNEL_PHONE state: STATE_CREATED"));
}

TEST_F(MessageTest, ShowsWhatWasToldThoughItChangesAfterwards) {
  v1::CreateMessageRequest request = MessageWorld::Input();
  request.mutable_message()->mutable_recipient()->set_no_sms(true);
  const v1::Message made = world_.Made(request);
  EXPECT_THAT(made.text(), Not(HasSubstr("已经过了")));
  world_.Save(made.name(), [&](Tx& tx, v1::Message& found) {
    message::MarkDelivered({tx, world_.policy}, found, common::CHANNEL_PHONE, "工作人员已电话告知");
  });
  world_.now += absl::Hours(24 * 60);
  world_.Save(made.name(), [](Tx&, v1::Message& found) { found.mutable_deliveries(0)->set_provider_reference("g"); });
  v1::Message found = world_.Stored(made.name());
  EXPECT_EQ(rpc::FromProto(found.update_time()), world_.now);
  message::Show(world_.now, &found);
  EXPECT_EQ(found.text(), made.text());
}

TEST_F(MessageTest, RemembersSinceWhenTheGatewayMayHaveIt) {
  const v1::Message made = world_.Made();
  const std::string id = made.deliveries(0).id();
  const auto set = [&](bool in_flight) {
    world_.Save(made.name(), [&](Tx&, v1::Message& found) { message::Current(found).set_in_flight(in_flight); });
  };
  const auto how_long = [&] {
    absl::Duration found;
    const absl::Status status = world_.Change(MessageWorld::Intake(), [&](Tx& tx) -> absl::Status {
      XXT_ASSIGN_OR_RETURN(found, message::flight::For(tx.session, id));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  };
  EXPECT_EQ(how_long(), absl::ZeroDuration());
  set(true);
  const std::string since = world_.db.Sql("SELECT in_flight_since FROM notification.deliveries");
  set(true);
  EXPECT_EQ(world_.db.Sql("SELECT in_flight_since FROM notification.deliveries"), since) << "the first time counts";
  EXPECT_GT(how_long(), absl::ZeroDuration());
  set(false);
  EXPECT_EQ(how_long(), absl::ZeroDuration());
  EXPECT_FALSE(world_.Stored(made.name()).deliveries(0).in_flight());
}

TEST_F(MessageTest, IsFoundByItsTryThoughItCannotBeRead) {
  const v1::Message made = world_.Made();
  world_.db.Sql("UPDATE notification.messages SET message = '\\x'" + MessageWorld::Where(made.name()));
  const absl::Status status = world_.Change(MessageWorld::Intake(), [&](Tx& tx) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const std::string name, message::flight::MessageOf(tx.session, made.deliveries(0).id()));
    EXPECT_EQ(name, made.name());
    EXPECT_TRUE(absl::IsNotFound(message::flight::MessageOf(tx.session, MessageWorld::NewId()).status()));
    return message::Lock(tx, name).status();
  });
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_THAT(List(""), ElementsAre(made.name())) << "one bad row hides no other";
}

TEST_F(MessageTest, IsListedNewestFirstAndByPages) {
  const std::string case_name = absl::StrCat("cases/", MessageWorld::NewId());
  std::vector<std::string> names;
  for (const char* event : {"#1", "#2", "#3"}) {
    v1::CreateMessageRequest request = MessageWorld::Input(case_name);
    request.mutable_message()->set_event(case_name + event);
    names.insert(names.begin(), world_.Made(request).name());
    world_.now += absl::Seconds(1);
  }
  world_.Save(names[1], [](Tx&, v1::Message& found) { found.set_state(v1::Message::STATE_IN_DOUBT); });
  for (const std::string& of : {std::string(), absl::StrCat("case_name: '", case_name, "' ")}) {
    EXPECT_THAT(List(of), ElementsAre(names[0], names[1], names[2]));
    EXPECT_THAT(List(of + "page_size: 2"), ElementsAre(names[0], names[1]));
    const std::string token = listed_.next_page_token();
    EXPECT_THAT(List(absl::StrCat(of, "page_size: 2 page_token: '", token, "'")), ElementsAre(names[2]));
    EXPECT_EQ(listed_.next_page_token(), "");
    EXPECT_THAT(List(of + "state: STATE_IN_DOUBT"), ElementsAre(names[1]));
    EXPECT_THAT(List(of + "state: STATE_SENDING"), ElementsAre(names[0], names[2]));
  }
  EXPECT_THAT(List(absl::StrCat("case_name: 'cases/", MessageWorld::NewId(), "'")), IsEmpty());
}

TEST_F(MessageTest, IsListedForItsHallAndForNobodyOfNone) {
  const v1::Message made = world_.Made();
  const identity::Caller nobody{"staff/wang", "", {"officer"}, identity::HallScope()};
  for (const std::string& request :
       {std::string(), absl::StrCat("case_name: '", made.case_name(), "'"), std::string("state: STATE_SENDING")}) {
    EXPECT_THAT(List(request, nobody), IsEmpty()) << "nobody said which";
    EXPECT_THAT(List(request, MessageWorld::Officer("halls/110102001")), IsEmpty());
    EXPECT_THAT(List(request), ElementsAre(made.name()));
    EXPECT_THAT(List(request, MessageWorld::Intake()), ElementsAre(made.name()));
  }
}

TEST_F(MessageTest, IsToldToItsCaseByNumber) {
  const v1::Message made = world_.Made();
  for (const auto state : {v1::Message::STATE_IN_DOUBT, v1::Message::STATE_NOT_REACHED}) {
    world_.Save(made.name(), [&](Tx& tx, v1::Message& found) {
      found.set_state(state);
      message::Report(tx, found, common::CHANNEL_PHONE);
    });
  }
  EXPECT_EQ(world_.db.Sql("SELECT string_agg(version || ' ' || state || ' ' || channel || ' ' || (time = '2026-11-23 "
                          "10:00+08'), ',' ORDER BY version) FROM notification.reports" +
                          MessageWorld::Where(made.name(), "message_id")),
            "1 4 2 true,2 5 2 true");
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM backbone.task t JOIN notification.reports r USING (id) WHERE kind = "
                          "'message.report_case'"),
            "2");
}

}  // namespace
}  // namespace xxt::notification
