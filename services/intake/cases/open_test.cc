#include "services/intake/cases/open.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/cases/case_world.h"

namespace xxt::intake {
namespace {

using test::Partially;

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
  absl::Status MayWait() override { return session_.MayWait(); }
  void Announce(std::string news) override { session_.Announce(std::move(news)); }
  int runs = 0;

 private:
  pg::Session& session_;
};

class HandOffTest : public ::testing::Test {
 protected:
  HandOffTest() {
    world_.db.Sql(
        "INSERT INTO intake.shifts VALUES "
        "('halls/110102016', '2026-03-06 01:00Z', '2026-03-06 04:00Z', 'staff/wang', NULL, false)");
    *input_.mutable_case_() = CaseWorld::Input().case_();
    input_.mutable_hand_off()->set_counter("3 号");
    input_.mutable_hand_off()->set_reason("金丝雀缺材料");
  }

  v1::HandOffFromCounterResponse HandOff(Serials& serials) {
    const identity::Caller clerk{"staff/chen", kHallOfCases, {"counter"}, identity::HallScope::One(kHallOfCases)};
    const Circumstances of{.caller = clerk,
                           .now = world_.now,
                           .deadline = SteadyTime::Now() + absl::Seconds(10),
                           .keys = test::TestKeys()};
    v1::HandOffFromCounterResponse response;
    const absl::Status status = pg::InTransaction(world_.db.pool(), of.deadline, [&](pg::Session& session) {
      CountingSession counting(session);
      response.Clear();
      const cases::Opening opening{serials, world_.duties, world_.policy};
      const absl::Status done =
          InTx(counting, of, [&](Tx& tx) { return cases::HandOff(opening, tx, input_, response); });
      runs_ = counting.runs;
      return done;
    });
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  v1::HandOffFromCounterResponse HandOff() { return HandOff(world_.serials); }

  CaseWorld world_;
  v1::HandOffFromCounterRequest input_;
  int runs_ = 0;
};

TEST_F(HandOffTest, AsksOnlyForDutyAndThatOnce) {
  HandOff();
  EXPECT_EQ(runs_, 1);
  HandOff();
  EXPECT_EQ(runs_, 0);
}

TEST_F(HandOffTest, DrawsACodeThatIsTakenAgain) {
  const std::string first = HandOff().ticket().display_code();
  // The serials have come round: another process is given the same block.
  world_.db.Sql("ALTER SEQUENCE intake.case_serial RESTART");
  Serials again(world_.serials_pool);
  const std::string second = HandOff(again).ticket().display_code();
  EXPECT_EQ(first.substr(0, 14), "0102-26-000001");
  EXPECT_EQ(second.substr(0, 14), "0102-26-000002");
}

TEST_F(HandOffTest, BeforeTheShiftIsForItsOfficerLater) {
  world_.now = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 7, 0);
  const auto handed = HandOff();
  EXPECT_THAT(handed, Partially("ticket: {later: true owner_display_name: '王建国'} "
                                "case: {hand_off: {clerk: 'staff/chen' counter: '3 号'} owner: 'staff/wang'}"));
  EXPECT_EQ(rpc::FromProto(handed.ticket().attend_time()), calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 9, 0));
  // Four hours of opening time from nine.
  EXPECT_EQ(rpc::FromProto(handed.case_().next_action().due_time()),
            calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 14, 30));
}

TEST_F(HandOffTest, KeepsPeopleOutOfEveryTable) {
  v1::Party& party = *input_.mutable_case_()->mutable_parties(0);
  party.set_display_name("金丝雀");
  party.set_phone_number("+8613800138000");
  party.set_resident_id("11010519491231002X");
  input_.mutable_case_()->set_summary("金丝雀说的话");
  HandOff();
  EXPECT_EQ(world_.db.Sql("SELECT count(*) FROM backbone.task"), "3");
  for (const char* table : {"backbone.task", "backbone.event", "intake.cases", "intake.case_search"}) {
    const std::string found = world_.db.Sql(std::string("SELECT count(*) FROM ") + table +
                                            " AS t WHERE t::text ~ '金丝雀|138001|11010519491231' OR "
                                            "t::text LIKE '%' || encode('金丝雀', 'hex') || '%' OR "
                                            "t::text LIKE '%' || encode('138001', 'hex') || '%'");
    EXPECT_EQ(found, "0") << table;
  }
}

}  // namespace
}  // namespace xxt::intake
