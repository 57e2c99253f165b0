// The tool on the tables of the referral service: ids that are codes, and roots
// of four kinds, each with keys of its own.

#include <google/protobuf/message.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/identity/caller.h"
#include "common/seal/seal.h"
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
#include "xixinting/referral/v1/body.pb.h"
#include "xixinting/referral/v1/entry.pb.h"
#include "xixinting/referral/v1/mail.pb.h"
#include "xixinting/referral/v1/referral.pb.h"
#include "xixinting/referral/v1/search.pb.h"

namespace xxt::store_tool {
namespace {

namespace v1 = ::xixinting::referral::v1;

using test::KeysOf;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Hex(const std::string& bytes) { return absl::StrCat("'\\x", absl::BytesToHexString(bytes), "'"); }

std::vector<std::string> NamesOf(const std::vector<const store::TableBase*>& tables) {
  std::vector<std::string> names;
  for (const store::TableBase* table : tables) names.emplace_back(table->name());
  return names;
}

class ReferralTest : public testing::Test {
 protected:
  ReferralTest() {
    Note(keys_);
    auto body = test::Text<v1::Body>(R"pb(
      name: 'bodies/files'
      title: '档案馆'
      kind: KIND_BUREAU
      words: '档案馆'
      units {
        id: 'u'
        title: '科'
        contact_points { channel: CHANNEL_PHONE address: '010-6000 1234' person: 'canary person' }
      }
    )pb");
    Insert("bodies", &body);
    auto referral = test::Text<v1::Referral>(R"pb(
      case_name: 'cases/1'
      hall: 'halls/110102016'
      body: 'bodies/files'
      question: 'canary question'
      state: STATE_SENT
      next_action_time { seconds: 1780003600 }
      answer_code: 'XXT-1'
    )pb");
    referral.set_name(referral_);
    Insert("referrals", &referral);
    auto mail = test::Text<v1::UnmatchedMail>(R"pb(
      subject: 'canary subject'
      text: 'canary text'
      state: STATE_OPEN
      receive_time { seconds: 1780003600 }
    )pb");
    mail.set_name(mail_);
    Insert("unmatched_mails", &mail);
    auto search = test::Text<v1::Search>(R"pb(
      case_name: 'cases/1'
      hall: 'halls/110102016'
      document: '存档证明'
      question: 'canary question'
      state: STATE_RUNNING
    )pb");
    search.set_name("searches/" + id_);
    Insert("searches", &search);
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
  void Insert(const std::string& table, google::protobuf::Message* made) {
    const identity::Caller district{"staff/qu", "", {"district"}, identity::HallScope::All()};
    const Circumstances of{.caller = district, .now = absl::Now(), .keys = keys_};
    EXPECT_EQ(InTx(db_.pool(), of,
                   [&](Tx& tx) {
                     tx.Insert(*TableNamed("referral", table), *made);
                     return absl::OkStatus();
                   }),
              absl::OkStatus());
  }
  // Which keys of the key file have wrapped those of a table: "1,2".
  std::string Wrapping(const std::string& table) {
    return Sql(
        absl::StrCat("SELECT string_agg(DISTINCT get_byte(key, 4)::text, ',' ORDER BY get_byte(key, 4)::text) FROM "
                     "referral.",
                     table));
  }

  const std::string id_ = identifiers::NewUuid(absl::Now());
  const std::string referral_ = "referrals/" + id_;
  const std::string mail_ = "unmatchedMails/" + id_;
  const seal::Keyring keys_ = KeysOf({1});
  test::Database db_{"referral"};
  pqxx::connection tool_{*Conninfo(db_.options().dsn, kRole, db_.options().password.value())};
  pqxx::connection service_{*Conninfo(db_.options().dsn, "", db_.options().password.value())};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ReferralTest, HasTheTablesThatItsSlicesDeclare) {
  EXPECT_THAT(NamesOf(TablesOf("referral")),
              ElementsAre("referral.appointments", "referral.bodies", "referral.entries", "referral.parcels",
                          "referral.referrals", "referral.route_sheets", "referral.rule_notes", "referral.searches",
                          "referral.unmatched_mails", "referral.visits", "referral.withdrawals"));
  EXPECT_EQ(TableOf("referral", "bodies/files"), TableNamed("referral", "bodies"));
  EXPECT_EQ(TableOf("referral", referral_), TableNamed("referral", "referrals"));
  EXPECT_EQ(TableOf("referral", mail_), TableNamed("referral", "unmatched_mails"));
}

TEST_F(ReferralTest, IsShownByNamesThatAreCodes) {
  const store::TableBase& bodies = *TableNamed("referral", "bodies");
  EXPECT_EQ(Show(As(tool_, keys_), bodies, "bodies/files", std::nullopt), kDone);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("title: \"档案馆\""), HasSubstr("person: \"***\""), Not(HasSubstr("canary"))));
  EXPECT_EQ(Show(As(tool_, keys_), bodies, "bodies/other", std::nullopt), kFailed);
}

TEST_F(ReferralTest, IsShownWithoutWhatIsAskedAndWritten) {
  EXPECT_EQ(Show(As(tool_, keys_), *TableNamed("referral", "referrals"), referral_, std::nullopt), kDone);
  EXPECT_EQ(Show(As(tool_, keys_), *TableNamed("referral", "unmatched_mails"), mail_, std::nullopt), kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("question: \"***\""), HasSubstr("subject: \"***\""),
                                HasSubstr("answer_code: \"XXT-1\""), Not(HasSubstr("canary"))));
}

