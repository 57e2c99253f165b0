// What a referral reports to its case, against the real store.

#include "services/intake/app/reports.h"

#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/pg/pool.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "gtest/gtest.h"
#include "services/intake/app/create_case.h"

namespace xxt::intake::app {
namespace {

constexpr char kHall[] = "halls/110102016";

// CreateReferral saw the case open; the reviewer was faster than the report.
TEST(ReportReferral, OfAReferralThatTheCaseDoesNotKnowIsRefusedOnceItIsClosed) {
  test::Database db("intake");
  const absl::Time now = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 10, 0);
  const identity::Caller officer{"staff/wang", kHall, {"officer"}, identity::HallScope::One(kHall)};
  const auto change = [&](auto body) { return pg::InTransaction(db.pool(), absl::Now() + absl::Seconds(30), body); };
  std::string name;
  Serials serials(db.pool());
  hall::DutyCache duties;
  ASSERT_TRUE(change([&](pg::Session& session) -> absl::Status {
                Case input;
                input.title = "丧葬费申领";
                input.hall = kHall;
                input.service_item = "丧葬费申领";
                input.parties.emplace_back();
                absl::StatusOr<Case> created =
                    CreateCase(session, officer, input, {serials, duties, Policy(), test::TestKeys()}, now);
                if (created.ok()) name = created->name();
                return created.status();
              }).ok());
  const auto report = [&](ReferralReport::Kind kind, const char* referral) {
    return change([&](pg::Session& session) {
      ReferralReport told;
      told.referral = referral;
      told.kind = kind;
      return ReportReferral(session, {"services/referral", "", {"service"}, identity::HallScope::All()}, name, told,
                            now);
    });
  };
  ASSERT_TRUE(report(ReferralReport::Kind::kOpened, "referrals/known").ok());
  db.Sql("UPDATE intake.cases SET state = 'CLOSED', next_action_time = 'infinity', close_time = now()");
  EXPECT_TRUE(absl::IsFailedPrecondition(report(ReferralReport::Kind::kOpened, "referrals/new")));
  EXPECT_TRUE(absl::IsFailedPrecondition(report(ReferralReport::Kind::kProgress, "referrals/new")));
  EXPECT_TRUE(report(ReferralReport::Kind::kEnded, "referrals/new").ok());
  EXPECT_TRUE(report(ReferralReport::Kind::kOpened, "referrals/known").ok());
}

}  // namespace
}  // namespace xxt::intake::app
