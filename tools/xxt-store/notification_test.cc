// The tool on the tables of the notification service: messages, and what people
// decided about them, which is sealed with their keys.

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/identifiers/uuid.h"
#include "common/identity/caller.h"
#include "common/seal/seal.h"
#include "common/store/compiled.h"
#include "common/store/tx.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/protos.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/xxt-store/access.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/register.h"
#include "tools/xxt-store/row.h"
#include "xixinting/notification/v1/message.pb.h"

namespace xxt::store_tool {
namespace {

namespace v1 = ::xixinting::notification::v1;

using test::KeysOf;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class NotificationTest : public testing::Test {
 protected:
  NotificationTest() {
    Note(keys_);
    auto message = test::Text<v1::Message>(R"pb(
      event: 'cases/1#e'
      audience: 'cases/1/parties/1'
      case_name: 'cases/1'
      hall: 'halls/110102016'
      recipient { display_name: 'canary person' phone_number: '+8613800138000' }
      template: 'route-sheet-plain'
      parameters { name: 'body' text: 'canary body' }
      state: STATE_DELIVERED
      words { sms: 'canary words' }
    )pb");
    message.set_name(message_);
    auto decision = test::Text<v1::Decision>("staff: 'staff/wang' outcome: 'REACHED' note: 'canary note'");
    decision.set_name(decision_);
    const identity::Caller officer{"staff/wang", "", {"officer"}, identity::HallScope::All()};
    const Circumstances of{.caller = officer, .now = absl::FromUnixSeconds(1'780'000'000), .keys = keys_};
    EXPECT_EQ(InTx(db_.pool(), of,
                   [&](Tx& tx) {
                     tx.Insert(*TableNamed("notification", "messages"), message);
                     tx.Insert(*TableNamed("notification", "decisions"), decision);
                     return absl::OkStatus();
                   }),
              absl::OkStatus());
  }

  Surroundings As(pqxx::connection& db, const seal::Keyring& keys) {
    return {db, &keys, Language::kEnglish, out_, err_};
  }
  std::string Sql(const std::string& sql) { return db_.Sql(sql); }
  // As a replica does that begins with these keys.
  void Note(const seal::Keyring& keys) {
    pqxx::work transaction(service_);
    NoteKey(transaction, keys);
    transaction.commit();
  }

  const std::string message_ = absl::StrCat("messages/", identifiers::NewUuid(absl::Now()));
  const std::string decision_ = absl::StrCat(message_, "/decisions/", identifiers::NewUuid(absl::Now()));
  const seal::Keyring keys_ = KeysOf({1});
  test::Database db_{"notification"};
  pqxx::connection tool_{*Conninfo(db_.options().dsn, kRole, db_.options().password.value())};
  pqxx::connection service_{*Conninfo(db_.options().dsn, "", db_.options().password.value())};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(NotificationTest, HasTheTablesThatItsSlicesDeclare) {
  std::vector<std::string> names;
  for (const store::TableBase* table : TablesOf("notification")) names.emplace_back(table->name());
  EXPECT_THAT(names, ElementsAre("notification.channels", "notification.decisions", "notification.messages"));
  EXPECT_EQ(TableOf("notification", decision_), TableNamed("notification", "decisions"));
  EXPECT_EQ(Sql("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'notification' "
                "AND column_name = 'key'"),
            "1")
      << "rekey has to know whatever else has keys";
}

TEST_F(NotificationTest, IsShownWithoutPeople) {
  EXPECT_EQ(Show(As(tool_, keys_), *TableNamed("notification", "messages"), message_, std::nullopt), kDone);
  EXPECT_EQ(Show(As(tool_, keys_), *TableNamed("notification", "decisions"), decision_, std::nullopt), kDone);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("display_name: \"***\""), HasSubstr("sms: \"***\""), HasSubstr("note: \"***\""),
                    HasSubstr("outcome: \"REACHED\""), Not(HasSubstr("canary")), Not(HasSubstr("8613800"))));
}

TEST_F(NotificationTest, IsKeyedAnewWithWhatHangsOnIt) {
  const seal::Keyring exchanged = KeysOf({2, 1});
  Note(exchanged);
  Sql("UPDATE backbone.seal_key SET use_time = now() - interval '1 hour' WHERE id = 1");
  EXPECT_EQ(Rekey(As(service_, exchanged), TablesOf("notification"), {}), kDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("key 1 is retired"));
  out_.str("");
  const seal::Keyring later = KeysOf({2});
  EXPECT_EQ(Verify(As(tool_, later), TablesOf("notification")), kDone) << out_.str();
  EXPECT_THAT(err_.str(),
              HasSubstr("notification.messages 1 rows, 0 faults; keys wrapped by each key of the file: 2: 1"));
}

TEST_F(NotificationTest, IsFilledAnewFromWhatItSays) {
  Sql("UPDATE notification.messages SET known_revision = 7, true_until = '2000-01-01', state = 1");
  Sql("UPDATE notification.decisions SET staff = 'staff/li'");
  EXPECT_EQ(Verify(As(tool_, keys_), TablesOf("notification")), kFailed);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("column state is 1, the message says 2"),
                                HasSubstr("column staff is staff/li, the message says staff/wang")));
  for (const char* table : {"messages", "decisions"}) {
    EXPECT_EQ(Backfill(As(tool_, keys_), *TableNamed("notification", table), {}), kDone) << err_.str();
  }
  EXPECT_EQ(Sql("SELECT state || ' ' || known_revision || ' ' || true_until FROM notification.messages"),
            "2 0 infinity");
  out_.str("");
  EXPECT_EQ(Verify(As(tool_, keys_), TablesOf("notification")), kDone) << out_.str();
}

// A page that scanned its table would make a walk of many pages as dear as their square.
TEST_F(NotificationTest, IsWalkedByIndexes) {
  Sql("INSERT INTO notification.decisions (id, message_id, staff, outcome, message) "
      "SELECT id, id, 'staff/wang', 'REACHED', '' FROM generate_series(1, 20000) AS i, "
      "LATERAL (SELECT ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid AS id) AS one");
  Sql("ANALYZE");
  const store::TableBase& decisions = *TableNamed("notification", "decisions");
  const std::vector<std::string> after(decisions.compiled().pattern.columns.size(),
                                       "00000000-0000-7000-8000-000000005000");
  pqxx::read_transaction transaction(tool_);
  std::string plan;
  for (const pqxx::row& line : transaction.exec_params("EXPLAIN (COSTS OFF) " + PageStatement(decisions, false, 500),
                                                       pqxx::prepare::make_dynamic_params(after))) {
    absl::StrAppend(&plan, line[0].c_str(), "\n");
  }
  const std::string part = Sql("SELECT tableoid::regclass::text FROM notification.decisions LIMIT 1");
  EXPECT_THAT(plan, AllOf(HasSubstr("Index"),
                          Not(HasSubstr(absl::StrCat("Seq Scan on ", part.substr(part.find('.') + 1), " ")))));
}

}  // namespace
}  // namespace xxt::store_tool
