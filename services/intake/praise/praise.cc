#include <string>

#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/hall/hall.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/praise.grpc.pb.h"

namespace xxt::intake {
namespace {

const store::Table<v1::Praise> kPraises("intake.praises", &cases::kCases,
                                        {.lists = {{"of_case", {"case_id"}, "record_number"}},
                                         .append_only = true,
                                         .serial = "record_number"});

absl::Status Record(Tx& tx, const v1::RecordPraiseRequest& request, v1::Praise& made) {
  made = request.praise();
  if (rpc::FromProto(made.receive_date()) > calendar::ToCivilDay(tx.now)) {
    return errors::FieldInvalid("praise.receive_date", "不能晚于今天", "must not lie in the future");
  }
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::Lock(tx, request.parent()));
  for (const std::string& officer : made.officers()) {
    XXT_RETURN_IF_ERROR(hall::HallOf(tx.session, officer).status());
  }
  made.set_name(kPraises.NewName(about.name(), tx.now));
  made.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, made.mutable_record_time());
  tx.Insert(kPraises, made);
  tx.Tell(about, "praise.recorded.v1", "收到一次表扬");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetPraiseRequest& request, v1::Praise& found) {
  return tx.Get(kPraises, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListPraisesRequest& request, v1::ListPraisesResponse& response) {
  return tx.List(kPraises, "of_case", request, &response);
}

class Service final : public edge::Serves<v1::PraiseService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordPraise, Praise, Record)
  XXT_READ(GetPraise, Praise, Get)
  XXT_READ(ListPraises, ListPraisesResponse, List)
};

}  // namespace

edge::Slice PraiseSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
