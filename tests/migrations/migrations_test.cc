// That each migration can be taken back, so that it can be made again.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/database.h"

namespace xxt {
namespace {

constexpr char kDown[] = "-- migrate:down";

// All that migrations make, a thing a line. What they grant on schemas is theirs, too.
constexpr char kThings[] = R"sql(
  WITH own AS (SELECT oid, nspname, nspacl FROM pg_namespace
                WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')),
  things AS (
    SELECT concat_ws(' ', 'schema', nspname, nspacl) AS thing FROM own
    UNION ALL SELECT concat_ws(' ', 'relation', nspname, c.relname) FROM pg_class c JOIN own ON own.oid = c.relnamespace
    UNION ALL SELECT concat_ws(' ', 'type', nspname, t.typname) FROM pg_type t JOIN own ON own.oid = t.typnamespace
    UNION ALL SELECT concat_ws(' ', 'function', nspname, p.oid::regprocedure)
                FROM pg_proc p JOIN own ON own.oid = p.pronamespace)
  SELECT coalesce(string_agg(thing, E'\n' ORDER BY thing), '') FROM things)sql";

// What is kept, for how long; a number where the relation is gone.
constexpr char kTerms[] = R"sql(
  SELECT coalesce(string_agg('term ' || relation::text, E'\n' ORDER BY relation::text), '') FROM backbone.retention)sql";

struct Migration {
  std::string name;
  std::string up;
  std::string down;
};

// Those of a service's database, in the order in which they are applied.
std::vector<Migration> MigrationsOf(const std::string& service) {
  std::vector<Migration> migrations;
  for (const std::string& folder : {std::string("common/pg"), absl::StrCat("services/", service)}) {
    const std::filesystem::path path = absl::StrCat(XXT_SOURCE_DIR, "/", folder, "/migrations");
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() != ".sql") continue;
      std::ifstream file(entry.path());
      const std::string text(std::istreambuf_iterator<char>(file), {});
      const std::size_t down = std::min(text.find(kDown), text.size());
      migrations.push_back({entry.path().filename().string(), text.substr(0, down), text.substr(down)});
    }
  }
  std::sort(migrations.begin(), migrations.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return migrations;
}

class Migrations : public ::testing::TestWithParam<const char*> {
 protected:
  Migrations() { db_.Sql(absl::StrCat("ALTER DATABASE ", db_.name(), " OWNER TO xxt_migrator")); }

  // As who runs them.
  void Run(const std::string& part) const { db_.Sql(absl::StrCat("SET ROLE xxt_migrator; ", part)); }
  std::string Things() const {
    const bool keeps = db_.Sql("SELECT to_regclass('backbone.retention') IS NOT NULL") == "t";
    return absl::StrCat(db_.Sql(kThings), "\n", keeps ? db_.Sql(kTerms) : "");
  }

  // A copy of the template: all of them are applied.
  const test::Database db_{GetParam()};
  const std::vector<Migration> all_ = MigrationsOf(GetParam());
};

TEST_P(Migrations, EachLeavesNothingBehindWhenItIsTakenBackAndCanBeMadeAgain) {
  ASSERT_GE(all_.size(), 3U);
  const std::string made = Things();
  for (auto last = all_.rbegin(); last != all_.rend(); ++last) Run(last->down);
  EXPECT_EQ(Things(), "\n");
  std::vector<std::string> before;
  for (const Migration& migration : all_) {
    before.push_back(Things());
    Run(migration.up);
  }
  EXPECT_EQ(Things(), made);
  for (std::size_t i = all_.size(); i-- > 0;) {
    Run(all_[i].down);
    EXPECT_EQ(Things(), before[i]) << all_[i].name;
    Run(all_[i].up);
    Run(all_[i].down);
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachService, Migrations, ::testing::Values("intake", "referral", "notification"),
                         [](const ::testing::TestParamInfo<const char*>& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace xxt
