#ifndef XXT_SERVICES_REFERRAL_CHASE_ROOT_H_
#define XXT_SERVICES_REFERRAL_CHASE_ROOT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/referral/domain/referral.h"
#include "services/referral/storage/payload.h"
#include "xixinting/referral/v1/referral.pb.h"

// What the nouns that hang on a referral need of it. Until the referral has
// moved, it stands on the row that storage/referral_store.h writes; then `Root`
// is v1::Referral.
namespace xxt::referral::chase {

namespace v1 = ::xixinting::referral::v1;

// Says that children's keys and halls are in referral.referrals. An object, not
// a reference: children take its address before main.
extern const store::TableBase kReferrals;

// A referral that a transaction has locked.
struct Root {
  std::string name;  // "referrals/{uuid}"
  std::string hall;
  Referral row;
};

// The referral that `name` names or lies under, locked for this transaction:
// the first thing that any change within a referral does.
// Errors: RESOURCE_NOT_FOUND, OTHER_HALL.
absl::StatusOr<Root> Lock(Tx& tx, absl::string_view name);

// Queues its row after a change that does not move the chase, whose timer stays.
void Save(Tx& tx, Root& changed);

// The machine's kind that tells the case.
inline constexpr char kReportCaseKind[] = "referral.report_case";
// Queues its task. Counts it in the referral, which the use case inserts or
// saves afterwards.
void Report(Tx& tx, Referral& referral, ReportPayload report);

// As the messages have it.
v1::CutOff CutOffOf(const RecordedCutOff& recorded);

}  // namespace xxt::referral::chase

#endif  // XXT_SERVICES_REFERRAL_CHASE_ROOT_H_
