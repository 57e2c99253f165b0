#include "services/intake/app/create_case.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/pg/pool.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake::app {
namespace {

// Counts the round trips that a use case asks for.
class CountingSession final : public pg::Session {
 public:
  explicit CountingSession(pg::Session& session) : session_(session) {}
  absl::StatusOr<pg::Result> RunParams(const pg::Statement& statement, std::vector<pg::Param> params) override {
    ++runs;
    return session_.RunParams(statement, std::move(params));
  }
  void QueueParams(const pg::Statement& statement, std::vector<pg::Param> params) override {
    session_.QueueParams(statement, std::move(params));
  }
  void QueueLastParams(const pg::Statement& statement, std::vector<pg::Param> params) override {
    session_.QueueLastParams(statement, std::move(params));
  }
  void Announce(std::string news) override { session_.Announce(std::move(news)); }
  int runs = 0;

 private:
  pg::Session& session_;
};

const identity::Caller kClerk{
    "staff/chen", "halls/110102016", {"counter"}, identity::HallScope::One("halls/110102016")};

class CreateCaseTest : public ::testing::Test {
 protected:
  CreateCaseTest() {
    database_.Sql(R"sql(
      INSERT INTO intake.staff VALUES ('staff/wang', '王建国', 'halls/110102016');
      INSERT INTO intake.shifts VALUES
        ('halls/110102016', '2026-03-06 01:00Z', '2026-03-06 04:00Z', 'staff/wang', NULL, false))sql");
    input_.title = "标题";
    input_.hall = "halls/110102016";
    input_.service_item = "丧葬费申领";
    input_.parties.emplace_back();
  }

  HandedOff HandOff(absl::Time now, int* runs) { return HandOff(now, runs, serials_); }

  HandedOff HandOff(absl::Time now, int* runs, Serials& serials) {
    absl::StatusOr<HandedOff> handed;
    intake::HandOff hand_off;
    hand_off.counter = "3 号";
    const absl::Status status =
        pg::InTransaction(database_.pool(), absl::Now() + absl::Seconds(10), [&](pg::Session& session) {
          CountingSession counting(session);
          handed = HandOffFromCounter(counting, kClerk, input_, hand_off, {serials, duties_, policy_, test::TestKeys()},
                                      now);
          *runs = counting.runs;
          return handed.status();
        });
    EXPECT_TRUE(status.ok()) << status;
    return *std::move(handed);
  }

  test::Database database_{"intake"};
  pg::Pool serials_pool_{database_.options()};
  Serials serials_{serials_pool_};
  hall::DutyCache duties_;
  Policy policy_;
  Case input_;
};

TEST_F(CreateCaseTest, ItsTransactionAsksOnlyForDutyAndThatOnce) {
  const absl::Time now = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 10, 0);
  int runs = 0;
  HandOff(now, &runs);
  EXPECT_EQ(runs, 1);
  HandOff(now, &runs);
  EXPECT_EQ(runs, 0);
}

TEST_F(CreateCaseTest, ACodeThatIsTakenIsDrawnAgain) {
  const absl::Time now = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 10, 0);
  int runs = 0;
  const std::string first = HandOff(now, &runs).ticket.display_code;
  // The serials have come round: another process is given the same block.
  database_.Sql("ALTER SEQUENCE intake.case_serial RESTART");
  Serials again(serials_pool_);
  const std::string second = HandOff(now, &runs, again).ticket.display_code;
  EXPECT_EQ(first.substr(0, 14), "0102-26-000001");
  EXPECT_EQ(second.substr(0, 14), "0102-26-000002");
}

TEST_F(CreateCaseTest, BeforeTheShiftIsForItsOfficerLater) {
  int runs = 0;
  const HandedOff handed = HandOff(calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 7, 0), &runs);
  EXPECT_TRUE(handed.ticket.later);
  EXPECT_EQ(handed.ticket.owner_display_name, "王建国");
  EXPECT_EQ(handed.ticket.attend_time, calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 9, 0));
  // Four hours of opening time from nine.
  EXPECT_EQ(handed.created.next_action->due_time, calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 14, 30));
}

TEST_F(CreateCaseTest, KeepsPeopleOutOfTasksAndEvents) {
  input_.parties[0].display_name = "金丝雀";
  input_.parties[0].phone_number = "+8613800138000";
  input_.summary = "金丝雀说的话";
  int runs = 0;
  HandOff(calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 10, 0), &runs);
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.task"), "2");
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.task AS t WHERE t::text ~ '金丝雀|138001'"), "0");
  EXPECT_EQ(database_.Sql("SELECT count(*) FROM backbone.event AS e WHERE e::text ~ '金丝雀|138001'"), "0");
}

}  // namespace
}  // namespace xxt::intake::app
