#include "services/referral/chase/root.h"

#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/identity/caller.h"
#include "common/rpc/timestamp.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/storage/referral_store.h"

namespace xxt::referral::chase {

const store::TableBase kReferrals(&v1::Referral::descriptor, "referral.referrals", nullptr,
                                  {.columns = {"hall"}, .foreign = true});

absl::StatusOr<Root> Lock(Tx& tx, absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');  // the edge has seen to their form
  Root root;
  XXT_ASSIGN_OR_RETURN(root.row, referral_store::GetForChange(tx.session, parts[1]));
  root.name = root.row.name();
  root.hall = root.row.hall;
  XXT_RETURN_IF_ERROR(identity::CheckHall(tx.caller, root.hall, root.name));
  tx.Locked(root.name, root.row.key);
  return root;
}

void Save(Tx& tx, Root& changed) {
  changed.row.update_time = tx.now;
  referral_store::Update(tx.session, &changed.row);
}

void Report(Tx& tx, Referral& referral, ReportPayload report) {
  report.version = ++referral.report_count;
  tasks::NewTask task;
  task.kind = kReportCaseKind;
  task.subject = referral.name();
  task.payload = WritePayload(report);
  tasks::Enqueue(tx.session, std::move(task));
}

v1::CutOff CutOffOf(const RecordedCutOff& recorded) {
  v1::CutOff cut_off;
  cut_off.set_rule_note(recorded.rule_note);
  rpc::ToProto(recorded.anchor_day, cut_off.mutable_anchor_day());
  rpc::ToProto(recorded.cut_off.last_day, cut_off.mutable_last_day());
  rpc::ToProto(recorded.cut_off.last_safe_day, cut_off.mutable_last_safe_day());
  cut_off.set_provisional(recorded.cut_off.provisional);
  cut_off.set_irrevocable(recorded.irrevocable);
  return cut_off;
}

}  // namespace xxt::referral::chase
