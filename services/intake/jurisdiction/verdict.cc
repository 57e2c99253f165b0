#include <optional>

#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/jurisdiction/verdict_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/verdict.grpc.pb.h"

namespace xxt::intake {
namespace {

const store::Table<v1::Verdict> kVerdicts("intake.verdicts", &cases::kCases,
                                          {.lists = {{"of_case", {"case_id"}, "record_number"}},
                                           .append_only = true,
                                           .serial = "record_number"});

absl::Status Record(Tx& tx, const v1::RecordVerdictRequest& request, v1::Verdict& made) {
  made = request.verdict();
  const bool not_ours = made.finding() == v1::Verdict::FINDING_NOT_OURS;
  std::optional<errors::Violation> fault =
      FindVerdictFault({not_ours, made.decision() != v1::Verdict::DECISION_UNSPECIFIED, !made.ground().empty()});
  if (fault.has_value()) return errors::FieldsInvalid({*fault});
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, request.parent()));
  made.set_name(kVerdicts.NewName(about.name(), tx.now));
  made.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, made.mutable_record_time());
  tx.Insert(kVerdicts, made);
  const bool above_has_said = made.decision() == v1::Verdict::DECISION_ESCALATE && about.escalation_answered();
  about.set_leads_on(made.finding() == v1::Verdict::FINDING_UNCLEAR || (not_ours && !above_has_said));
  about.set_not_ours(not_ours || made.finding() == v1::Verdict::FINDING_UNCLEAR);
  cases::Save(tx, about, "case.verdict_given.v1", not_ours ? "认定非本厅职责，继续帮办" : "已认定职责");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetVerdictRequest& request, v1::Verdict& found) {
  return tx.Get(kVerdicts, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListVerdictsRequest& request, v1::ListVerdictsResponse& response) {
  return tx.List(kVerdicts, "of_case", request, &response);
}

class Service final : public edge::Serves<v1::VerdictService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordVerdict, Verdict, Record)
  XXT_READ(GetVerdict, Verdict, Get)
  XXT_READ(ListVerdicts, ListVerdictsResponse, List)
};

}  // namespace

edge::Slice VerdictSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
