#include "services/referral/storage/body_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BodySearch : public ::testing::Test {
 protected:
  BodySearch() {
    db_.Sql(R"sql(
      INSERT INTO referral.bodies (id, title, kind, doc) VALUES
        ('a', '八宝山殡仪馆', 'CREMATORIUM', '{"documents_held": ["火化档案", "骨灰寄存记录"]}'),
        ('b', '北京光明机械厂', 'EMPLOYER', '{"documents_held": ["人事档案"]}'),
        ('c', '光明医院ICU', 'HOSPITAL', '{}'))sql");
  }

  std::vector<std::string> Find(const std::string& query, std::optional<BodyKind> kind = std::nullopt, int limit = 50) {
    body_store::Filter filter;
    filter.query = query;
    filter.kind = kind;
    filter.limit = limit;
    filter.after_title = after_.title;
    filter.after_id = after_.id;
    std::vector<std::string> ids;
    const absl::Status status =
        pg::Read(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) -> absl::Status {
          XXT_ASSIGN_OR_RETURN(const std::vector<Body> found, body_store::List(session, filter));
          for (const Body& body : found) ids.push_back(body.id);
          if (!found.empty()) after_ = found.back();
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    if (limit == 50) after_ = {};
    return ids;
  }

  test::Database db_{"referral"};
  Body after_;
};

TEST_F(BodySearch, FindsPartsOfTitlesAndOfDocumentsHeld) {
  EXPECT_THAT(Find("馆"), ElementsAre("a"));
  EXPECT_THAT(Find("光明"), ElementsAre("c", "b"));
  EXPECT_THAT(Find("北京光明机械厂"), ElementsAre("b"));
  EXPECT_THAT(Find("骨灰寄存"), ElementsAre("a"));
  EXPECT_THAT(Find("档案"), ElementsAre("a", "b"));
  EXPECT_THAT(Find("icu"), ElementsAre("c"));
}

TEST_F(BodySearch, FindsNothingAcrossTwoWordsOrOfPartsThatStandApart) {
  EXPECT_THAT(Find("馆火"), IsEmpty());
  EXPECT_THAT(Find("光明厂"), IsEmpty());
  EXPECT_THAT(Find("机械光明"), IsEmpty());
  EXPECT_THAT(Find("没有这样的单位"), IsEmpty());
}

TEST_F(BodySearch, KeepsToAKindAndGoesOnAfterAPage) {
  EXPECT_THAT(Find("光明", BodyKind::kEmployer), ElementsAre("b"));
  EXPECT_THAT(Find("", BodyKind::kEmployer), ElementsAre("b"));
  EXPECT_THAT(Find("档案", std::nullopt, 1), ElementsAre("a"));
  EXPECT_THAT(Find("档案", std::nullopt, 1), ElementsAre("b"));
  EXPECT_THAT(Find("档案", std::nullopt, 1), IsEmpty());
}

TEST_F(BodySearch, FollowsChangesOfTheDirectory) {
  db_.Sql("UPDATE referral.bodies SET title = '东风机械厂' WHERE id = 'b'");
  EXPECT_THAT(Find("光明"), ElementsAre("c"));
  EXPECT_THAT(Find("东风"), ElementsAre("b"));
  db_.Sql("DELETE FROM referral.bodies WHERE id = 'b'");
  EXPECT_THAT(Find("东风"), IsEmpty());
}

}  // namespace
}  // namespace xxt::referral
