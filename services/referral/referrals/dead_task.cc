#include "services/referral/referrals/dead_task.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "services/referral/referrals/bounced.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/slices.h"

namespace xxt::referral {
namespace referrals {
namespace {

constexpr char kDeadTaskKind[] = "referral.dead_task";

}  // namespace

absl::Status ShowDead(Tx& tx, const tasks::Task& dead, absl::string_view) {
  const std::string name(store::RootNameOf(dead.subject));
  XXT_ASSIGN_OR_RETURN(const std::string hall, tx.HallOf(kReferrals, name));
  // One that cannot be read is anybody's of the hall.
  v1::Referral about;
  tx.Get(kReferrals, name, &about).IgnoreError();
  edge::ShowDead(tx, dead,
                 {.kind = kDeadTaskKind,
                  .subject = name,
                  .hall = hall,
                  .assignee = about.owner(),
                  .summary = absl::StrCat("系统有一步没有做成（", dead.kind, "），请查看这件协查并告知管理员")});
  return absl::OkStatus();
}

}  // namespace referrals

edge::Slice ReferralSlice(const edge::Host& host) {
  return {{},
          {edge::Desk(host, referrals::kDeadTaskKind, {"SEEN"}, edge::Seen), bounced::VerifyKind(host),
           bounced::StaleKind(host)},
          {}};
}

}  // namespace xxt::referral
