// The tool on the tables of a real service: those that its slices declare and
// its migrations make.

#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/seal/seal.h"
#include "common/store/compiled.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/xxt-store/access.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/register.h"
#include "tools/xxt-store/row.h"

namespace xxt::store_tool {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

class IntakeTest : public testing::Test {
 protected:
  Surroundings As(pqxx::connection& db) { return {db, &keys_, Language::kEnglish, out_, err_}; }
  ExitCode SeedCases(std::int64_t cases, bool add = false) {
    return Seed(As(service_), {.cases = cases, .add = add, .batch = 30, .now = absl::FromUnixSeconds(1'780'000'000)});
  }
  std::string Sql(const std::string& sql) { return db_.Sql(sql); }
  // The nodes of the plan of a page that is not the first, without what they cost.
  std::string PlanOf(const store::TableBase& table) {
    const std::vector<std::string> ids(table.compiled().pattern.columns.size(), "00000000-0000-7000-8000-000000005000");
    pqxx::read_transaction transaction(tool_);
    std::string plan;
    for (const pqxx::row& line : transaction.exec_params("EXPLAIN (COSTS OFF) " + PageStatement(table, false, 500),
                                                         pqxx::prepare::make_dynamic_params(ids))) {
      absl::StrAppend(&plan, line[0].c_str(), "\n");
    }
    return plan;
  }

  test::Database db_{"intake"};
  pqxx::connection tool_{*Conninfo(db_.options().dsn, kRole, db_.options().password.value())};
  pqxx::connection service_{*Conninfo(db_.options().dsn, "", db_.options().password.value())};
  const seal::Keyring keys_ = test::KeysOf({1});
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(IntakeTest, HasTheTablesThatItsSlicesDeclare) {
  std::vector<std::string> names;
  for (const store::TableBase* table : TablesOf("intake")) names.emplace_back(table->name());
  EXPECT_THAT(names, IsSupersetOf({"intake.cases", "intake.contacts", "intake.papers", "intake.promises"}));
  EXPECT_EQ(TableOf("intake", "cases/0191f8a0-0000-7000-8000-000000000001"), TableNamed("intake", "cases"));
  EXPECT_EQ(TableOf("intake", "cases/1"), nullptr);
}

// A page that scanned its table would make a walk of many pages as dear as their square.
TEST_F(IntakeTest, IsWalkedByIndexes) {
  const std::string row = "SELECT ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid";
  const std::string of_case = ", ('00000000-0000-7000-8000-' || lpad((i / 3)::text, 12, '0'))::uuid";
  Sql(
      absl::StrCat("INSERT INTO intake.cases (id, display_code, hall, state, owner, next_action_time, create_time, "
                   "version, message) ",
                   row, ", i::text, 'halls/1', 1, 'staff/a', now(), now(), 1, '' FROM generate_series(1, 20000) AS i"));
  Sql(absl::StrCat("INSERT INTO intake.promises (id, case_id, hall, state, due_time, version, message) ", row, of_case,
                   ", 'halls/1', 1, now(), 1, '' FROM generate_series(1, 20000) AS i"));
  Sql(absl::StrCat("INSERT INTO intake.papers (id, case_id, version, message) ", row, of_case,
                   ", 1, '' FROM generate_series(1, 20000) AS i"));
  Sql(absl::StrCat("INSERT INTO intake.contacts (id, case_id, message) ", row, of_case,
                   ", '' FROM generate_series(1, 20000) AS i"));
  Sql(absl::StrCat("INSERT INTO intake.shift_handovers (id, hall, recipient, version, message) ", row,
                   ", 'halls/1', 'staff/a', 1, '' FROM generate_series(1, 20000) AS i"));
  Sql(absl::StrCat("INSERT INTO intake.policies (id, benefit, state, version, message) ", row,
                   ", 'benefits/' || i, 1, 1, '' FROM generate_series(1, 20000) AS i"));
  Sql("INSERT INTO intake.benefits (id, version, message) SELECT 'benefit-' || i, 1, '' FROM generate_series(1, 20000) "
      "AS i");
  Sql("ANALYZE");
  const std::string contacts = Sql("SELECT tableoid::regclass::text FROM intake.contacts LIMIT 1");
  for (const store::TableBase* table : TablesOf("intake")) {
    const std::string plan = PlanOf(*table);
    EXPECT_THAT(plan, HasSubstr("Index")) << table->name();
    for (const std::string& full : {std::string("cases"), std::string("promises"), std::string("papers"),
                                    contacts.substr(contacts.find('.') + 1)}) {
      EXPECT_THAT(plan, Not(HasSubstr(absl::StrCat("Seq Scan on ", full, " ")))) << table->name();
    }
  }
}

TEST_F(IntakeTest, IsSeededWithCasesThatHaveNoFault) {
  EXPECT_EQ(SeedCases(100), kDone);
  EXPECT_EQ(Sql("SELECT string_agg(state || ': ' || cases, ', ' ORDER BY state) FROM "
                "(SELECT state, count(*) AS cases FROM intake.cases GROUP BY state) AS c"),
            "1: 9, 2: 1, 3: 90");
  EXPECT_EQ(Sql("SELECT count(*) = count(DISTINCT id) AND count(DISTINCT hall) = 16 AND max(create_time) = "
                "'2026-05-28 20:26:40+00' FROM intake.cases"),
            "t");
  EXPECT_EQ(Verify(As(tool_), TablesOf("intake")), kDone) << out_.str();
  EXPECT_EQ(Export(As(tool_), *TableNamed("intake", "cases")), kDone);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("\"display_name\":\"***\""), Not(HasSubstr("某人")), Not(HasSubstr("+86138"))));
}

TEST_F(IntakeTest, IsSeededWithFactsOfEachCase) {
  const SeedOptions options{.cases = 40, .facts = 3, .batch = 30, .now = absl::FromUnixSeconds(1'780'000'000)};
  EXPECT_EQ(Seed(As(service_), options), kDone);
  EXPECT_EQ(Sql("SELECT count(*) || ' of ' || count(DISTINCT case_id) FROM intake.facts"), "120 of 40");
  EXPECT_EQ(Verify(As(tool_), TablesOf("intake")), kDone) << out_.str();
  EXPECT_EQ(Export(As(tool_), *TableNamed("intake", "facts")), kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("KIND_EMPTY_NEST"), HasSubstr("FINDING_DOES_NOT_HOLD")));
}

TEST_F(IntakeTest, IsNotSeededWhereThereAreCasesUnlessToldTo) {
  ASSERT_EQ(SeedCases(10), kDone);
  EXPECT_EQ(SeedCases(10), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("intake.cases has 10 rows"));
  EXPECT_EQ(SeedCases(40, true), kDone);
  EXPECT_EQ(Sql("SELECT count(DISTINCT display_code) FROM intake.cases"), "50");
}

TEST_F(IntakeTest, IsSeededWithOpenCasesInEveryHall) {
  ASSERT_EQ(SeedCases(320), kDone);
  EXPECT_EQ(
      Sql("SELECT count(DISTINCT hall) || ' ' || count(DISTINCT display_code) FROM intake.cases WHERE state <> 3"),
      "16 32");
}

// Rows that a service could not read: its own keys are others.
TEST_F(IntakeTest, IsNotSeededWithTheKeysOfAnotherDatabase) {
  Sql("INSERT INTO backbone.seal_key (id, mark) VALUES (1, '\\x00')");
  EXPECT_EQ(SeedCases(10), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("keys 1 of seal.key_file are not those"));
  EXPECT_EQ(Sql("SELECT count(*) FROM intake.cases"), "0");
}

TEST_F(IntakeTest, IsKeyedAnewInBatches) {
  ASSERT_EQ(SeedCases(50), kDone);
  const seal::Keyring exchanged = test::KeysOf({2, 1});
  {
    pqxx::work transaction(service_);
    NoteKey(transaction, exchanged);
    transaction.commit();
  }
  Sql("UPDATE backbone.seal_key SET use_time = now() - interval '1 hour' WHERE id = 1");
  EXPECT_EQ(Rekey({service_, &exchanged, Language::kEnglish, out_, err_}, TablesOf("intake"), {.batch = 20}), kDone);
  EXPECT_THAT(err_.str(), HasSubstr("intake.cases 50 rows, 50 written, 0 left"));
  const seal::Keyring later = test::KeysOf({2});
  EXPECT_EQ(Verify({tool_, &later, Language::kEnglish, out_, err_}, TablesOf("intake")), kDone) << out_.str();
}

}  // namespace
}  // namespace xxt::store_tool
