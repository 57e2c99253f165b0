#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/people/mandate_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/mandate.grpc.pb.h"

namespace xxt::intake {
namespace {

constexpr char kExpireKind[] = "mandate.expire";

using Mandates = google::protobuf::RepeatedPtrField<v1::Mandate>;

const store::Table<v1::Mandate> kMandates("intake.mandates", &cases::kCases,
                                          {.lists = {{"of_case", {"case_id"}, "id DESC"}}});

void End(Tx& tx, v1::Mandate& mandate, v1::Mandate::State state, const std::string& reason) {
  mandate.set_state(state);
  mandate.set_state_reason(reason);
  rpc::ToProto(tx.now, mandate.mutable_end_time());
  tx.Save(kMandates, mandate);
}

const v1::Mandate* FindRuledOut(const Mandates& mandates, absl::string_view matter) {
  const auto found = std::find_if(mandates.begin(), mandates.end(), [&](const v1::Mandate& one) {
    return one.state() == v1::Mandate::STATE_RULED_OUT && one.matter() == matter;
  });
  return found == mandates.end() ? nullptr : &*found;
}

absl::Status Check(const Tx& tx, const v1::Case& about, const v1::Mandate& made) {
  for (const std::string& party : {made.principal(), made.agent()}) {
    if (!cases::HasParty(about, party)) return errors::NotFound("intake.xixinting/Party", party);
  }
  std::vector<errors::Violation> faults =
      FindMandateFaults({.matter = made.matter(),
                         .agent_is_principal = made.agent() == made.principal(),
                         .principal_deceased = cases::FindParty(about, made.principal())->deceased(),
                         .agent_deceased = cases::FindParty(about, made.agent())->deceased(),
                         .first = rpc::FromProto(made.start_date()),
                         .last = rpc::FromProto(made.end_date())},
                        calendar::ToCivilDay(tx.now));
  return faults.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(faults));
}

absl::Status Record(Tx& tx, const v1::RecordMandateRequest& request, v1::Mandate& made) {
  made = request.mandate();
  made.set_matter(std::string(absl::StripAsciiWhitespace(made.matter())));
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  XXT_RETURN_IF_ERROR(Check(tx, about, made));
  Mandates before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kMandates, "of_case", about.name(), &before));
  if (const v1::Mandate* ruled_out = FindRuledOut(before, made.matter()); ruled_out != nullptr) {
    return errors::StateForbids(ruled_out->name(), "这件事须本人办理，不能委托他人",
                                "this matter must be done in person: nobody can be given it");
  }
  made.set_name(kMandates.NewName(about.name(), tx.now));
  made.set_state(v1::Mandate::STATE_IN_FORCE);
  made.set_author(tx.caller.subject);
  tx.Insert(kMandates, made);
  tx.Tell(about, "mandate.recorded.v1", "登记一份委托");
  edge::Later(tx, kExpireKind, made.name(), calendar::EndOfDay(rpc::FromProto(made.end_date())));
  return absl::OkStatus();
}

absl::Status RuleOut(Tx& tx, const v1::RuleOutMandateRequest& request, v1::Mandate& made) {
  const std::string matter(absl::StripAsciiWhitespace(request.matter()));
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  Mandates before;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kMandates, "of_case", about.name(), &before));
  if (const v1::Mandate* ruled_out = FindRuledOut(before, matter); ruled_out != nullptr) {
    return errors::StateForbids(ruled_out->name(), "已记明须本人办理",
                                "that it must be done in person is recorded already");
  }
  for (v1::Mandate& mandate : before) {
    if (mandate.state() != v1::Mandate::STATE_IN_FORCE || mandate.matter() != matter) continue;
    End(tx, mandate, v1::Mandate::STATE_REVOKED, request.source());
    edge::Never(tx, kExpireKind, mandate.name());
  }
  made.set_name(kMandates.NewName(about.name(), tx.now));
  made.set_matter(matter);
  made.set_state(v1::Mandate::STATE_RULED_OUT);
  made.set_state_reason(request.source());
  made.set_author(tx.caller.subject);
  tx.Insert(kMandates, made);
  tx.Tell(about, "mandate.ruled_out.v1", "一件事须本人办理");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetMandateRequest& request, v1::Mandate& found) {
  return tx.Get(kMandates, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListMandatesRequest& request, v1::ListMandatesResponse& response) {
  return tx.List(kMandates, "of_case", request, &response);
}

absl::Status Revoke(Tx& tx, const v1::RevokeMandateRequest& request, v1::Mandate& mandate) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kMandates, request.name(), request.etag(), &mandate));
  if (mandate.state() != v1::Mandate::STATE_IN_FORCE) {
    return errors::StateForbids(mandate.name(), "委托已终止", "the mandate is not in force");
  }
  End(tx, mandate, v1::Mandate::STATE_REVOKED, request.reason());
  tx.Tell(about, "mandate.revoked.v1", "撤销一份委托");
  edge::Never(tx, kExpireKind, mandate.name());
  return absl::OkStatus();
}

// Its last day is over.
absl::Status Expire(Tx& tx, const tasks::Task& task) {
  v1::Mandate mandate;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kMandates, task.subject, "", &mandate));
  if (mandate.state() != v1::Mandate::STATE_IN_FORCE) return absl::OkStatus();
  End(tx, mandate, v1::Mandate::STATE_EXPIRED, "");
  tx.Tell(about, "mandate.expired.v1", "一份委托到期");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::MandateService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(RecordMandate, Mandate, Record)
  XXT_CHANGE(RuleOutMandate, Mandate, RuleOut)
  XXT_READ(GetMandate, Mandate, Get)
  XXT_READ(ListMandates, ListMandatesResponse, List)
  XXT_CHANGE(RevokeMandate, Mandate, Revoke)
};

}  // namespace

edge::Slice MandateSlice(const edge::Host& host) {
  return {{edge::Timer(host, kExpireKind, Expire, cases::ShowDead)}, {}, {edge::ServiceOf<Service>()}};
}

}  // namespace xxt::intake
