#include <optional>

#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/jurisdiction/consultation_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/consultation.grpc.pb.h"

namespace xxt::intake {
namespace {

const store::Table<v1::Consultation> kConsultations("intake.consultations", &cases::kCases,
                                                    {.lists = {{"of_case", {"case_id"}, "record_number"}},
                                                     .append_only = true,
                                                     .serial = "record_number"});

absl::Status Record(Tx& tx, const v1::RecordConsultationRequest& request, v1::Consultation& made) {
  made = request.consultation();
  if (!made.has_occur_time()) rpc::ToProto(tx.now, made.mutable_occur_time());
  const bool agreed = made.result() == v1::Consultation::RESULT_AGREED;
  std::optional<errors::Violation> fault = FindConsultationFault(
      {made.panel_size(), agreed, !made.decision().empty(), rpc::FromProto(made.occur_time())}, tx.now);
  if (fault.has_value()) return errors::FieldsInvalid({*fault});
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  made.set_name(kConsultations.NewName(about.name(), tx.now));
  made.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, made.mutable_record_time());
  tx.Insert(kConsultations, made);
  tx.Tell(about, "consultation.recorded.v1", agreed ? "会商已形成意见" : "会商未找到办法");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetConsultationRequest& request, v1::Consultation& found) {
  return tx.Get(kConsultations, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListConsultationsRequest& request, v1::ListConsultationsResponse& response) {
  return tx.List(kConsultations, "of_case", request, &response);
}

class Service final : public edge::Serves<v1::ConsultationService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordConsultation, Consultation, Record)
  XXT_READ(GetConsultation, Consultation, Get)
  XXT_READ(ListConsultations, ListConsultationsResponse, List)
};

}  // namespace

edge::Slice ConsultationSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
