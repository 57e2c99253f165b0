#include "services/intake/paper/life.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/calendar/opening_hours.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/hall/hall.h"
#include "services/intake/paper/paper.h"

namespace xxt::intake::paper {
namespace {

// The paper that `name` names, of an open case, and the case.
absl::StatusOr<v1::Case> LoadOpen(Tx& tx, const std::string& name, const std::string& etag, v1::Paper* paper) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::LockOpen(tx, name));
  XXT_RETURN_IF_ERROR(tx.Load(kPapers, name, etag, paper));
  return about;
}

void Keep(Tx& tx, const v1::Case& about, v1::Paper& paper, v1::Paper::State state, absl::string_view event,
          absl::string_view words) {
  paper.set_state(state);
  tx.Save(kPapers, paper);
  tx.Tell(about, event, absl::StrCat(words, paper.title()));
}

absl::Status NotReceived(const v1::Paper& paper) {
  return errors::StateForbids(paper.name(), "这份材料尚未收到", "the paper is not received");
}

// The person has to know: their case's owner tells them next.
absl::Status TellNext(Tx& tx, v1::Case& about, const v1::Paper& paper) {
  XXT_ASSIGN_OR_RETURN(const calendar::OpeningHours hours, hall::LoadHours(tx.session, about.hall()));
  const std::string action = absl::StrCat("告诉当事人差在哪里、怎样才行：", paper.title());
  cases::SetNextAction(tx, about, action, hours.NextOpen(tx.now));
  cases::Save(tx, about, "case.next_action_set.v1", absl::StrCat("下一步：", action));
  return absl::OkStatus();
}

}  // namespace

absl::Status Receive(Tx& tx, const v1::ReceivePaperRequest& request, v1::Paper& received) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LoadOpen(tx, request.name(), request.etag(), &received));
  if (received.state() == v1::Paper::STATE_RECEIVED || received.state() == v1::Paper::STATE_VERIFIED) {
    return absl::OkStatus();
  }
  if (received.state() == v1::Paper::STATE_NOT_NEEDED) {
    return errors::StateForbids(received.name(), "这份材料已不再需要", "the paper is not needed any more");
  }
  Keep(tx, about, received, v1::Paper::STATE_RECEIVED, "paper.received.v1", "已收到材料：");
  return absl::OkStatus();
}

absl::Status Verify(Tx& tx, const v1::VerifyPaperRequest& request, v1::Paper& verified) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LoadOpen(tx, request.name(), request.etag(), &verified));
  if (verified.state() == v1::Paper::STATE_VERIFIED) return absl::OkStatus();
  if (verified.state() != v1::Paper::STATE_RECEIVED) return NotReceived(verified);
  Keep(tx, about, verified, v1::Paper::STATE_VERIFIED, "paper.verified.v1", "材料核对无误：");
  return absl::OkStatus();
}

absl::Status FindDeficient(Tx& tx, const v1::FindPaperDeficientRequest& request, v1::Paper& deficient) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, LoadOpen(tx, request.name(), request.etag(), &deficient));
  if (!InHand(deficient)) return NotReceived(deficient);
  v1::Paper::Deficiency& deficiency = *deficient.mutable_deficiency();
  deficiency.set_reason(request.reason());
  deficiency.set_good_enough(request.good_enough());
  deficiency.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, deficiency.mutable_find_time());
  Keep(tx, about, deficient, v1::Paper::STATE_DEFICIENT, "paper.deficient.v1", "材料不合格，已写明怎样才行：");
  return TellNext(tx, about, deficient);
}

absl::Status Substitute(Tx& tx, const v1::SubstitutePaperRequest& request, v1::Paper& substituted) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, LoadOpen(tx, request.name(), request.etag(), &substituted));
  if (InHand(substituted) || substituted.state() == v1::Paper::STATE_NOT_NEEDED) {
    return errors::StateForbids(substituted.name(), "这份材料已收到或已不再需要",
                                "the paper is in hand, or not needed any more");
  }
  v1::Paper::Substitution& substitution = *substituted.mutable_substitution();
  substitution.set_title(request.title());
  substitution.set_basis(request.basis());
  substitution.set_author(tx.caller.subject);
  rpc::ToProto(tx.now, substitution.mutable_substitute_time());
  Keep(tx, about, substituted, v1::Paper::STATE_SUBSTITUTED, "paper.substituted.v1", "材料以他件替代：");
  return absl::OkStatus();
}

}  // namespace xxt::intake::paper
