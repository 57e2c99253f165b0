// What the operator's role may in the databases of real services.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/store/compiled.h"
#include "common/testing/database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/xxt-store/row.h"

namespace xxt::store_tool {
namespace {

using ::testing::UnorderedElementsAreArray;

struct Service {
  const char* name;
  const char* shown;  // relations of which the role may read something
};

class RoleTest : public testing::TestWithParam<Service> {
 protected:
  std::string Sql(const std::string& sql) { return db_.Sql(sql); }
  std::string May(const std::string& table, const std::string& what) {
    return Sql(absl::StrCat("SELECT has_table_privilege('xxt_store', '", table, "', '", what, "')"));
  }
  // The columns of a table that it may write, by name.
  std::vector<std::string> Writable(const std::string& table) {
    return absl::StrSplit(Sql(absl::StrCat("SELECT coalesce(string_agg(attname, ' ' ORDER BY attname::text), '') FROM "
                                           "pg_attribute WHERE attrelid = '",
                                           table,
                                           "'::regclass AND attnum > 0 AND "
                                           "has_column_privilege('xxt_store', attrelid, attnum, 'UPDATE')")),
                          ' ', absl::SkipEmpty());
  }
  // "('intake', 'backbone')"
  std::string Schemas() const { return absl::StrCat("('", GetParam().name, "', 'backbone')"); }

  test::Database db_{GetParam().name};
};

TEST_P(RoleTest, ReadsMessagesAndWritesOnlyWhatBackfillWrites) {
  for (const store::TableBase* table : TablesOf(GetParam().name)) {
    EXPECT_EQ(May(table->name(), "SELECT"), "t") << table->name();
    EXPECT_EQ(May(table->name(), "INSERT, DELETE, TRUNCATE, REFERENCES, TRIGGER"), "f") << table->name();
    std::vector<std::string> derived = {"message", "sealed"};
    for (const auto& column : table->compiled().columns) derived.push_back(column.name);
    if (table->compiled().searched) derived.emplace_back("search");
    EXPECT_THAT(Writable(table->name()), UnorderedElementsAreArray(derived)) << table->name();
  }
}

TEST_P(RoleTest, SeesNothingThatItsCommandsDoNotRead) {
  EXPECT_EQ(Sql(absl::StrCat(
                "SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY c.oid::regclass::text) FROM pg_class AS c JOIN "
                "pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname IN ",
                Schemas(),
                " AND c.relkind IN ('r', 'p', 'v', 'S') "
                "AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege('xxt_store', c.oid, 'SELECT, USAGE, UPDATE') "
                "ELSE has_any_column_privilege('xxt_store', c.oid, 'SELECT, UPDATE') END")),
            GetParam().shown);
  EXPECT_EQ(Sql(absl::StrCat("SELECT string_agg(p.oid::regprocedure::text, ' ') FROM pg_proc AS p JOIN pg_namespace "
                             "AS n ON n.oid = p.pronamespace WHERE n.nspname IN ",
                             Schemas(), " AND p.prosecdef AND has_function_privilege('xxt_store', p.oid, 'EXECUTE')")),
            "");
}

INSTANTIATE_TEST_SUITE_P(
    OfTheOperator, RoleTest,
    testing::Values(
        Service{"intake",
                "backbone.event backbone.event_seal backbone.retention backbone.seal_key intake.aftercares "
                "intake.benefits intake.cases intake.consultations "
                "intake.contacts intake.disputes intake.escalations intake.facts intake.follow_ups "
                "intake.handovers intake.in_person_items intake.kin_scopes intake.life_events intake.mandates "
                "intake.packets intake.papers intake.plans intake.policies intake.policy_consents "
                "intake.policy_hits intake.praises intake.progress_codes intake.promises intake.questions "
                "intake.shift_handovers intake.terms intake.verdicts"},
        Service{"referral",
                "backbone.event backbone.event_seal backbone.retention backbone.seal_key referral.appointments "
                "referral.bodies referral.entries "
                "referral.parcels referral.referrals referral.route_sheets referral.rule_notes "
                "referral.searches referral.unmatched_mails referral.visits referral.withdrawals"},
        Service{"notification",
                "backbone.event backbone.event_seal backbone.retention backbone.seal_key notification.channels "
                "notification.decisions notification.messages"}),
    [](const testing::TestParamInfo<Service>& service) { return std::string(service.param.name); });

}  // namespace
}  // namespace xxt::store_tool
