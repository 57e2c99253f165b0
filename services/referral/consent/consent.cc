#include "services/referral/consent/consent.h"

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"

namespace xxt::referral::consent {
namespace {

constexpr pg::Statement kShare{"consent.share", "SELECT pg_advisory_xact_lock_shared(hashtextextended($1::text, 1))"};
constexpr pg::Statement kLock{"consent.lock", "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 1))"};
constexpr pg::Statement kWithdrawn{"consent.withdrawn", "SELECT id FROM referral.withdrawals WHERE recorded_in = $1"};

absl::StatusOr<std::string> Find(Tx& tx, const std::string& recorded_in) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kWithdrawn, recorded_in));
  return rows.empty() ? "" : absl::StrCat("withdrawals/", rows[0].View(0));
}

}  // namespace

const store::Table<v1::Withdrawal> kWithdrawals("referral.withdrawals",
                                                {.columns = {"case_name", "hall", "recorded_in"},
                                                 .lists = {{"of_case", {"case_name"}, "id DESC", store::Of::kHalls}}});

absl::Status CheckStands(Tx& tx, const v1::LawfulBasis& basis, absl::string_view at) {
  if (basis.kind() != v1::LawfulBasis::KIND_CONSENT) return absl::OkStatus();
  tx.session.Queue(kShare, basis.recorded_in());
  XXT_ASSIGN_OR_RETURN(const std::string withdrawn, Find(tx, basis.recorded_in()));
  if (withdrawn.empty()) return absl::OkStatus();
  return errors::LawfulBasisMissing(absl::StrCat(at, ".lawful_basis.recorded_in"));
}

absl::StatusOr<std::string> LockAndFind(Tx& tx, const std::string& recorded_in) {
  tx.session.Queue(kLock, recorded_in);
  return Find(tx, recorded_in);
}

bool RestsOn(const v1::LawfulBasis& basis, absl::string_view recorded_in) {
  return basis.kind() == v1::LawfulBasis::KIND_CONSENT && basis.recorded_in() == recorded_in;
}

}  // namespace xxt::referral::consent