// A key that was missed would be lost with the one that wrapped it.
TEST_F(ReferralTest, IsKeyedAnewWhereverThereIsAKey) {
  const seal::Keyring exchanged = KeysOf({2, 1});
  Note(exchanged);
  Sql("UPDATE backbone.seal_key SET use_time = now() - interval '1 hour' WHERE id = 1");
  EXPECT_EQ(Rekey(As(service_, exchanged), TablesOf("referral"), {}), kDone) << err_.str();
  for (const char* table : {"bodies", "referrals", "searches", "unmatched_mails"})
    EXPECT_EQ(Wrapping(table), "2") << table;
  EXPECT_THAT(out_.str(), HasSubstr("key 1 is retired"));
  out_.str("");
  const seal::Keyring later = KeysOf({2});
  EXPECT_EQ(Verify(As(tool_, later), TablesOf("referral")), kDone) << out_.str();
  EXPECT_EQ(Sql("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'referral' "
                "AND column_name = 'key'"),
            "5")
      << "rekey has to know whatever else has keys";
}

TEST_F(ReferralTest, IsVerifiedWhereAKeyIsDamagedOrErased) {
  EXPECT_EQ(Verify(As(tool_, keys_), TablesOf("referral")), kDone) << out_.str();
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("referral.referrals 1 rows, 0 faults; keys wrapped by each key of the file: "
                                          "1: 1"),
                                HasSubstr("referral.unmatched_mails 1 rows, 0 faults")));
  Sql("UPDATE referral.unmatched_mails SET key = set_byte(key, 40, get_byte(key, 40) # 1)");
  Sql("UPDATE referral.referrals SET key = NULL");
  EXPECT_EQ(Verify(As(tool_, keys_), TablesOf("referral")), kFailed);
  EXPECT_EQ(out_.str(), absl::StrCat("referral.unmatched_mails ", mail_,
                                     ": key does not unwrap: it is damaged, or of another root\n"));
  EXPECT_THAT(err_.str(), HasSubstr("referral.referrals 1 rows, 0 faults, 1 erased"));
}

TEST_F(ReferralTest, IsSeededWithBodiesThatHaveNoFaultAndAreFound) {
  SeedOptions options{.bodies = 100, .batch = 30, .now = absl::FromUnixSeconds(1'780'000'000)};
  EXPECT_EQ(Seed(As(service_, keys_), options), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("referral.bodies has 1 rows"));
  options.add = true;
  EXPECT_EQ(Seed(As(service_, keys_), options), kDone);
  EXPECT_EQ(Sql("SELECT count(DISTINCT title) FROM referral.bodies"), "101");
  EXPECT_EQ(Sql("SELECT count(*) FROM referral.body_terms WHERE term = '光明'"), "21");
  EXPECT_EQ(Verify(As(tool_, keys_), TablesOf("referral")), kDone) << out_.str();
}

// The terms are written by a trigger, in a table that the tool may not touch.
TEST_F(ReferralTest, IsFilledAnewWithWhatBodiesAreFoundBy) {
  Sql("UPDATE referral.bodies SET title = '', words = ''");
  ASSERT_EQ(Sql("SELECT count(*) FROM referral.body_terms"), "0");
  EXPECT_EQ(Backfill(As(tool_, keys_), *TableNamed("referral", "bodies"), {}), kDone) << err_.str();
  EXPECT_EQ(Sql("SELECT title FROM referral.body_terms WHERE term = '档案'"), "档案馆");
}

TEST_F(ReferralTest, IsFilledAnewWithWhatReferralsAndMailsAreFoundBy) {
  Sql("UPDATE referral.referrals SET hall = 'halls/110102', mail_due = 'x', person_asked = true");
  Sql("UPDATE referral.unmatched_mails SET state = 2");
  EXPECT_EQ(Verify(As(tool_, keys_), TablesOf("referral")), kFailed);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("column hall is halls/110102, the message says halls/110102016"),
                                HasSubstr("column state is 2, the message says 1")));
  for (const char* table : {"referrals", "unmatched_mails"}) {
    EXPECT_EQ(Backfill(As(tool_, keys_), *TableNamed("referral", table), {}), kDone) << err_.str();
  }
  out_.str("");
  EXPECT_EQ(Verify(As(tool_, keys_), TablesOf("referral")), kDone) << out_.str();
}

TEST_F(ReferralTest, IsFilledAnewUnderTheLockOfItsReferral) {
  auto entry = test::Text<v1::Entry>("attempt { person: 'canary person' }");
  entry.set_name(absl::StrCat(referral_, "/entries/", id_));
  Sql(absl::StrCat("INSERT INTO referral.entries (id, referral_id, message) VALUES ('", id_, "', '", id_, "', ",
                   Hex(entry.SerializeAsString()), ")"));
  EXPECT_EQ(Backfill(As(tool_, keys_), *TableNamed("referral", "entries"), {}), kDone) << err_.str();
  EXPECT_EQ(Sql("SELECT sealed IS NULL OR position('canary'::bytea IN message) > 0 FROM referral.entries"), "f");
  EXPECT_EQ(Verify(As(tool_, keys_), TablesOf("referral")), kDone) << out_.str();
}

}  // namespace
}  // namespace xxt::store_tool
