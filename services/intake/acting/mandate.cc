#include "services/intake/acting/mandate.h"

#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/acting/mandate_rules.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/paper/paper.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/mandate.grpc.pb.h"

namespace xxt::intake {
namespace mandate {
namespace {

constexpr char kMandateExpireKind[] = "mandate.expire";
constexpr char kMandateExpiredKind[] = "mandate.expired";

const store::Table<v1::Mandate> kMandates("intake.mandates", &cases::kCases,
                                          {.lists = {{"of_case", {"case_id"}, "id DESC"}}});
const store::Table<v1::InPersonItem> kInPersonItems("intake.in_person_items", &cases::kCases,
                                                    {.lists = {{"of_case", {"case_id"}, "record_number"}},
                                                     .append_only = true,
                                                     .serial = "record_number"});

using Mandates = google::protobuf::RepeatedPtrField<v1::Mandate>;
using InPersonItems = google::protobuf::RepeatedPtrField<v1::InPersonItem>;

// The last moment of its term.
absl::Time EndOf(const v1::Mandate& mandate) { return calendar::EndOfDay(rpc::FromProto(mandate.valid_to())); }

// Somebody who is there to sign or to act. Errors: RESOURCE_NOT_FOUND, STATE_FORBIDS.
absl::Status CheckParty(const v1::Case& about, const std::string& name) {
  const v1::Party* party = cases::FindParty(about, name);
  if (party == nullptr) return errors::NotFound("intake.xixinting/Party", name);
  if (cases::CanAct(*party)) return absl::OkStatus();
  return errors::StateForbids(name, "已故或不能自理的人不能委托，也不能受托",
                              "who is dead or cannot act neither gives a mandate nor acts by one");
}

// The signed paper is one of the case, and the hall has seen it. Errors: RESOURCE_NOT_FOUND, FIELD_INVALID.
absl::Status CheckEvidence(Tx& tx, const v1::Case& about, const std::string& name) {
  if (!absl::StartsWith(name, absl::StrCat(about.name(), "/"))) return errors::NotFound("intake.xixinting/Paper", name);
  v1::Paper paper;
  XXT_RETURN_IF_ERROR(tx.Get(paper::kPapers, name, &paper));
  if (paper.state() == v1::Paper::STATE_RECEIVED) return absl::OkStatus();
  return errors::FieldInvalid("mandate.evidence", "委托书尚未收到", "must be a paper that the hall has seen");
}

absl::StatusOr<bool> IsInPerson(Tx& tx, const v1::Case& about, const std::string& matter) {
  InPersonItems items;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kInPersonItems, "of_case", about.name(), &items));
  return std::any_of(items.begin(), items.end(),
                     [&](const v1::InPersonItem& item) { return MayBeSameMatter(item.matter(), matter); });
}

absl::Status Check(Tx& tx, const v1::Case& about, const v1::Mandate& mandate) {
  XXT_RETURN_IF_ERROR(CheckParty(about, mandate.principal()));
  XXT_RETURN_IF_ERROR(CheckParty(about, mandate.agent()));
  MandateFacts facts{.agent_is_principal = mandate.agent() == mandate.principal(),
                     .matter = mandate.matter(),
                     .from = rpc::FromProto(mandate.valid_from()),
                     .to = rpc::FromProto(mandate.valid_to())};
  XXT_ASSIGN_OR_RETURN(facts.in_person, IsInPerson(tx, about, mandate.matter()));
  const std::optional<errors::Violation> fault = FindMandateFault(facts, calendar::ToCivilDay(tx.now));
  if (fault.has_value()) return errors::FieldsInvalid({*fault});
  return CheckEvidence(tx, about, mandate.evidence());
}

absl::Status Create(Tx& tx, const v1::CreateMandateRequest& request, v1::Mandate& made) {
  made = request.mandate();
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  if (made.principal().empty()) made.set_principal(cases::ApplicantOf(about).name());
  if (!made.has_valid_from()) rpc::ToProto(calendar::ToCivilDay(tx.now), made.mutable_valid_from());
  XXT_RETURN_IF_ERROR(Check(tx, about, made));
  made.set_name(kMandates.NewName(about.name(), tx.now));
  made.set_state(v1::Mandate::STATE_IN_FORCE);
  made.set_author(tx.caller.subject);
  tx.Insert(kMandates, made);
  edge::Later(tx, kMandateExpireKind, made.name(), EndOf(made));
  tx.Tell(about, "mandate.created.v1", "已登记委托");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetMandateRequest& request, v1::Mandate& found) {
  return tx.Get(kMandates, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListMandatesRequest& request, v1::ListMandatesResponse& response) {
  return tx.List(kMandates, "of_case", request, &response);
}

void End(Tx& tx, v1::Mandate& mandate, v1::Mandate::State state) {
  mandate.set_state(state);
  rpc::ToProto(tx.now, mandate.mutable_end_time());
  edge::Never(tx, kMandateExpireKind, mandate.name());
  tx.Save(kMandates, mandate);
}

absl::Status Revoke(Tx& tx, const v1::RevokeMandateRequest& request, v1::Mandate& mandate) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kMandates, request.name(), request.etag(), &mandate));
  if (mandate.state() != v1::Mandate::STATE_IN_FORCE) {
    return errors::StateForbids(mandate.name(), "这份委托已不再有效", "the mandate is not in force");
  }
  mandate.set_revoke_reason(request.reason());
  End(tx, mandate, v1::Mandate::STATE_REVOKED);
  tx.Tell(about, "mandate.revoked.v1", "委托已撤销");
  return absl::OkStatus();
}

