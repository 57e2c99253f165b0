#include "services/referral/referrals/dead_task.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/macros.h"
#include "services/referral/referrals/bounced.h"
#include "services/referral/referrals/referrals.h"
#include "services/referral/slices.h"

namespace xxt::referral {
namespace referrals {
namespace {

constexpr char kDeadTaskKind[] = "referral.dead_task";

absl::Status Seen(Tx&, const tasks::Task&, const tasks::Completion&) { return absl::OkStatus(); }

}  // namespace

absl::Status OnDead(Tx& tx, const tasks::Task& dead, absl::string_view reason) {
  log::Error("referral.task_dead", {{"task", dead.id}, {"kind", dead.kind}, {"reason", reason}});
  v1::Referral about;
  XXT_RETURN_IF_ERROR(tx.Get(kReferrals, dead.subject, &about));
  tasks::NewTask task;
  task.kind = kDeadTaskKind;
  task.subject = dead.subject;
  task.dedupe_key = absl::StrCat(kDeadTaskKind, "/", dead.id);
  task.lane = tasks::Lane::kDesk;
  task.hall = about.hall();
  task.assignee = about.owner();
  task.summary = absl::StrCat("系统有一步没有做成（", dead.kind, "），请查看这件协查并告知管理员");
  tasks::Enqueue(tx.session, std::move(task));
  return absl::OkStatus();
}

}  // namespace referrals

edge::Slice ReferralSlice(const edge::Host& host) {
  return {{}, {edge::Desk(host, referrals::kDeadTaskKind, {"SEEN"}, referrals::Seen), bounced::VerifyKind(host)}, {}};
}

}  // namespace xxt::referral
