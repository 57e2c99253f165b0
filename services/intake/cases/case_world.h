#ifndef XXT_SERVICES_INTAKE_CASES_CASE_WORLD_H_
#define XXT_SERVICES_INTAKE_CASES_CASE_WORLD_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "common/store/tx.h"
#include "common/testing/as.h"
#include "common/testing/database.h"
#include "common/testing/protos.h"
#include "services/intake/cases/open.h"

// Cases in a database of their own, without a service around them: for tests of
// what a transaction does.
namespace xxt::intake {

inline constexpr char kHallOfCases[] = "halls/110102016";

class CaseWorld {
 public:
  CaseWorld() {
    db.Sql(
        "INSERT INTO intake.staff VALUES ('staff/wang', '王建国', 'halls/110102016'), "
        "('staff/li', '李敏', 'halls/110102016')");
  }

  static identity::Caller Officer(const char* name = "staff/wang") {
    return {name, kHallOfCases, {"officer"}, identity::HallScope::One(kHallOfCases)};
  }
  static identity::Caller Service(const char* name) { return {name, "", {"service"}, identity::HallScope::All()}; }

  // One transaction of `caller`, now.
  absl::Status Change(const identity::Caller& caller, absl::FunctionRef<absl::Status(Tx&)> body) {
    return test::As(caller, now, db.pool(), body);
  }

  // What is enough for a new case.
  static v1::CreateCaseRequest Input() {
    return test::Text<v1::CreateCaseRequest>(
        "case: {title: '丧葬费申领' hall: 'halls/110102016' service_item: '丧葬费申领' "
        "parties: {role: ROLE_APPLICANT display_name: '沈玉兰'}}");
  }
  // A new case of the officer's.
  v1::Case Opened() {
    v1::Case created;
    const absl::Status status = Change(Officer(), [&](Tx& tx) { return cases::Create(opening, tx, Input(), created); });
    EXPECT_TRUE(status.ok()) << status;
    return created;
  }
  v1::Case Read(const std::string& name) {
    v1::Case found;
    const absl::Status status = Change(Officer(), [&](Tx& tx) { return tx.Get(cases::kCases, name, &found); });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }

  test::Database db{"intake"};
  absl::Time now = calendar::AtTimeOfDay(absl::CivilDay(2026, 3, 6), 10, 0);
  const Policy policy;
  pg::Pool serials_pool{db.options()};
  Serials serials{serials_pool};
  hall::DutyCache duties;
  const cases::Opening opening{serials, duties, policy};
};

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_CASES_CASE_WORLD_H_