absl::Status RecordInPerson(Tx& tx, const v1::RecordInPersonItemRequest& request, v1::InPersonItem& made) {
  made = request.in_person_item();
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  Mandates mandates;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kMandates, "of_case", about.name(), &mandates));
  for (const v1::Mandate& mandate : mandates) {
    if (mandate.state() != v1::Mandate::STATE_IN_FORCE) continue;
    if (!MayBeSameMatter(mandate.matter(), made.matter())) continue;
    return errors::StateForbids(mandate.name(), "已有委托他人办理这件事，请先撤销委托",
                                "a mandate for it is in force: revoke that first");
  }
  made.set_name(kInPersonItems.NewName(about.name(), tx.now));
  made.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, made.mutable_record_time());
  tx.Insert(kInPersonItems, made);
  tx.Tell(about, "mandate.in_person_recorded.v1", "登记一项须本人到场的服务事项");
  return absl::OkStatus();
}

absl::Status ListInPerson(Tx& tx, const v1::ListInPersonItemsRequest& request,
                          v1::ListInPersonItemsResponse& response) {
  return tx.List(kInPersonItems, "of_case", request, &response);
}

void Ask(Tx& tx, const v1::Case& about, const v1::Mandate& expired) {
  cases::AskOwner(tx, about, kMandateExpiredKind, expired.name(),
                  absl::StrCat("委托已到期，如仍须代办请另签：", about.display_code()));
}

// Its last day is over. In a closed case nobody needs another, before it is reopened (AskOfExpired).
absl::Status Expire(Tx& tx, const tasks::Task& task) {
  v1::Mandate mandate;
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockWith(tx, kMandates, task.subject, "", &mandate));
  if (mandate.state() != v1::Mandate::STATE_IN_FORCE) return absl::OkStatus();
  End(tx, mandate, v1::Mandate::STATE_EXPIRED);
  tx.Tell(about, "mandate.expired.v1", "委托已到期");
  if (cases::IsOpen(about)) Ask(tx, about, mandate);
  return absl::OkStatus();
}

bool EndsWithItsPeople(const v1::Case& about, const v1::Mandate& mandate) {
  const v1::Party* principal = cases::FindParty(about, mandate.principal());
  const v1::Party* agent = cases::FindParty(about, mandate.agent());
  return EndsWith({.principal_dead = principal == nullptr || principal->deceased(),
                   .agent_dead = agent == nullptr || agent->deceased(),
                   .agent_cannot_act = agent == nullptr || agent->not_told()});
}

// As if it had never ended: it may have expired meanwhile.
void BringBack(Tx& tx, v1::Mandate& mandate) {
  if (EndOf(mandate) <= tx.now) return End(tx, mandate, v1::Mandate::STATE_EXPIRED);
  mandate.set_state(v1::Mandate::STATE_IN_FORCE);
  mandate.clear_end_time();
  tx.Save(kMandates, mandate);
  edge::Later(tx, kMandateExpireKind, mandate.name(), EndOf(mandate));
}

class Service final : public edge::Serves<v1::MandateService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateMandate, Mandate, Create)
  XXT_READ(GetMandate, Mandate, Get)
  XXT_READ(ListMandates, ListMandatesResponse, List)
  XXT_CHANGE(RevokeMandate, Mandate, Revoke)
  XXT_CHANGE(RecordInPersonItem, InPersonItem, RecordInPerson)
  XXT_READ(ListInPersonItems, ListInPersonItemsResponse, ListInPerson)
};

}  // namespace

absl::StatusOr<bool> ActsBy(Tx& tx, const v1::Case& about, const std::string& agent) {
  v1::ListMandatesRequest all;
  all.set_parent(about.name());
  all.set_page_size(100);
  v1::ListMandatesResponse mandates;
  XXT_RETURN_IF_ERROR(tx.List(kMandates, "of_case", all, &mandates));
  return std::any_of(mandates.mandates().begin(), mandates.mandates().end(), [&](const v1::Mandate& mandate) {
    return mandate.agent() == agent && mandate.state() == v1::Mandate::STATE_IN_FORCE && EndOf(mandate) > tx.now &&
           rpc::FromProto(mandate.valid_from()) <= calendar::ToCivilDay(tx.now);
  });
}

absl::Status ReviewAll(Tx& tx, const v1::Case& about) {
  Mandates mandates;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kMandates, "of_case", about.name(), &mandates));
  for (v1::Mandate& mandate : mandates) {
    const bool ends = EndsWithItsPeople(about, mandate);
    if (ends && mandate.state() == v1::Mandate::STATE_IN_FORCE) End(tx, mandate, v1::Mandate::STATE_ENDED);
    if (!ends && mandate.state() == v1::Mandate::STATE_ENDED) BringBack(tx, mandate);
  }
  return absl::OkStatus();
}

absl::Status AskOfExpired(Tx& tx, const v1::Case& reopened, absl::Time closed) {
  Mandates mandates;
  XXT_RETURN_IF_ERROR(tx.LoadAll(kMandates, "of_case", reopened.name(), &mandates));
  for (const v1::Mandate& mandate : mandates) {
    const bool expired = mandate.state() == v1::Mandate::STATE_EXPIRED;
    if (expired && rpc::FromProto(mandate.end_time()) >= closed) Ask(tx, reopened, mandate);
  }
  return absl::OkStatus();
}

}  // namespace mandate

edge::Slice MandateSlice(const edge::Host& host) {
  return {{edge::Timer(host, mandate::kMandateExpireKind, mandate::Expire, cases::ShowDead)},
          {edge::Desk(host, mandate::kMandateExpiredKind, {"SEEN"}, edge::Seen)},
          {edge::ServiceOf<mandate::Service>()}};
}

}  // namespace xxt::intake
