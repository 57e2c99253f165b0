#include "services/referral/storage/referral_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/identifiers/uuid.h"
#include "common/pg/pool.h"
#include "common/status/macros.h"
#include "common/testing/database.h"

namespace xxt::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class ReferralStore : public ::testing::Test {
 protected:
  ReferralStore() {
    db_.Sql(
        "INSERT INTO referral.bodies (id, title, kind, words, version, message) VALUES ('b', '档案馆', 9, '', 1, '')");
  }

  // Ended, if nobody acts on it any more.
  Referral Insert(std::optional<absl::Time> next_action_time) {
    Referral made;
    made.id = identifiers::NewUuid(absl::Now());
    made.case_id = case_id_;
    made.hall = "halls/110102016";
    made.body_id = "b";
    made.question = "请协助查找火化档案。";
    made.answer_code = "XXT-" + made.id;
    made.owner = "staff/wang";
    made.chase.state = next_action_time.has_value() ? ChaseState::kQueued : ChaseState::kCancelled;
    made.chase.next_action_time = next_action_time;
    made.create_time = absl::FromUnixSeconds(1'774'000'000);
    made.update_time = made.create_time;
    const absl::Status status =
        pg::InTransaction(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) {
          referral_store::Insert(session, made);
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return made;
  }

  std::vector<Referral> List(const referral_store::Filter& filter) {
    std::vector<Referral> found;
    const absl::Status status =
        pg::Read(db_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) -> absl::Status {
          XXT_ASSIGN_OR_RETURN(found, referral_store::List(session, filter));
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }

  test::Database db_{"referral"};
  const std::string case_id_ = identifiers::NewUuid(absl::Now());
};

TEST_F(ReferralStore, ListsOfTheHallsThatItIsToldAndNothingWhereItIsToldNone) {
  Insert(absl::Now());
  for (const std::string& case_id : {std::string(), case_id_}) {
    referral_store::Filter filter;
    filter.case_id = case_id;
    EXPECT_THAT(List(filter), SizeIs(0)) << "nobody said which";
    filter.halls = identity::HallScope::One("halls/110102014");
    EXPECT_THAT(List(filter), SizeIs(0));
    filter.halls = identity::HallScope::One("halls/110102016");
    EXPECT_THAT(List(filter), SizeIs(1));
    filter.halls = identity::HallScope::All();
    EXPECT_THAT(List(filter), SizeIs(1));
  }
}

TEST_F(ReferralStore, ListsPageByPageTheNextToActOnFirstAndEndedOnesLast) {
  const Referral ended = Insert(std::nullopt);
  const Referral ended_later = Insert(std::nullopt);
  const Referral later = Insert(absl::Now() + absl::Hours(2));
  const Referral next = Insert(absl::Now());
  referral_store::Filter filter;
  filter.halls = identity::HallScope::All();
  filter.include_ended = true;
  filter.limit = 1;
  std::vector<std::string> ids;
  for (std::vector<Referral> page = List(filter); !page.empty() && ids.size() < 9; page = List(filter)) {
    EXPECT_EQ(page[0].question, "") << "lists go without it";
    ids.push_back(page[0].id);
    filter.after_time = referral_store::PlaceOf(page[0]);
    filter.after_id = page[0].id;
  }
  EXPECT_THAT(ids, ElementsAre(next.id, later.id, ended.id, ended_later.id));
}

}  // namespace
}  // namespace xxt::referral
